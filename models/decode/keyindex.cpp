#include "models/decode/keyindex.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace photolift::decode {

namespace {

using namespace std::string_view_literals;

constexpr std::array AskedGroups{"Image"sv, "Photo"sv, "GPSInfo"sv, "Canon"sv, "OlympusEq"sv, "Panasonic"sv, "PanasonicRaw"sv};
constexpr std::array StandardGroups{"Image"sv, "Photo"sv, "GPSInfo"sv, "Iop"sv, "Thumbnail"sv, "SubImage1"sv, "SubImage2"sv, "SubImage3"sv, "SubImage4"sv, "Image2"sv, "Image3"sv};
constexpr std::array AskedXmpGroups{"tiff"sv, "exif"sv, "exifEX"sv, "aux"sv, "xmp"sv, "photoshop"sv};

template <typename Groups> bool isIn(const Groups &groups, std::string_view group)
{
    return std::find(groups.begin(), groups.end(), group) != groups.end();
}

/// What is to be known of a group of EXIF. Exiv2 numbers its groups; the numbers are below a few hundred.
struct GroupFacts {
    bool isKnown = false;
    bool isAsked = false;
    bool isStandard = false;
};

/// Looks the name of each group up once: Exiv2 gives it as a string anew for each entry.
GroupFacts factsOf(const Exiv2::Exifdatum &entry)
{
    thread_local std::array<GroupFacts, 1024> known;
    const auto number = static_cast<std::size_t>(entry.ifdId());
    GroupFacts facts;
    if (number < known.size() && known[number].isKnown)
        return known[number];
    const std::string group = entry.groupName();
    facts = {true, isIn(AskedGroups, group), isIn(StandardGroups, group)};
    if (number < known.size())
        known[number] = facts;
    return facts;
}

quint32 numberOf(int group, quint16 tag)
{
    return static_cast<quint32>(group) << 16 | tag;
}

/// The number of a key that the program asks for; Exiv2 takes it apart once.
std::optional<quint32> numberOf(const char *key)
{
    thread_local std::unordered_map<std::string_view, std::optional<quint32>> known;
    if (const auto found = known.find(key); found != known.end())
        return found->second;
    std::optional<quint32> number;
    try {
        const Exiv2::ExifKey parsed(key);
        number = numberOf(parsed.ifdId(), parsed.tag());
    } catch (const Exiv2::AnyError &) {
        // a group that this Exiv2 does not know: no photo has it
    }
    known.emplace(key, number);
    return number;
}

template <typename Entries, typename Key> auto firstOf(const Entries &entries, const Key &key) -> typename Entries::value_type::second_type
{
    const auto found = std::find_if(entries.begin(), entries.end(), [&key](const auto &entry) { return entry.first == key; });
    return found != entries.end() && found->second->count() > 0 ? found->second : nullptr;
}

} // namespace

ExifIndex::ExifIndex(const Exiv2::ExifData &exif)
    : m_exif(exif)
{
    for (const Exiv2::Exifdatum &entry : exif) {
        const GroupFacts group = factsOf(entry);
        m_hasMakerNote = m_hasMakerNote || !group.isStandard;
        if (group.isAsked)
            m_entries.emplace_back(numberOf(entry.ifdId(), entry.tag()), &entry);
    }
}

const Exiv2::Exifdatum *ExifIndex::find(const char *key) const
{
    const std::optional<quint32> number = numberOf(key);
    return number ? firstOf(m_entries, *number) : nullptr;
}

XmpIndex::XmpIndex(const Exiv2::XmpData &xmp)
{
    for (const Exiv2::Xmpdatum &entry : xmp) {
        if (isIn(AskedXmpGroups, entry.groupName()))
            m_entries.emplace_back(entry.key(), &entry);
    }
}

const Exiv2::Xmpdatum *XmpIndex::find(const char *key) const
{
    return firstOf(m_entries, std::string_view(key));
}

} // namespace photolift::decode
