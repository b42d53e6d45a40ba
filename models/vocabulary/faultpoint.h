#pragma once

#include <QByteArrayView>

namespace photolift {

/// A named place where a fault test may end this process at once, as a power cut would: with PHOTOLIFT_KILL_AT=NAME or
/// NAME#3 (the third pass) in the environment, the process gets SIGKILL here. Without it, one comparison. Thread-safe.
void faultPoint(QByteArrayView name);

} // namespace photolift
