#pragma once

#include <QByteArray>
#include <QJsonObject>

namespace photolift::photo {

class Helper;

/// What `photolift-cli inspect` prints for one file; every key is there, null when unknown:
/// path, ok, error_code, mime, size, sha256, width, height, make, model, taken, offset, orientation, latitude, longitude, altitude, iso,
/// f_number, exposure_time, focal_length, lens, color_profile; path_base64 beside them when the name is not UTF-8.
/// `ok` is false when the file would not be tried or could not be read; error_code then says why. With `ok` true an error_code of
/// METADATA_UNREADABLE says that a photo hides its shooting data, which stops nothing.
/// Blocking, for seconds when the helper is slow: never call it on a thread with a window.
QJsonObject inspect(Helper &helper, const QByteArray &path);

} // namespace photolift::photo
