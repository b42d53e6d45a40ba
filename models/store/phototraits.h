#pragma once

#include <QJsonObject>
#include <QStringView>

#include <optional>

namespace photolift::store {

/// What is true of a kind of photo, whatever the file: the rest of its row in dim_photo_types.
struct PhotoTraits {
    bool hasTransparency;
    bool isAnimated;  ///< can hold an animation
    std::optional<qint64> maxPixels; ///< that the product opens; nullopt: no picture
    QJsonObject attributes;
};
/// nullopt for a kind that this program does not know.
std::optional<PhotoTraits> traitsOfPhotoType(QStringView name);

} // namespace photolift::store
