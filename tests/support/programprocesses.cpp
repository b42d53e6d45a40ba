#include "tests/support/programprocesses.h"

#include <QDir>
#include <QFile>

#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::support {

QList<qint64> processesOf(const QString &program)
{
    QList<qint64> found;
    struct stat file{};
    if (::stat(QFile::encodeName(program).constData(), &file) != 0)
        return found;
    const QStringList processes = QDir(u"/proc"_s).entryList(QDir::Dirs);
    for (const QString &process : processes) {
        bool isNumber = false;
        const qint64 number = process.toLongLong(&isNumber);
        struct stat running{};
        const QByteArray path = QFile::encodeName(u"/proc/"_s + process + u"/exe"_s);
        if (isNumber && ::stat(path.constData(), &running) == 0 && running.st_dev == file.st_dev && running.st_ino == file.st_ino)
            found.append(number);
    }
    return found;
}

qint64 peakResidentBytes(qint64 process)
{
    QFile status(u"/proc/%1/status"_s.arg(process));
    if (!status.open(QIODevice::ReadOnly))
        return 0;
    const QList<QByteArray> lines = status.readAll().split('\n');
    for (const QByteArray &line : lines) {
        if (line.startsWith("VmHWM:"))
            return line.sliced(6).simplified().split(' ').first().toLongLong() * 1024;
    }
    return 0;
}

qint64 cpuMs(qint64 process)
{
    QFile stat(u"/proc/%1/stat"_s.arg(process));
    if (!stat.open(QIODevice::ReadOnly))
        return 0;
    const QByteArray line = stat.readAll();
    if (line.isEmpty())
        return 0; // it went between the two
    // The name may hold spaces; behind it the state is field 3, utime field 14, stime field 15.
    const QList<QByteArray> fields = line.sliced(line.lastIndexOf(')') + 2).split(' ');
    return (fields.value(11).toLongLong() + fields.value(12).toLongLong()) * 1000 / ::sysconf(_SC_CLK_TCK);
}

} // namespace photolift::support
