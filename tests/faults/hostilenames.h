#pragma once

#include <QByteArray>
#include <QList>

namespace photolift::faults {

/// More than 200 file names that are legal on Linux and trouble somewhere else: all different, no '/' and no NUL.
QList<QByteArray> hostileNames();

} // namespace photolift::faults
