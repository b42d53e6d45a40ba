#pragma once

#include <QByteArrayView>
#include <QString>

namespace photolift::decode {

/// The description inside an ICC profile, such as "Display P3"; empty when there is none.
QString iccProfileName(QByteArrayView profile);

} // namespace photolift::decode
