#include "models/context/rootfiles.h"

#include <QDir>
#include <QFileInfo>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::context {

namespace {
constexpr qsizetype MaxBytes = 64 * 1024;
constexpr qsizetype MaxLineLength = 128;
}

RootFiles::RootFiles(QString root)
    : m_root(std::move(root))
{
    if (!m_root.endsWith(u'/'))
        m_root += u'/';
}

QByteArray RootFiles::bytes(const QString &path) const
{
    // O_NONBLOCK: a FIFO or a device in the place of the file must not make us wait for its other end.
    const int descriptor = ::open(QFile::encodeName(m_root + path).constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return {};
    QByteArray content;
    struct stat status = {};
    if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
        // Files of /proc say size 0: read until the end.
        content.resize(MaxBytes);
        qsizetype filled = 0;
        while (filled < MaxBytes) {
            const ssize_t got = ::read(descriptor, content.data() + filled, static_cast<size_t>(MaxBytes - filled));
            if (got <= 0)
                break;
            filled += got;
        }
        content.truncate(filled);
    }
    ::close(descriptor);
    return content;
}

QString RootFiles::tidy(QByteArrayView bytes)
{
    QString text = QString::fromUtf8(bytes.first(std::min(bytes.size(), 4 * MaxLineLength)));
    for (QChar &character : text) {
        if (!character.isPrint())
            character = u' ';
    }
    return text.simplified().left(MaxLineLength).trimmed();
}

QString RootFiles::line(const QString &path) const
{
    return tidy(bytes(path));
}

QHash<QString, QString> RootFiles::assignments(const QString &path) const
{
    QHash<QString, QString> values;
    const QList<QByteArray> lines = bytes(path).split('\n');
    for (const QByteArray &line : lines) {
        const qsizetype equals = line.indexOf('=');
        if (equals <= 0 || line.startsWith('#'))
            continue;
        QByteArray value = line.mid(equals + 1).trimmed();
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
            value = value.mid(1, value.size() - 2);
        values.insert(tidy(QByteArrayView(line).first(equals)), tidy(value));
    }
    return values;
}

bool RootFiles::exists(const QString &path) const
{
    return QFileInfo::exists(m_root + path);
}

QStringList RootFiles::folders(const QString &path) const
{
    return QDir(m_root + path).entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name);
}

} // namespace photolift::context
