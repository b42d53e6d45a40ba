#include "models/store/salvage.h"

#include "models/store/database.h"
#include "models/store/queuedpaths.h"
#include "models/store/rowcursor.h"

#include "models/vocabulary/ids.h"

#include <QFile>
#include <QLoggingCategory>
#include <QMap>
#include <QSqlQuery>

#include <algorithm>
#include <functional>

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {

Q_LOGGING_CATEGORY(lcSalvage, "photolift.store.salvage")

constexpr qsizetype HeaderBytes = 100;

/// A read-only connection that does not mind what is missing.
class DamagedFile
{
public:
    explicit DamagedFile(const QString &path)
        : m_database(QSqlDatabase::addDatabase(u"QSQLITE"_s, m_name))
    {
        m_database.setDatabaseName(path);
        m_database.setConnectOptions(u"QSQLITE_OPEN_READONLY;QSQLITE_BUSY_TIMEOUT=5000"_s);
        m_isOpen = m_database.open();
        // Without it SQLite opens no file that is shorter than its header says.
        m_isOpen = m_isOpen && QSqlQuery(m_database).exec(u"PRAGMA writable_schema=ON"_s)
            && QSqlQuery(m_database).exec(u"SELECT count(*) FROM sqlite_master"_s);
    }
    ~DamagedFile()
    {
        m_database.close();
        m_database = {};
        QSqlDatabase::removeDatabase(m_name);
    }
    Q_DISABLE_COPY_MOVE(DamagedFile)

    bool isOpen() const { return m_isOpen; }

    /// Hands out rows from the front until one cannot be read, then from the back to there. `key` is the table's row id; a row is
    /// handed out once.
    void eachRow(const QString &columns, const QString &table, const QString &key, const std::function<void(RowCursor &)> &use)
    {
        std::optional<qint64> last;
        const bool isWhole = rows(u"SELECT %1, %2 FROM %3 ORDER BY %1"_s.arg(key, columns, table), [&](qint64 row, RowCursor &cells) {
            last = row;
            use(cells);
            return true;
        });
        if (isWhole)
            return;
        qCWarning(lcSalvage).noquote() << "a table can be read only in part:" << table;
        rows(u"SELECT %1, %2 FROM %3 ORDER BY %1 DESC"_s.arg(key, columns, table), [&](qint64 row, RowCursor &cells) {
            if (last && row <= *last)
                return false;
            use(cells);
            return true;
        });
    }

    /// The rows of a small question, as far as they go.
    void ask(const QString &sql, const QVariantList &values, const std::function<void(RowCursor &)> &use)
    {
        QSqlQuery query(m_database);
        query.setForwardOnly(true);
        if (!query.prepare(sql))
            return;
        for (const QVariant &value : values)
            query.addBindValue(value);
        query.exec();
        while (query.next()) {
            RowCursor cells(query);
            use(cells);
        }
    }

private:
    bool rows(const QString &sql, const std::function<bool(qint64, RowCursor &)> &use)
    {
        QSqlQuery query(m_database);
        query.setForwardOnly(true);
        if (!query.exec(sql))
            return false;
        while (query.next()) {
            RowCursor cells(query);
            const qint64 row = cells.number();
            if (!use(row, cells))
                return true;
        }
        return !query.lastError().isValid();
    }

    const QString m_name = u"photolift-salvage-"_s + idText(newUuid7());
    QSqlDatabase m_database;
    bool m_isOpen = false;
};

ProjectRecord projectOf(DamagedFile &file, const QUuid &batchId)
{
    ProjectRecord project;
    file.ask(u"SELECT p.project_id, p.project_name, u.user_id FROM dim_batches d JOIN dim_projects p ON p.project_key = d.project_key "
             "JOIN dim_users u ON u.user_key = p.owner_user_key WHERE d.batch_id = ?"_s,
             {idText(batchId)}, [&project](RowCursor &cells) {
                 project.projectId = cells.id();
                 project.name = cells.text();
                 project.ownerUserId = cells.text();
             });
    if (project.projectId.isNull() || project.name.isEmpty()) {
        project = ProjectRecord();
        project.projectId = newUuid7();
    }
    return project;
}

void readDrops(DamagedFile &file, Salvage &salvage)
{
    QMap<qint64, Salvage::Drop> drops;
    file.eachRow(u"batch_row, batch_id, roots, priority, is_background, is_paused, is_counted, is_cleared"_s, u"queue_batches"_s,
                 u"batch_row"_s, [&drops](RowCursor &cells) {
                     const qint64 row = cells.number();
                     Salvage::Drop drop;
                     drop.accepted.batch.batchId = cells.id();
                     drop.accepted.roots = rootsFrom(cells.bytes());
                     drop.priority = cells.number();
                     drop.accepted.isBackground = cells.flag();
                     drop.isPaused = cells.flag();
                     drop.isCounted = cells.flag();
                     drop.isCleared = cells.flag();
                     // What comes out of a torn page may be anything: only what makes sense is taken.
                     const QList<QByteArray> &roots = drop.accepted.roots;
                     const bool areRight = !roots.isEmpty()
                         && std::all_of(roots.begin(), roots.end(), [](const QByteArray &root) { return root.startsWith('/'); });
                     if (areRight && !drop.accepted.batch.batchId.isNull())
                         drops.insert(row, drop);
                 });
    QMap<qint64, qint64> seen;
    file.eachRow(u"batch_row, ordinal, absolute_path, relative_path, size, modified_ns, inode, device, state"_s, u"queue_items"_s,
                 u"item_row"_s, [&drops, &seen](RowCursor &cells) {
                     const auto drop = drops.find(cells.number());
                     if (drop == drops.end())
                         return;
                     Item item;
                     item.ordinal = cells.number();
                     item.absolutePath = cells.bytes();
                     item.relativePath = cells.bytes();
                     item.identity.size = cells.number();
                     item.identity.modifiedNs = cells.number();
                     item.identity.inode = static_cast<quint64>(cells.number());
                     item.identity.device = static_cast<quint64>(cells.number());
                     const std::optional<ItemState> state = itemStateFromName(cells.text());
                     ++seen[drop.key()];
                     if (!state || !isEnded(*state) || *state == ItemState::NeedsYou) {
                         drop->hasOpen = true;
                     } else if (*state == ItemState::Cancelled || *state == ItemState::Dismissed) {
                         item.state = *state;
                         if (*state == ItemState::Cancelled)
                             item.errorCode = ErrorCode::UserCancelled;
                         if (item.absolutePath.startsWith('/') && !item.relativePath.isEmpty())
                             drop->leftAlone.append(item);
                     } else {
                         drop->hasArrived = true;
                     }
                 });
    for (auto drop = drops.begin(); drop != drops.end(); ++drop) {
        qint64 counted = -1;
        file.ask(u"SELECT sum(num_items) FROM queue_counts WHERE batch_row = ?"_s, {drop.key()},
                 [&counted](RowCursor &cells) { counted = cells.maybe<qint64>().value_or(-1); });
        if (!drop->isCounted || counted != seen.value(drop.key()))
            drop->hasOpen = true;
        BatchRecord &batch = drop->accepted.batch;
        drop->accepted.project = projectOf(file, batch.batchId);
        batch.projectId = drop->accepted.project.projectId;
        file.ask(u"SELECT batch_name, source_kind, source_label FROM dim_batches WHERE batch_id = ?"_s, {idText(batch.batchId)},
                 [&batch](RowCursor &cells) {
                     batch.name = cells.text();
                     batch.source = sourceKindFromName(cells.text()).value_or(SourceKind::Drop);
                     batch.sourceLabel = cells.text();
                 });
        if (batch.name.isEmpty()) {
            const QByteArray &root = drop->accepted.roots.first();
            batch.name = QString::fromUtf8(root.mid(root.lastIndexOf('/') + 1));
        }
        salvage.drops.append(*drop);
    }
}

Salvage readAll(DamagedFile &file)
{
    Salvage salvage;
    readDrops(file, salvage);
    file.ask(u"SELECT key, value FROM settings"_s, {}, [&salvage](RowCursor &cells) {
        const QString key = cells.text();
        salvage.settings.insert(key, cells.text());
    });
    file.eachRow(u"event_id, row_key, json, sent_ms IS NULL"_s, u"outbox"_s, u"sequence"_s, [&salvage](RowCursor &cells) {
        Salvage::Untold untold{cells.text(), cells.text(), cells.text()};
        const bool isUnsent = cells.flag();
        const bool isNamed = !QUuid::fromString(untold.eventId).isNull() && !untold.rowKey.isEmpty();
        if (isUnsent && isNamed && QJsonDocument::fromJson(untold.json.toUtf8()).isObject())
            salvage.untold.append(untold);
    });
    return salvage;
}

/// A copy with a header as SQLite would write it; what the header counts is left to the file's length.
bool copyWithHeader(const QString &from, const QString &to)
{
    QFile::remove(to);
    keepPrivate(to);
    {
        const auto fresh = Connection::open(to, Connection::Use::Write);
        if (!fresh || !QSqlQuery((*fresh)->database()).exec(u"CREATE TABLE t (x)"_s))
            return false;
    }
    QFile made(to);
    if (!made.open(QIODevice::ReadOnly))
        return false;
    QByteArray header = made.read(HeaderBytes);
    made.close();
    // 18, 19: no WAL, the copy has none. 24 and 92 differ: the number of pages is not to be believed.
    header[18] = header[19] = '\1';
    header[27] = static_cast<char>(header.at(95) + 1);
    QFile source(from);
    QFile target(to);
    if (!source.open(QIODevice::ReadOnly) || !target.open(QIODevice::WriteOnly | QIODevice::Truncate) || !source.seek(HeaderBytes))
        return false;
    target.write(header);
    while (!source.atEnd()) {
        if (target.write(source.read(1 << 20)) < 0)
            return false;
    }
    return target.flush();
}

} // namespace

Salvage salvage(const QString &damagedPath, const QString &scratch)
{
    {
        DamagedFile file(damagedPath);
        if (file.isOpen()) {
            Salvage read = readAll(file);
            if (!read.drops.isEmpty())
                return read;
        }
    }
    Salvage read;
    if (copyWithHeader(damagedPath, scratch)) {
        DamagedFile file(scratch);
        if (file.isOpen())
            read = readAll(file);
    }
    for (const char *journal : {"", "-wal", "-shm", "-journal"})
        QFile::remove(scratch + QLatin1StringView(journal));
    return read;
}

} // namespace photolift::store
