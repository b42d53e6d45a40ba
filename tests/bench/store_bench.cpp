// What the local database costs, printed as one line per measurement:
//   store_bench write [ROWS]      attempts through the store's prepared statements against the same SQL through the C API
//   store_bench drop [PHOTOS]     a drop into the queue, then lists, counts and the next photos
//   store_bench grown [ATTEMPTS]  the first pages of a window on a database with so many old attempts
// Each run makes its database in a temporary folder beside the current one (TMPDIR moves it).
#include "models/store/archive.h"
#include "models/store/database.h"
#include "models/store/recorder.h"
#include "models/store/statements.h"
#include "models/store/worklist.h"

#include "models/vocabulary/ids.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>

#include <cstdio>
#include <ctime>

#include <sqlite3.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::store;

namespace {

double cpuSeconds()
{
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <typename T> T orDie(Result<T> result)
{
    if (!result)
        qFatal("%s", qPrintable(result.error().detail));
    return std::move(*result);
}

template <typename T> T answer(QFuture<Result<T>> future)
{
    future.waitForFinished();
    return orDie(future.result());
}

template <typename Work> void timed(const char *what, Work work)
{
    QElapsedTimer clock;
    clock.start();
    work();
    std::printf("%-46s %8.1f ms\n", what, static_cast<double>(clock.nsecsElapsed()) / 1e6);
}

const QString InsertAttempt =
    u"INSERT INTO fact_upload_attempts AS t (client_upload_id, date_key, start_timestamp, user_key, device_key, app_version_key, "
    "network_connection_key, upload_status_key, end_timestamp, total_duration_ms, file_size_bytes, item_id, attempt_number, relative_path, "
    "row_version, event_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (client_upload_id) DO UPDATE SET "
    "upload_status_key = excluded.upload_status_key, row_version = excluded.row_version WHERE t.row_version < excluded.row_version"_s;

struct Row {
    QString id, item, path, event;
    qint64 startedMs = 0;
    int dateKey = 0;
};

QList<Row> makeRows(int count)
{
    QList<Row> rows;
    for (int i = 0; i < count; ++i) {
        const qint64 ms = 1795000000000 + i;
        rows.append({idText(newUuid7(ms)), idText(newUuid7(ms)), u"100CANON/IMG_%1.JPG"_s.arg(i, 6, 10, QChar(u'0')), idText(newUuid7(ms)), ms,
                     dateKeyOf(ms)});
    }
    return rows;
}

double rowsPerCpuSecondQt(const QString &path, const QList<Row> &rows)
{
    const auto connection = orDie(Connection::open(path, Connection::Use::Write));
    orDie(migrate(connection->database(), {u"star"_s}));
    Statements statements(connection->database());
    const double begin = cpuSeconds();
    for (qsizetype from = 0; from < rows.size(); from += 1000) {
        Transaction transaction(connection->database());
        for (const Row &row : rows.mid(from, 1000)) {
            orDie(statements.write(InsertAttempt, {row.id, row.dateKey, row.startedMs, 1, 1, 1, 1, 5, row.startedMs + 900, 900, 5'000'000, row.item, 1,
                                                   row.path, 1, row.event}));
        }
        orDie(transaction.commit());
    }
    return static_cast<double>(rows.size()) / (cpuSeconds() - begin);
}

double rowsPerCpuSecondC(const QString &path, const QList<Row> &rows)
{
    {
        const auto connection = orDie(Connection::open(path, Connection::Use::Write));
        orDie(migrate(connection->database(), {u"star"_s}));
    }
    sqlite3 *database = nullptr;
    sqlite3_open(path.toUtf8().constData(), &database);
    sqlite3_exec(database, "PRAGMA synchronous=FULL; PRAGMA cache_size=-16384", nullptr, nullptr, nullptr);
    sqlite3_stmt *insert = nullptr;
    sqlite3_prepare_v2(database, InsertAttempt.toUtf8().constData(), -1, &insert, nullptr);
    const auto text = [&](int at, const QString &value) {
        sqlite3_bind_text16(insert, at, value.utf16(), static_cast<int>(value.size() * 2), SQLITE_STATIC);
    };
    const double begin = cpuSeconds();
    for (qsizetype i = 0; i < rows.size(); ++i) {
        if (i % 1000 == 0)
            sqlite3_exec(database, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
        const Row &row = rows.at(i);
        text(1, row.id);
        sqlite3_bind_int(insert, 2, row.dateKey);
        sqlite3_bind_int64(insert, 3, row.startedMs);
        for (int column = 4; column <= 7; ++column)
            sqlite3_bind_int(insert, column, 1);
        sqlite3_bind_int(insert, 8, 5);
        sqlite3_bind_int64(insert, 9, row.startedMs + 900);
        sqlite3_bind_int(insert, 10, 900);
        sqlite3_bind_int(insert, 11, 5'000'000);
        text(12, row.item);
        sqlite3_bind_int(insert, 13, 1);
        text(14, row.path);
        sqlite3_bind_int(insert, 15, 1);
        text(16, row.event);
        if (sqlite3_step(insert) != SQLITE_DONE)
            qFatal("%s", sqlite3_errmsg(database));
        sqlite3_reset(insert);
        if (i % 1000 == 999 || i + 1 == rows.size())
            sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr);
    }
    const double seconds = cpuSeconds() - begin;
    sqlite3_finalize(insert);
    sqlite3_close(database);
    return static_cast<double>(rows.size()) / seconds;
}

/// Side by side in one run, alternating: the ratio is what counts (ANALYTICS 6.5: at least 0.35).
void benchWrite(const QTemporaryDir &folder, int count)
{
    const QList<Row> rows = makeRows(count);
    for (int turn = 1; turn <= 3; ++turn) {
        const double qt = rowsPerCpuSecondQt(folder.filePath(u"qt%1.sqlite"_s.arg(turn)), rows);
        const double c = rowsPerCpuSecondC(folder.filePath(u"c%1.sqlite"_s.arg(turn)), rows);
        std::printf("turn %d: store %.0f rows per CPU second, C API %.0f, ratio %.2f\n", turn, qt, c, qt / c);
    }
}

BatchAccepted someDrop()
{
    BatchAccepted drop;
    drop.project.projectId = newUuid7();
    drop.batch.batchId = newUuid7();
    drop.batch.name = u"shoot"_s;
    drop.batch.projectId = drop.project.projectId;
    drop.batch.createdMs = nowMs();
    drop.roots = {"/photos"};
    return drop;
}

ItemsFound somePhotos(const BatchAccepted &drop, int from, int count)
{
    ItemsFound found{drop.batch.batchId, {}};
    for (int i = from; i < from + count; ++i) {
        Item item;
        item.itemId = newUuid7();
        item.batchId = drop.batch.batchId;
        item.ordinal = i;
        item.relativePath = QByteArray::number(i / 1000) + "CANON/IMG_" + QByteArray::number(i).rightJustified(6, '0') + ".JPG";
        item.absolutePath = "/media/photographer/EOS_DIGITAL/DCIM/" + item.relativePath;
        item.identity = {20'000'000 + i, 1'700'000'000'000'000'000 + i, static_cast<quint64>(i), 77};
        found.items << item;
    }
    return found;
}

void queueDrop(Recorder &recorder, const BatchAccepted &drop, int count)
{
    answer(recorder.recordDurably({drop, somePhotos(drop, 0, std::min(count, 1000))}));
    for (int from = 1000; from < count; from += 1000)
        recorder.record({somePhotos(drop, from, std::min(1000, count - from))});
    answer(recorder.recordDurably({BatchCounted{drop.batch.batchId}}));
}

/// What a window asks for when it opens, and the pipeline when it looks for work.
void readFirstPages(const QString &path)
{
    std::unique_ptr<Archive> archive;
    timed("open the archive", [&] { archive = orDie(Archive::open(path)); });
    timed("list of batches", [&] { answer(archive->batches()); });
    QList<qint64> order;
    timed("order of all photos", [&] { order = answer(archive->itemOrder({})); });
    timed("first page of 200", [&] { answer(archive->itemsByRowId(order.mid(0, 200))); });
    timed("a page of 200 in the middle", [&] { answer(archive->itemsByRowId(order.mid(order.size() / 2, 200))); });
    timed("counts of the groups", [&] { answer(archive->groupCounts({})); });
    ItemFilter named;
    named.nameContains = u"img_0099"_s;
    timed("order under a name filter", [&] { answer(archive->itemOrder(named)); });
    timed("counts under a name filter", [&] { answer(archive->groupCounts(named)); });
    ItemFilter sorted;
    sorted.order = ItemFilter::Order::Name;
    timed("order by name", [&] { answer(archive->itemOrder(sorted)); });
    timed("newest 100 attempts", [&] { answer(archive->attempts(false, 100)); });
    timed("newest 100 failed attempts", [&] { answer(archive->attempts(true, 100)); });
    const auto work = orDie(WorkList::open(path));
    timed("next 16 photos", [&] { orDie(work->next(16, {})); });
    timed("next 16 photos again", [&] { orDie(work->next(16, {})); });
    timed("unfinished photos", [&] { orDie(work->unfinished()); });
}

void benchDrop(const QTemporaryDir &folder, int count)
{
    const QString path = folder.filePath(u"drop.sqlite"_s);
    const auto recorder = orDie(Recorder::open(path));
    const BatchAccepted drop = someDrop();
    timed("first 1,000 photos durable", [&] { answer(recorder->recordDurably({drop, somePhotos(drop, 0, 1000)})); });
    timed("all photos durable", [&] { queueDrop(*recorder, drop, count); });
    readFirstPages(path);
}

void benchGrown(const QTemporaryDir &folder, int count)
{
    const QString path = folder.filePath(u"grown.sqlite"_s);
    const auto recorder = orDie(Recorder::open(path));
    Surroundings surroundings;
    surroundings.device.deviceId = u"bench"_s;
    surroundings.app.version = u"0.1.0"_s;
    timed("make the old attempts", [&] {
        for (int done = 0; done < count; done += 10'000) {
            // Old drops of 10,000, ended and cleared, each photo with its attempt and two of its stages.
            const BatchAccepted drop = someDrop();
            ItemsFound found = somePhotos(drop, 0, 10'000);
            Changes changes{drop};
            Changes facts;
            for (Item &item : found.items) {
                AttemptRecord attempt;
                attempt.clientUploadId = newUuid7();
                attempt.itemId = item.itemId;
                attempt.batchId = drop.batch.batchId;
                attempt.projectId = drop.project.projectId;
                attempt.surroundings = surroundings;
                attempt.status = item.ordinal % 1000 == 7 ? Status::Failed : Status::Succeeded;
                attempt.endedMs = nowMs();
                item.state = item.ordinal % 1000 == 7 ? ItemState::Dismissed : ItemState::Succeeded;
                item.clientUploadId = attempt.clientUploadId;
                facts << AttemptChanged{attempt, true};
                for (const Stage name : {Stage::Selection, Stage::Transfer})
                    facts << StageChanged{{attempt.clientUploadId, name, nowMs(), nowMs(), 5, true, 0, {}, 1}, true};
            }
            changes << found << BatchCounted{drop.batch.batchId} << BatchCleared{drop.batch.batchId};
            answer(recorder->recordDurably(changes + facts));
        }
    });
    timed("a new drop of 10,000", [&] { queueDrop(*recorder, someDrop(), 10'000); });
    readFirstPages(path);
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    const QString what = arguments.value(1);
    const int count = arguments.value(2).toInt();
    const QTemporaryDir folder;
    if (what == u"write"_s)
        benchWrite(folder, count > 0 ? count : 100'000);
    else if (what == u"drop"_s)
        benchDrop(folder, count > 0 ? count : 100'000);
    else if (what == u"grown"_s)
        benchGrown(folder, count > 0 ? count : 1'000'000);
    else
        return std::fputs("store_bench write|drop|grown [COUNT]\n", stderr), 2;
    return 0;
}
