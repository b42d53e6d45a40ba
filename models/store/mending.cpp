#include "models/store/mending.h"

#include "models/store/changewriter.h"
#include "models/store/damage.h"
#include "models/store/database.h"
#include "models/store/outboxtable.h"
#include "models/store/salvage.h"
#include "models/store/statements.h"

#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/systemerror.h"

#include <QFile>
#include <QLoggingCategory>
#include <QSet>

#include <cerrno>
#include <cstdio>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {

Q_LOGGING_CATEGORY(lcMending, "photolift.store.mending")

const QString PausedBatch = u"paused_batch/"_s;
const QString ServerEpoch = u"server_epoch"_s;

QString mendedName(const QString &databasePath)
{
    return databasePath + u".mended"_s;
}

bool isThere(const QByteArray &path)
{
    struct stat facts{};
    return ::lstat(path.constData(), &facts) == 0;
}

bool isWorthAWalk(const Salvage::Drop &drop)
{
    if (drop.isCleared && !drop.hasOpen)
        return false;
    if (drop.hasOpen)
        return true;
    const QList<QByteArray> &roots = drop.accepted.roots;
    return drop.hasArrived && std::all_of(roots.begin(), roots.end(), isThere);
}

/// The newest of those with the same folders and project, in the order of the drops.
QList<Salvage::Drop> worthAWalk(const QList<Salvage::Drop> &drops)
{
    QSet<QByteArray> seen;
    QList<Salvage::Drop> chosen;
    for (auto drop = drops.crbegin(); drop != drops.crend(); ++drop) {
        const QByteArray what = drop->accepted.roots.join('\0') + '\0' + drop->accepted.project.name.toUtf8();
        if (isWorthAWalk(*drop) && !seen.contains(what)) {
            seen.insert(what);
            chosen.prepend(*drop);
        }
    }
    return chosen;
}

/// The drop as a new one: its old id has rows on the server that the walk must not overtake.
Changes changesFor(const Salvage::Drop &drop)
{
    BatchAccepted accepted = drop.accepted;
    accepted.batch.batchId = newUuid7();
    accepted.batch.createdMs = nowMs();
    const QUuid id = accepted.batch.batchId;
    Changes changes{accepted, BatchPriority{id, drop.priority}, BatchPaused{id, drop.isPaused}};
    if (drop.isPaused)
        changes.append(SettingChanged{PausedBatch + idText(id), u"1"_s});
    ItemsFound alone{id, drop.leftAlone};
    for (Item &item : alone.items) {
        item.itemId = newUuid7();
        item.batchId = id;
    }
    if (!alone.items.isEmpty())
        changes.append(alone);
    return changes;
}

/// What comes out of a torn page may break a rule of the new list: that row is left out, and nothing else.
bool isOnlyThisRow(const Error &error)
{
    if (error.code != ErrorCode::InternalUnknown)
        return false;
    qCWarning(lcMending).noquote() << "a row is not taken over:" << error.detail;
    return true;
}

Result<> fill(const QSqlDatabase &database, const Salvage &old, const QList<Salvage::Drop> &drops)
{
    Statements statements(database);
    OutboxTable outbox(statements);
    ChangeWriter writer(database, statements, outbox);
    Transaction transaction(database);
    if (!transaction.begun())
        return transaction.begun();
    // First what is older: parents stay in front of their children.
    for (const Salvage::Untold &untold : old.untold) {
        const Result<int> put = statements.write(u"INSERT INTO outbox (event_id, row_key, json) VALUES (?, ?, ?)"_s,
                                                 {untold.eventId, untold.rowKey, untold.json});
        if (!put && !isOnlyThisRow(put.error()))
            return put.error();
    }
    Changes changes;
    for (auto setting = old.settings.cbegin(); setting != old.settings.cend(); ++setting) {
        if (!setting.key().isEmpty() && !setting.key().startsWith(PausedBatch) && setting.key() != ServerEpoch)
            changes.append(SettingChanged{setting.key(), setting.value()});
    }
    changes.append(SettingChanged{ListLostSetting, QString::number(nowMs())});
    for (const Salvage::Drop &drop : drops)
        changes += changesFor(drop);
    for (const Change &change : std::as_const(changes)) {
        if (const Result<> written = writer.write(change); !written && !isOnlyThisRow(written.error()))
            return written;
    }
    return transaction.commit();
}

Result<> moveIntoPlace(const QString &mended, const QString &databasePath)
{
    if (std::rename(QFile::encodeName(mended).constData(), QFile::encodeName(databasePath).constData()) == 0)
        return {};
    return systemError(ErrorCode::LocalDiskError, "the new list cannot be named"_L1, errno);
}

} // namespace

bool hasList(const QString &databasePath)
{
    return QFile::exists(databasePath) || QFile::exists(mendedName(databasePath));
}

Result<std::optional<Mended>> mendIfDamaged(const QString &databasePath)
{
    const QString mended = mendedName(databasePath);
    if (!QFile::exists(databasePath) && QFile::exists(mended)) { // killed between the two names
        if (const Result<> placed = moveIntoPlace(mended, databasePath); !placed)
            return placed.error();
        return std::optional<Mended>(Mended{});
    }
    const Result<bool> damaged = isDamaged(databasePath);
    if (!damaged)
        return damaged.error();
    if (!*damaged)
        return std::optional<Mended>();

    for (const char *journal : {"", "-wal", "-shm"})
        QFile::remove(mended + QLatin1StringView(journal));
    const Salvage old = salvage(databasePath, databasePath + u".scratch"_s);
    const QList<Salvage::Drop> drops = worthAWalk(old.drops);
    {
        const auto connection = Connection::open(mended, Connection::Use::Write);
        if (!connection)
            return connection.error();
        if (const Result<> migrated = migrate((*connection)->database(), {u"star"_s, u"client"_s}); !migrated)
            return migrated.error();
        if (const Result<> filled = fill((*connection)->database(), old, drops); !filled)
            return filled.error();
    } // closing the only connection writes the journal into the file
    faultPoint("store.mended");
    const Result<QString> kept = setAside(databasePath, nowMs());
    if (!kept)
        return kept.error();
    faultPoint("store.set_aside");
    if (const Result<> placed = moveIntoPlace(mended, databasePath); !placed)
        return placed.error();
    qCWarning(lcMending).noquote() << "the list was made anew:" << drops.size() << "drops are walked again";
    return std::optional<Mended>(Mended{*kept, int(drops.size())});
}

} // namespace photolift::store
