#include "app/server/api/projectboard.h"
#include "app/server/work/purge.h"
#include "app/server/work/retentiontable.h"
#include "app/server/work/trim.h"
#include "app/server/work/withdrawaltable.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"
#include "tests/server/recordsearch.h"

#include <QDateTime>
#include <QJsonArray>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using Kind = wire::MirrorEvent::Kind;
using server::DetailDays;
using server::WithdrawalTable;

namespace {

constexpr qint64 DayMs = 24LL * 3600 * 1000;
constexpr DetailDays Short{.stages = 30, .errors = 30, .attempts = 60, .isWaitingForMarts = false};

/// In the middle of a month that began so many months before this one.
qint64 monthsAgo(int months)
{
    const QDate today = QDateTime::currentDateTimeUtc().date();
    return QDateTime(QDate(today.year(), today.month(), 15).addMonths(-months), QTime(12, 0), Qt::UTC).toMSecsSinceEpoch();
}

Photo photoBegun(qint64 startedMs, int seed)
{
    Photo photo = photoOf(seed);
    photo.question.attempt.clientUploadId = newUuid7(startedMs + seed);
    photo.question.attempt.startedMs = instantOf(photo.question.attempt.clientUploadId);
    return photo;
}

/// What its client tells of an attempt that came to nothing, its row of dim_photos too.
QList<wire::MirrorEvent> failureOf(const Photo &photo)
{
    AttemptRecord attempt = photo.question.attempt;
    attempt.status = Status::Failed;
    attempt.endedMs = attempt.startedMs + 10;
    StageRecord stage;
    stage.clientUploadId = attempt.clientUploadId;
    stage.startedMs = attempt.startedMs;
    ErrorRecord error;
    error.errorUid = newUuid7();
    error.clientUploadId = attempt.clientUploadId;
    error.stage = Stage::Selection;
    error.happenedMs = attempt.startedMs;
    error.isFatal = true;
    return {{newUuid7(), Kind::Attempt, toJson(attempt)},
            {newUuid7(), Kind::Stage, toJson(stage)},
            {error.errorUid, Kind::Error, toJson(error)},
            {newUuid7(), Kind::Photo, toJson(commitOf(photo).photo)}};
}

} // namespace

/// Attempts leave when they have had their days and nothing needs them any more; whoever looks for a photo still finds it by its own.
class TestTrimmedAttempts : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void whatNothingNeedsLeaves();
    void whatIsInQuarantineIsFoundByItsOwn();
    void theyWaitForTheirAggregates();
    void manyLeaveInSteps();

private:
    void prepare() override;
    void round(const DetailDays &days = Short) { server::trimDetails(*m_database, days); }
    void purge() { server::purge(rig->store, *m_database); }
    /// Both phases for this photo, whose project keeps photos for 7 days.
    void purge(const Photo &photo);
    qint64 count(const QString &table) const { return rig->sql(u"SELECT count(*) FROM "_s + table).toLongLong(); }
    bool isThere(const Photo &photo) const
    {
        return count(u"fact_upload_attempts WHERE client_upload_id = '%1'"_s.arg(idText(photo.question.attempt.clientUploadId))) == 1;
    }
    /// "EXPECTED ARRIVED MISSING" of the one project.
    QString standing() const;

    std::unique_ptr<server::DatabaseThreads> m_database;
};

void TestTrimmedAttempts::prepare()
{
    rig->options.roles.retention = false; // its rounds are ours
    rig->start();
    rig->stop();
    // A database that is older than what it is told: nothing is told anew.
    rig->change(u"UPDATE server_state SET value = '%1' WHERE key LIKE 'epoch%'"_s.arg(idText(newUuid7(monthsAgo(20)))));
    rig->start();
    auto opened = server::DatabaseThreads::open(
        {.path = rig->options.dataFolder + u"/server.sqlite"_s, .postgres = rig->options.retentionLogin, .writers = 1, .readers = 1});
    QVERIFY2(opened, qPrintable(opened ? QString() : opened.error().detail));
    m_database = *std::move(opened);
    purge();
    rig->change(u"UPDATE server_clock SET set_ms = set_ms - %1"_s.arg(2 * DayMs));
}

void TestTrimmedAttempts::purge(const Photo &photo)
{
    rig->onDatabase([&](const QSqlDatabase &database) {
        QVERIFY(server::RetentionTable(database).setDays(u"local"_s, photo.question.project.projectId, 7));
    });
    for (int phase = 0; phase < 2; ++phase) {
        rig->change(u"UPDATE server_assets SET created_ms = created_ms - %1, wanted_ms = wanted_ms - %1, purge_ms = purge_ms - %1 WHERE sha256 = '%2'"_s.arg(30 * DayMs).arg(photo.sha256));
        purge();
    }
    QCOMPARE(count(u"server_assets WHERE sha256 = '%1'"_s.arg(photo.sha256)), 0);
}

QString TestTrimmedAttempts::standing() const
{
    QString text;
    rig->onDatabase([&](const QSqlDatabase &database) {
        const auto listing = server::ProjectBoard(database).list(u"local"_s);
        if (!listing || listing->projects.size() != 1)
            qFatal("no project");
        const server::ProjectStanding &project = listing->projects.first();
        text = u"%1 %2 %3 %4"_s.arg(project.expected.photos).arg(project.arrived.photos).arg(project.arrived.bytes).arg(project.missing.photos);
    });
    return text;
}

void TestTrimmedAttempts::whatNothingNeedsLeaves()
{
    const Photo held = photoBegun(monthsAgo(8), 1);
    const Photo purged = photoBegun(monthsAgo(8), 2);
    const Photo failed = photoBegun(monthsAgo(8), 3);
    const Photo underWay = photoBegun(monthsAgo(8), 4);
    const Photo young = photoOf(5);
    QCOMPARE(rig->upload(held).status, Status::Succeeded);
    QCOMPARE(rig->upload(purged).status, Status::Succeeded);
    const wire::Offer open = rig->ask(underWay);
    BatchRecord batch = held.question.batch;
    batch.numPhotos = 5;
    batch.totalBytes = 5 * held.bytes.size();
    QCOMPARE(rig->events(failureOf(failed) + failureOf(young) + QList<wire::MirrorEvent>{{newUuid7(), Kind::Batch, toJson(batch)}}).status, 200);
    purge(purged);
    const QString before = standing();
    QVERIFY2(before.startsWith(u"5 2 "_s) && before.endsWith(u" 3"_s), qPrintable(before));
    QVERIFY(isThere(held) && isThere(purged) && isThere(failed) && isThere(underWay) && isThere(young));
    const qint64 photos = count(u"dim_photos WHERE row_version > 0"_s);

    round();

    QVERIFY(isThere(held) && !isThere(purged) && !isThere(failed) && isThere(underWay) && isThere(young));
    QCOMPARE(count(u"dim_photos WHERE row_version > 0"_s), photos - 2);
    QCOMPARE(standing(), before);
    QCOMPARE(rowsOf(*rig, u"SELECT month, rule, row_count FROM server_trims WHERE table_name = 'fact_upload_attempts'"_s), QStringList{u"0|after 60 days|2"_s});
    QCOMPARE(rowsOf(*rig, u"SELECT table_name, rule FROM server_trim_passes"_s), QStringList{u"fact_upload_attempts|after 60 days"_s});
    QCOMPARE(rig->sql(u"SELECT batch_name FROM dim_batches WHERE batch_key > 0"_s).toString(), u"Card"_s);

    // What is left goes on: the photo is known, found by its batch, and what comes late is taken.
    QCOMPARE(rig->ask(nextAttempt(held)).kind, wire::Offer::Kind::Duplicate);
    rig->onDatabase([&](const QSqlDatabase &database) {
        const WithdrawalTable mine(database, {u"local"_s, u"local"_s});
        const auto found = mine.standing(WithdrawalTable::By::Batch, held.question.batch.batchId);
        QVERIFY(found);
        QCOMPARE(found->photos, 1);
    });
    const QList<wire::MirrorEvent> late = failureOf(failed);
    const ApiRig::Answer answer = rig->events(late);
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.json.value("applied"_L1).toInt(), late.size());
    QCOMPARE(count(u"staging_batch"_s), 0);
    QVERIFY(isThere(failed));

    // The month after, when nothing of them is there any more.
    QVERIFY(rig->abort(open.uploadId).isAborted);
    purge(held);
    round();
    QVERIFY(isThere(held)); // all have been looked at in this month
    rig->change(u"DELETE FROM server_trim_passes"_s);
    round();
    QVERIFY(!isThere(held) && !isThere(underWay) && !isThere(failed) && isThere(young));
    QCOMPARE(standing(), before);
    QCOMPARE(placesOf(*rig, {held.sha256, held.question.attempt.relativePath, purged.sha256, purged.question.attempt.relativePath}), QStringList());
}

void TestTrimmedAttempts::whatIsInQuarantineIsFoundByItsOwn()
{
    const Photo kept = photoBegun(monthsAgo(8), 1);
    {
        const std::scoped_lock lock(rig->script->mutex);
        rig->script->failures.insert(kept.bytes.size(), Error{ErrorCode::ValidationCheckCrashed, u"scripted"_s});
    }
    QCOMPARE(rig->upload(kept).status, Status::Failed);

    round();

    QCOMPARE(count(u"fact_upload_errors"_s), 0);
    QVERIFY(isThere(kept));
    rig->onDatabase([&](const QSqlDatabase &database) {
        const auto found = WithdrawalTable(database, {u"local"_s, u"local"_s}).standing(WithdrawalTable::By::Batch, kept.question.batch.batchId);
        QVERIFY(found);
        QCOMPARE(found->photos, 1);
    });

    rig->change(u"DELETE FROM server_quarantine"_s);
    rig->change(u"DELETE FROM server_trim_passes"_s);
    round();
    QVERIFY(!isThere(kept));
}

void TestTrimmedAttempts::theyWaitForTheirAggregates()
{
    const Photo failed = photoBegun(monthsAgo(8), 3);
    QCOMPARE(rig->events(failureOf(failed)).status, 200);
    DetailDays waiting = Short;
    waiting.isWaitingForMarts = true;

    round(waiting);
    QVERIFY(isThere(failed));

    rig->change(u"DELETE FROM ops_dirty_day"_s); // they have been made
    round(waiting);
    QVERIFY(!isThere(failed));
    // With the last path of its batch the name of that goes, too.
    QCOMPARE(count(u"dim_batches WHERE batch_name IS NOT NULL AND batch_key > 0"_s), 0);
}

void TestTrimmedAttempts::manyLeaveInSteps()
{
    constexpr int Many = 2500;
    QList<wire::MirrorEvent> events;
    AttemptRecord attempt = photoOf(1).question.attempt;
    for (int i = 0; i < Many; ++i) {
        attempt.clientUploadId = newUuid7(monthsAgo(8 + i % 3) + i);
        attempt.startedMs = instantOf(attempt.clientUploadId);
        attempt.itemId = newUuid7();
        attempt.status = Status::Cancelled;
        attempt.endedMs = attempt.startedMs;
        events.append({newUuid7(), Kind::Attempt, toJson(attempt)});
    }
    for (qsizetype from = 0; from < events.size(); from += 1000)
        QCOMPARE(rig->events(events.mid(from, 1000)).status, 200);
    const Photo held = photoBegun(monthsAgo(9), 1);
    QCOMPARE(rig->upload(held).status, Status::Succeeded);
    QCOMPARE(count(u"fact_upload_attempts"_s), Many + 1);

    round();

    QCOMPARE(count(u"fact_upload_attempts"_s), 1);
    QVERIFY(isThere(held));
    QCOMPARE(rowsOf(*rig, u"SELECT row_count FROM server_trims WHERE table_name = 'fact_upload_attempts'"_s), QStringList{QString::number(Many)});
    QCOMPARE(count(u"server_trim_passes"_s), 1);
}

QTEST_GUILESS_MAIN(TestTrimmedAttempts)
#include "tst_trimmedattempts.moc"
