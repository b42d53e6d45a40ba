#include "tests/faults/checker/hygiene.h"

#include <QDateTime>
#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>
#include <QSet>

#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace photolift::check {

namespace {

constexpr qint64 DayMs = 24LL * 60 * 60 * 1000;
constexpr qint64 ChunkBytes = 1 << 20;
constexpr qint64 OverlapBytes = 1024; ///< longer than anything looked for

/// The newest time of a folder and everything in it: parts still arriving keep an upload young.
qint64 newestMs(const QFileInfo &entry)
{
    qint64 newest = entry.lastModified().toMSecsSinceEpoch();
    QDirIterator inside(entry.filePath(), QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot, QDirIterator::Subdirectories);
    while (inside.hasNext())
        newest = std::max(newest, QFileInfo(inside.next()).lastModified().toMSecsSinceEpoch());
    return newest;
}

/// What is found, or nothing.
QString secretIn(QByteArrayView bytes, const QList<QByteArray> &secrets)
{
    // "=***" is how a redacted link looks, and the bare name is in programs and documents: only a value counts.
    static const QRegularExpression signature(uR"(X-Amz-Signature["']?\s*(=|:|%3D)\s*["']?[0-9a-f]{16,})"_s, QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression bearer(uR"(\bBearer(\s|%20)+[A-Za-z0-9._~+/=-]{16,})"_s, QRegularExpression::CaseInsensitiveOption);
    const QString text = QString::fromLatin1(bytes);
    if (signature.match(text).hasMatch())
        return u"the signature of a link"_s;
    if (bearer.match(text).hasMatch())
        return u"a bearer token"_s;
    for (const QByteArray &secret : secrets) {
        if (bytes.toByteArray().contains(secret))
            return u"a token"_s;
    }
    return {};
}

QString searchFile(const QString &path, const QList<QByteArray> &secrets)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return u"what nobody can read"_s;
    QByteArray window;
    while (true) {
        const QByteArray chunk = file.read(ChunkBytes);
        if (chunk.isEmpty())
            return {};
        window = window.last(std::min<qsizetype>(window.size(), OverlapBytes)) + chunk;
        if (const QString found = secretIn(window, secrets); !found.isEmpty())
            return found;
    }
}

} // namespace

Verdict noOrphans(const QString &serverFolder, Rows &server, qint64 nowMs)
{
    Verdict verdict(u"I7"_s);
    const QFileInfoList uploads = QDir(serverFolder + u"/incoming"_s).entryInfoList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
    for (const QFileInfo &upload : uploads) {
        verdict.count();
        if (nowMs - newestMs(upload) > DayMs)
            verdict.violation(u"incoming/%1 is older than 24 h"_s.arg(upload.fileName()));
    }
    const bool isFine = server.each(u"SELECT upload_id, touched_ms FROM server_uploads WHERE state = 'open'"_s, [&](const QSqlQuery &row) {
        verdict.count();
        if (nowMs - row.value(1).toLongLong() > DayMs)
            verdict.violation(u"upload %1 is open since more than 24 h"_s.arg(row.value(0).toString()));
    });
    if (!isFine)
        verdict.violation(u"cannot be read: "_s + server.failure());
    return verdict;
}

Verdict noSecrets(const QStringList &folders, const QList<QByteArray> &secrets)
{
    Verdict verdict(u"I9"_s);
    QList<QByteArray> all = secrets;
    QSet<QString> files;
    for (const QString &folder : folders) {
        if (QFileInfo(folder).isFile())
            files.insert(folder);
        const QString base = QDir(folder).canonicalPath();
        QDirIterator each(base, QDir::Files | QDir::Hidden | QDir::System, QDirIterator::Subdirectories);
        while (each.hasNext()) {
            const QString path = each.next();
            if (each.fileInfo().isSymLink() || !each.fileInfo().isFile())
                continue; // a socket or a pipe keeps nothing
            const QString inside = u'/' + QDir(base).relativeFilePath(path);
            if (inside.contains("/objects/"_L1) || inside.contains("/incoming/"_L1) || inside.contains("/derived/"_L1))
                continue;
            if (each.fileName() == "token"_L1) {
                struct stat status = {};
                if (::stat(QFile::encodeName(path).constData(), &status) != 0 || (status.st_mode & 077) != 0)
                    verdict.violation(path + u" can be read by others"_s);
                QFile token(path);
                if (token.open(QIODevice::ReadOnly))
                    all.append(token.readAll().trimmed());
                continue;
            }
            files.insert(path);
        }
    }
    all.removeAll(QByteArray());
    for (const QString &path : std::as_const(files)) {
        verdict.count();
        if (const QString found = searchFile(path, all); !found.isEmpty())
            verdict.violation(u"%1 holds %2"_s.arg(path, found));
    }
    return verdict;
}

} // namespace photolift::check
