#include "models/decode/keyindex.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace photolift::decode {

namespace {

using namespace std::string_view_literals;

constexpr std::array StandardGroups{"Image"sv, "Photo"sv, "GPSInfo"sv};
constexpr std::array OtherGroups{"Iop"sv, "Thumbnail"sv, "SubImage1"sv, "SubImage2"sv, "SubImage3"sv, "SubImage4"sv, "Image2"sv, "Image3"sv};
constexpr std::array AskedMakerGroups{"Canon"sv, "OlympusEq"sv, "Panasonic"sv, "PanasonicRaw"sv};

bool isIn(const auto &groups, const std::string &group)
{
    return std::find(groups.begin(), groups.end(), group) != groups.end();
}

template <typename Entries> auto firstOf(const Entries &entries, const char *key) -> typename Entries::mapped_type
{
    if (entries.empty())
        return nullptr;
    const auto found = entries.find(key);
    return found != entries.end() && found->second->count() > 0 ? found->second : nullptr;
}

} // namespace

ExifIndex::ExifIndex(const Exiv2::ExifData &exif)
    : m_exif(exif)
{
    for (const Exiv2::Exifdatum &entry : exif) {
        const std::string group = entry.groupName();
        const bool isStandard = isIn(StandardGroups, group);
        if (!isStandard && !isIn(OtherGroups, group))
            m_hasMakerNote = true;
        if (isStandard || isIn(AskedMakerGroups, group))
            m_entries.emplace(entry.key(), &entry);
    }
}

const Exiv2::Exifdatum *ExifIndex::find(const char *key) const
{
    return firstOf(m_entries, key);
}

XmpIndex::XmpIndex(const Exiv2::XmpData &xmp)
{
    for (const Exiv2::Xmpdatum &entry : xmp)
        m_entries.emplace(entry.key(), &entry);
}

const Exiv2::Xmpdatum *XmpIndex::find(const char *key) const
{
    return firstOf(m_entries, key);
}

} // namespace photolift::decode
