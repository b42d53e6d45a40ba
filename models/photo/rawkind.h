#pragma once

#include <QByteArrayView>
#include <QString>

namespace photolift::photo {

/// The media type of a camera's own format by its signature, such as image/x-nikon-nef; empty: it is none that we know.
QString rawMediaTypeOf(QByteArrayView firstBytes);

} // namespace photolift::photo
