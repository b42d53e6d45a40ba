#include "tests/faults/checker/snapshot.h"

#include "tests/faults/checker/filehash.h"

#include <QFile>
#include <QJsonDocument>

#include <dirent.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace photolift::check {

namespace {

/// Bytes all the way: QDir would turn names that are not UTF-8 into others.
void walk(const QByteArray &path, QHash<QByteArray, Snapshot::File> &files)
{
    struct stat status = {};
    if (::lstat(path.constData(), &status) != 0)
        return;
    if (S_ISREG(status.st_mode)) {
        Snapshot::File file;
        if (const auto hash = hashFile(path))
            file.sha256 = hash->sha256;
        file.size = status.st_size;
        file.modifiedNs = status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec;
        file.mode = status.st_mode & 07777;
        files.insert(path, file);
    }
    if (!S_ISDIR(status.st_mode))
        return;
    DIR *folder = ::opendir(path.constData());
    if (!folder)
        return;
    while (const dirent *entry = ::readdir(folder)) {
        const QByteArray name(entry->d_name);
        if (name != "." && name != "..")
            walk(path + '/' + name, files);
    }
    ::closedir(folder);
}

QByteArray bytesOf(const QJsonValue &value)
{
    return QByteArray::fromBase64(value.toString().toLatin1());
}

QString textOf(const QByteArray &bytes)
{
    return QString::fromLatin1(bytes.toBase64());
}

}

Snapshot Snapshot::of(const QList<QByteArray> &roots)
{
    Snapshot snapshot;
    snapshot.m_roots = roots;
    for (const QByteArray &root : roots)
        walk(root, snapshot.m_files);
    return snapshot;
}

Result<> Snapshot::write(const QString &fileName) const
{
    QFile file(fileName);
    if (!file.open(QIODevice::WriteOnly))
        return Error{ErrorCode::InternalUnknown, file.errorString()};
    for (const QByteArray &root : m_roots)
        file.write(QJsonDocument(QJsonObject{{u"root"_s, textOf(root)}}).toJson(QJsonDocument::Compact) + '\n');
    for (auto it = m_files.cbegin(); it != m_files.cend(); ++it) {
        // Nanoseconds do not fit a JSON number.
        const QJsonObject line{{u"path"_s, textOf(it.key())}, {u"sha256"_s, QString::fromLatin1(it->sha256)}, {u"size"_s, it->size},
                               {u"mtime_ns"_s, QString::number(it->modifiedNs)}, {u"mode"_s, static_cast<int>(it->mode)}};
        file.write(QJsonDocument(line).toJson(QJsonDocument::Compact) + '\n');
    }
    return file.flush() ? Result<>() : Result<>(Error{ErrorCode::InternalUnknown, file.errorString()});
}

Result<Snapshot> Snapshot::read(const QString &fileName)
{
    QFile file(fileName);
    if (!file.open(QIODevice::ReadOnly))
        return Error{ErrorCode::InternalUnknown, u"%1: %2"_s.arg(fileName, file.errorString())};
    Snapshot snapshot;
    while (!file.atEnd()) {
        const QJsonObject line = QJsonDocument::fromJson(file.readLine()).object();
        if (line.contains(u"root"_s)) {
            snapshot.m_roots.append(bytesOf(line.value(u"root"_s)));
        } else if (line.contains(u"path"_s)) {
            snapshot.m_files.insert(bytesOf(line.value(u"path"_s)),
                                    File{line.value(u"sha256"_s).toString().toLatin1(), line.value(u"size"_s).toInteger(),
                                         line.value(u"mtime_ns"_s).toString().toLongLong(), static_cast<uint>(line.value(u"mode"_s).toInt())});
        } else {
            return Error{ErrorCode::InternalUnknown, u"%1 is no snapshot"_s.arg(fileName)};
        }
    }
    return snapshot;
}

void Snapshot::add(const Snapshot &other)
{
    m_roots += other.m_roots;
    m_files.insert(other.m_files);
}

Verdict Snapshot::unchanged() const
{
    Verdict verdict(u"I5"_s);
    if (isEmpty())
        verdict.markUnchecked(u"no snapshot given"_s);
    const QHash<QByteArray, File> now = of(m_roots).m_files;
    verdict.count(m_files.size());
    for (auto it = m_files.cbegin(); it != m_files.cend(); ++it) {
        const auto found = now.constFind(it.key());
        const QString path = QString::fromUtf8(it.key());
        if (found == now.cend())
            verdict.violation(u"%1 is gone"_s.arg(path));
        else if (found->sha256 != it->sha256 || found->size != it->size)
            verdict.violation(u"%1 has other bytes"_s.arg(path));
        else if (found->modifiedNs != it->modifiedNs)
            verdict.violation(u"%1 has another mtime"_s.arg(path));
        else if (found->mode != it->mode)
            verdict.violation(u"%1 has another mode"_s.arg(path));
    }
    for (auto it = now.cbegin(); it != now.cend(); ++it) {
        if (!m_files.contains(it.key()))
            verdict.violation(u"%1 was left there"_s.arg(QString::fromUtf8(it.key())));
    }
    return verdict;
}

} // namespace photolift::check
