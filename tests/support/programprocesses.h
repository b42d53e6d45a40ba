#pragma once

#include <QList>
#include <QString>

namespace photolift::support {

/// The processes that run this program now, told by its file: in a sandbox it has another path. Empty when there is no such file.
QList<qint64> processesOf(const QString &program);

/// The most memory that a process has had resident so far, in bytes (VmHWM of Linux); 0 when it is gone.
qint64 peakResidentBytes(qint64 process);

/// What it has computed so far, all its threads together, in ms (ticks of 10); 0 when it is gone.
qint64 cpuMs(qint64 process);

} // namespace photolift::support
