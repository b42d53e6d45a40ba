#include "app/server/work/rereads.h"

#include "app/server/work/lowpriority.h"
#include "app/server/work/objecttable.h"
#include "app/server/work/statement.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"

#include <QLoggingCategory>

#include <algorithm>
#include <atomic>

using namespace Qt::StringLiterals;

Q_LOGGING_CATEGORY(lcRereads, "photolift.server.work.rereads")

namespace photolift::server {

namespace {

/// Read until the place is noted.
constexpr int AtOnce = 50;
/// Behind the last place: those are the first 32 bits of a hash.
constexpr qint64 End = 1LL << 32;
constexpr int PlaceDigits = 8;

struct Object {
    QString sha256;
    qint64 size = 0;
};

qint64 placeOf(const Object &object)
{
    return object.sha256.first(std::min<qsizetype>(PlaceDigits, object.sha256.size())).toLongLong(nullptr, 16);
}

/// Before every hash of this place, and behind all of those before it.
QString hashesFrom(qint64 place)
{
    return place >= End ? u"g"_s : QString::number(place, 16).rightJustified(PlaceDigits, u'0');
}

/// The row of server_rereads.
struct Pass {
    qint64 begunMs = 0;
    qint64 place = 0;
    qint64 photos = 0;
    qint64 damaged = 0;
    qint64 unread = 0;

    qint64 dueAt(qint64 nowMs, qint64 lengthMs) const
    {
        const double part = static_cast<double>(nowMs - begunMs) / static_cast<double>(lengthMs);
        return static_cast<qint64>(std::clamp(part, 0.0, 1.0) * static_cast<double>(End));
    }
};

Result<Pass> passAt(const QSqlDatabase &database, qint64 nowMs, qint64 lengthMs)
{
    Result<Answer> row = execute(database, "SELECT begun_ms, place, photos, damaged, unread FROM server_rereads"_L1);
    if (!row)
        return row.error();
    if (!row->next())
        return Error{ErrorCode::InternalUnknown, u"server_rereads has no row"_s};
    Pass pass{row->value(0).toLongLong(), row->value(1).toLongLong(), row->value(2).toLongLong(), row->value(3).toLongLong(), row->value(4).toLongLong()};
    if (!row->value(0).isNull() && pass.begunMs <= nowMs)
        return pass;
    // The first one; or the clock was set back, and this one goes on from where it is.
    pass.begunMs = nowMs - static_cast<qint64>(static_cast<double>(pass.place) / static_cast<double>(End) * static_cast<double>(lengthMs));
    const Result<int> begun = change(database, "UPDATE server_rereads SET begun_ms = ?"_L1, {pass.begunMs});
    return begun ? Result<Pass>(pass) : begun.error();
}

Result<QList<Object>> behind(const QSqlDatabase &database, const Object &last, qint64 due)
{
    // One lower bound: of two PostgreSQL takes one to begin at, and reads the index from there on.
    return listOf(execute(database,
                          "SELECT DISTINCT sha256, size FROM server_objects"
                          " WHERE (sha256, size) > (?, ?) AND sha256 < ? AND state = 'stored' ORDER BY sha256, size LIMIT ?"_L1,
                          {last.sha256, last.size, hashesFrom(due), AtOnce}),
                  [](const QSqlQuery &row) { return Object{row.value(0).toString(), row.value(1).toLongLong()}; });
}

class Round
{
public:
    Round(ObjectStore &store, DatabaseThreads &database, qint64 lengthMs, const std::function<void(StoredCopy)> &found, const std::stop_token &stop)
        : m_store(store)
        , m_database(database)
        , m_lengthMs(lengthMs)
        , m_found(found)
        , m_stopping(stop, [this] { m_isOver = true; })
    {
    }

    void read()
    {
        const qint64 now = nowMs();
        const Result<> begun = inTransaction([&](const QSqlDatabase &database) -> Result<> {
            const Result<Pass> pass = passAt(database, now, m_lengthMs);
            if (pass)
                m_pass = *pass;
            return withoutValue(pass);
        });
        if (!begun) {
            qCWarning(lcRereads).noquote() << "nothing is read again in this round:" << begun.error().detail;
            return;
        }
        const qint64 due = m_pass.dueAt(now, m_lengthMs);
        m_last.sha256 = hashesFrom(m_pass.place);
        while (!m_isOver && readPage(due)) { }
        if (!m_isOver && due == End)
            endPass();
    }

private:
    /// False: there is nothing more to read up to there, or this round cannot go on.
    bool readPage(qint64 due)
    {
        Result<QList<Object>> page = QList<Object>();
        m_database.readAndWait([&](const QSqlDatabase &database) { page = behind(database, m_last, due); });
        if (!page) {
            m_isOver = true;
            return false;
        }
        for (const Object &object : std::as_const(*page)) {
            look(object);
            if (m_isOver)
                break;
            m_last = object;
            faultPoint("rereads.read");
        }
        const bool isWhole = !m_isOver && page->size() < AtOnce;
        m_pass.place = isWhole ? due : std::max(m_pass.place, placeOf(m_last));
        note();
        return !isWhole && !m_isOver;
    }

    void look(const Object &object)
    {
        const qint64 seenMs = nowMs();
        Result<bool> isWhole = m_store.holdsObject(object.sha256, object.size, m_isOver);
        if (!m_isOver && !(isWhole && *isWhole)) // a bit may also turn on its way
            isWhole = m_store.holdsObject(object.sha256, object.size, m_isOver);
        if (m_isOver)
            return;
        if (!isWhole) {
            qCWarning(lcRereads).noquote() << "a stored photo could not be read again:" << isWhole.error().detail;
            if (!m_store.hasObject(object.sha256, object.size)) {
                qCWarning(lcRereads) << "the store does not answer, whatever is left is for the next round";
                m_isOver = true;
                return;
            }
            ++m_pass.unread;
            return m_found(StoredCopy::Unread);
        }
        if (!*isWhole && !lose(object, seenMs))
            return;
        ++m_pass.photos;
        m_found(*isWhole ? StoredCopy::Whole : StoredCopy::Damaged);
    }

    /// False when it is nobody's any more, or was brought again meanwhile; or cannot be said now, and this round is over.
    bool lose(const Object &object, qint64 seenMs)
    {
        int lost = 0;
        QList<QUuid> attempts;
        const Result<> written = inTransaction([&](const QSqlDatabase &database) -> Result<> {
            const Result<int> marked = ObjectTable(database).markLost(object.sha256, object.size, seenMs, nowMs());
            if (!marked)
                return marked.error();
            lost = *marked;
            Result<QList<QUuid>> brought = idsOf(execute(database,
                                                         "SELECT a.client_upload_id FROM server_objects o JOIN server_assets a ON a.account_id = o.account_id"
                                                         " AND a.sha256 = o.sha256 AND a.size = o.size WHERE o.sha256 = ? AND o.size = ?"_L1,
                                                         {object.sha256, object.size}));
            if (!brought)
                return brought.error();
            attempts = *std::move(brought);
            return {};
        });
        if (!written) {
            qCWarning(lcRereads).noquote() << "a damaged copy was not recorded, it is read again:" << written.error().detail;
            m_isOver = true;
            return false;
        }
        if (lost == 0)
            return false;
        ++m_pass.damaged;
        for (const QUuid &attempt : std::as_const(attempts))
            qCWarning(lcRereads).noquote() << errorName(ErrorCode::StorageCopyDamaged) << "the stored bytes of the photo of attempt" << idText(attempt)
                                           << "are not what they were: it is to be brought again";
        return true;
    }

    void note()
    {
        const Result<> noted = inTransaction([&](const QSqlDatabase &database) {
            return withoutValue(change(database, "UPDATE server_rereads SET place = ?, photos = ?, damaged = ?, unread = ?"_L1,
                                       {m_pass.place, m_pass.photos, m_pass.damaged, m_pass.unread}));
        });
        faultPoint("rereads.noted");
        if (noted)
            return;
        qCWarning(lcRereads).noquote() << "how far it has come was not recorded:" << noted.error().detail;
        m_isOver = true;
    }

    void endPass()
    {
        const qint64 now = nowMs();
        const Result<> ended = inTransaction([&](const QSqlDatabase &database) {
            return withoutValue(
                change(database, "UPDATE server_rereads SET begun_ms = ?, place = 0, photos = 0, damaged = 0, unread = 0, ended_ms = ?"_L1, {now, now}));
        });
        if (ended)
            qCInfo(lcRereads) << "everything that is stored was read again:" << m_pass.photos << "photos," << m_pass.damaged << "of them damaged;"
                              << m_pass.unread << "more could not be read";
    }

    Result<> inTransaction(const std::function<Result<>(const QSqlDatabase &)> &work)
    {
        return m_database.writeAndWait([&](Writing &writing) { return work(writing.database); }, Isolation::RowByRow);
    }

    ObjectStore &m_store;
    DatabaseThreads &m_database;
    const qint64 m_lengthMs;
    const std::function<void(StoredCopy)> &m_found;
    std::atomic<bool> m_isOver = false;
    std::stop_callback<std::function<void()>> m_stopping;
    Pass m_pass;
    Object m_last; ///< that was read, or what is before the first one
};

} // namespace

void readAgain(ObjectStore &store, DatabaseThreads &database, std::chrono::milliseconds pass, const std::function<void(StoredCopy)> &found,
               const std::stop_token &stop)
{
    takeLowestPriority();
    Round(store, database, pass.count(), found, stop).read();
}

} // namespace photolift::server
