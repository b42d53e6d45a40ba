#include "models/store/damage.h"

#include "models/store/database.h"
#include "models/vocabulary/systemerror.h"

#include <QDateTime>
#include <QFile>
#include <QFileInfo>
#include <QLoggingCategory>
#include <QSqlQuery>

#include <cerrno>
#include <cstdio>

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {

Q_LOGGING_CATEGORY(lcDamage, "photolift.store.damage")

constexpr qint64 QuicklyRead = 64LL * 1024 * 1024;

QString noteOf(const QString &path)
{
    return path + u".suspect"_s;
}

/// What SQLite's own check says: "ok", or what is wrong first.
Result<QString> verdict(const QSqlDatabase &database, const QString &check)
{
    QSqlQuery query(database);
    if (!query.exec(check) || !query.next())
        return databaseError(query.lastError());
    return query.value(0).toString();
}

Result<> rename(const QString &from, const QString &to)
{
    if (std::rename(QFile::encodeName(from).constData(), QFile::encodeName(to).constData()) == 0 || errno == ENOENT)
        return {};
    return systemError(ErrorCode::LocalDiskError, "a damaged database cannot be set aside"_L1, errno);
}

} // namespace

void noteDamage(const QString &path)
{
    QFile note(noteOf(path));
    if (path.isEmpty() || note.exists())
        return;
    qCCritical(lcDamage) << "a database is damaged; it will be set aside at the next start";
    if (note.open(QIODevice::WriteOnly))
        note.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
}

bool isDamageNoted(const QString &path)
{
    return QFile::exists(noteOf(path));
}

Result<bool> isDamaged(const QString &path)
{
    const qint64 size = QFileInfo(path).size();
    const bool isNoted = isDamageNoted(path);
    if (size == 0)
        return false;
    const auto connection = Connection::open(path, Connection::Use::Read);
    if (!connection)
        return connection.error().code == ErrorCode::LocalListDamaged ? Result<bool>(true) : Result<bool>(connection.error());
    if (!isNoted && size > QuicklyRead)
        return false;
    // The whole check compares every index with its table; somebody has to have asked for that.
    const Result<QString> said
        = verdict((*connection)->database(), isNoted ? u"PRAGMA integrity_check(1)"_s : u"PRAGMA quick_check(1)"_s);
    if (!said)
        return said.error().code == ErrorCode::LocalListDamaged ? Result<bool>(true) : Result<bool>(said.error());
    if (*said != "ok"_L1) {
        qCCritical(lcDamage).noquote() << "a database is damaged:" << said->left(200);
        return true;
    }
    if (isNoted) {
        qCWarning(lcDamage) << "a database that was said to be damaged is sound";
        QFile::remove(noteOf(path));
    }
    return false;
}

Result<QString> setAside(const QString &path, qint64 nowMs)
{
    const QString date = QDateTime::fromMSecsSinceEpoch(nowMs, Qt::UTC).toString(u"yyyy-MM-ddTHH-mm-ss"_s) + u'Z';
    const QString first = path + u".damaged-"_s + date;
    QString kept = first;
    for (int number = 2; QFile::exists(kept); ++number)
        kept = first + u'-' + QString::number(number);
    // The journals first: a new database must never meet those of the old one.
    for (const QString &journal : {u"-wal"_s, u"-shm"_s, u""_s}) {
        if (const Result<> done = rename(path + journal, kept + journal); !done)
            return done.error();
    }
    QFile::remove(noteOf(path));
    qCCritical(lcDamage).noquote() << "a damaged database was set aside as" << kept.section(u'/', -1);
    return kept;
}

} // namespace photolift::store
