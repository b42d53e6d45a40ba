#pragma once

#include <QByteArray>

namespace photolift::server {

/// From the system's generator, fit for secrets. Ends the program when there are none to be had.
QByteArray randomBytes(int count);

} // namespace photolift::server
