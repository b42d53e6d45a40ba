#include "models/logs/rotatingfile.h"

#include "models/vocabulary/ids.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>

#include <cstdio>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::logs {

namespace {

constexpr qint64 DayMs = 24LL * 60 * 60 * 1000;

/// One process at a time renames and removes: what a name means must not change between the look at a file and what is done to it.
class NamesHeld
{
    Q_DISABLE_COPY_MOVE(NamesHeld)
public:
    explicit NamesHeld(const QString &folder)
        : m_descriptor(::open(QFile::encodeName(folder).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    {
        if (m_descriptor >= 0)
            ::flock(m_descriptor, LOCK_EX); // where there are no locks there is one process
    }
    ~NamesHeld()
    {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }

private:
    const int m_descriptor;
};

qint64 firstLineMs(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return nowMs();
    const QString instant = QJsonDocument::fromJson(file.readLine(64 * 1024)).object().value(u"ts"_s).toString();
    const QDateTime begun = QDateTime::fromString(instant, Qt::ISODateWithMs);
    return begun.isValid() ? begun.toMSecsSinceEpoch() : nowMs();
}

}

RotatingFile::RotatingFile(const QString &folder, QString name, qint64 maxBytes, int files, int keepDays)
    : m_folder(QDir::cleanPath(folder))
    , m_name(std::move(name))
    , m_maxBytes(maxBytes)
    , m_files(files)
    , m_keepDays(keepDays)
{
    // A person's alone from the first moment, whatever the umask; one of an earlier version becomes it.
    const QByteArray path = QFile::encodeName(m_folder);
    QDir().mkpath(QFileInfo(m_folder).path());
    if (::mkdir(path.constData(), 0700) != 0)
        ::chmod(path.constData(), 0700);
    const NamesHeld held(m_folder);
    dropOld();
}

RotatingFile::~RotatingFile()
{
    close();
}

QString RotatingFile::path(int number) const
{
    const QString suffix = number == 0 ? u".log"_s : QString(u'.' + QString::number(number) + u".log"_s);
    return m_folder + u'/' + m_name + suffix;
}

void RotatingFile::append(const QByteArray &line)
{
    if (m_descriptor < 0) {
        const NamesHeld held(m_folder);
        if (!openCurrent())
            return;
    }
    if (isDue(line.size()))
        rotate();
    if (m_descriptor >= 0 && ::write(m_descriptor, line.constData(), static_cast<size_t>(line.size())) < 0)
        close(); // a full disk, a vanished share: the next line tries anew
}

bool RotatingFile::openCurrent()
{
    m_descriptor = ::open(QFile::encodeName(path()).constData(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (m_descriptor < 0)
        return false;
    ::fchmod(m_descriptor, 0600);
    m_firstLineMs = firstLineMs(path());
    return true;
}

void RotatingFile::close()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
    m_descriptor = -1;
}

bool RotatingFile::isDue(qsizetype lineBytes) const
{
    struct stat status = {};
    if (::fstat(m_descriptor, &status) != 0 || status.st_size == 0)
        return false;
    // With m_files such spans the oldest line that can be left is m_keepDays old.
    const qint64 spanMs = m_keepDays * DayMs / m_files;
    return status.st_nlink == 0 || status.st_size + lineBytes > m_maxBytes || nowMs() - m_firstLineMs > spanMs;
}

void RotatingFile::rotate()
{
    const NamesHeld held(m_folder);
    // Whoever comes second sees that another process has renamed the file, and takes the new one.
    struct stat ours = {}, current = {};
    const bool isStillCurrent = ::fstat(m_descriptor, &ours) == 0 && ::stat(QFile::encodeName(path()).constData(), &current) == 0
        && ours.st_ino == current.st_ino && ours.st_dev == current.st_dev;
    if (isStillCurrent) {
        for (int number = m_files - 1; number > 0; --number)
            std::rename(QFile::encodeName(path(number - 1)).constData(), QFile::encodeName(path(number)).constData());
        dropOld();
    }
    close();
    openCurrent();
}

void RotatingFile::dropOld() const
{
    const QDateTime limit = QDateTime::currentDateTimeUtc().addDays(-m_keepDays);
    const QStringList names = QDir(m_folder).entryList({m_name + u"*.log"_s}, QDir::Files | QDir::NoSymLinks);
    for (const QString &name : names) {
        const QFileInfo file(m_folder + u'/' + name);
        if (file.lastModified() < limit)
            QFile::remove(file.filePath());
    }
}

} // namespace photolift::logs
