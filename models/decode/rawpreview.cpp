#include "models/decode/rawpreview.h"

#include "models/decode/descriptorio.h"

#include <stdexcept>

namespace photolift::decode {

namespace {

constexpr std::uint32_t LargestPreviewBytes = 256U * 1024 * 1024;

/// The list is sorted from small to large. A JPEG is a preview by the camera; anything else was put together out of strips and
/// only counts when there is no JPEG.
const Exiv2::PreviewProperties *choose(const Exiv2::PreviewPropertiesList &list, PreviewChoice choice, int side)
{
    const bool hasJpeg = std::any_of(list.begin(), list.end(), [](const auto &properties) { return properties.mimeType_ == "image/jpeg"; });
    const Exiv2::PreviewProperties *best = nullptr;
    for (const Exiv2::PreviewProperties &properties : list) {
        if (properties.size_ > LargestPreviewBytes || (hasJpeg && properties.mimeType_ != "image/jpeg"))
            continue;
        best = &properties;
        const bool isEnough = static_cast<int>(std::max(properties.width_, properties.height_)) >= side;
        if (choice == PreviewChoice::ForThumbnail && isEnough)
            break;
    }
    return best;
}

} // namespace

RawPreviews readRawPreview(const OpenPhoto &photo, PreviewChoice choice, int side)
{
    RawPreviews previews;
    try {
        const auto image = Exiv2::ImageFactory::open(readThrough(photo));
        if (!image.get())
            throw std::runtime_error("unknown container");
        image->readMetadata();
        previews.isReadable = true;
        const Exiv2::PreviewManager manager(*image);
        const Exiv2::PreviewPropertiesList list = manager.getPreviewProperties();
        if (const Exiv2::PreviewProperties *properties = choose(list, choice, side)) {
            const Exiv2::PreviewImage picture = manager.getPreviewImage(*properties);
            previews.pictures.append(QByteArray(reinterpret_cast<const char *>(picture.pData()), static_cast<qsizetype>(picture.size())));
        }
    } catch (const std::exception &error) {
        previews.failure = QString::fromUtf8(error.what()).left(200);
    } catch (...) {
        previews.failure = QStringLiteral("an unknown exception of the RAW reader");
    }
    return previews;
}

} // namespace photolift::decode
