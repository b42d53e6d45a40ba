#include "models/store/phototraits.h"

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {

struct KnownType {
    QLatin1StringView name;
    bool hasTransparency;
    bool isAnimated;
};
constexpr std::array<KnownType, 10> KnownTypes{{{"JPEG"_L1, false, false},
                                                {"PNG"_L1, true, true},
                                                {"WebP"_L1, true, true},
                                                {"GIF"_L1, true, true},
                                                {"TIFF"_L1, true, false},
                                                {"HEIF"_L1, true, true},
                                                {"AVIF"_L1, true, true},
                                                {"JPEG XL"_L1, true, true},
                                                {"RAW"_L1, false, false},
                                                {"XMP"_L1, false, false}}};
/// The product opens at most 250 MP of any picture (FAULTS C-18).
constexpr qint64 MaxPixels = 250'000'000;

} // namespace

std::optional<PhotoTraits> traitsOfPhotoType(QStringView name)
{
    const auto *known = std::find_if(KnownTypes.begin(), KnownTypes.end(), [&](const KnownType &type) { return type.name == name; });
    if (known == KnownTypes.end())
        return std::nullopt;
    const bool isSidecar = known->name == "XMP"_L1; // holds no pixels
    return PhotoTraits{known->hasTransparency, known->isAnimated, isSidecar ? std::nullopt : std::optional(MaxPixels),
                       {{u"is_raw"_s, known->name == "RAW"_L1}, {u"is_sidecar"_s, isSidecar}}};
}

} // namespace photolift::store
