#include "app/server/work/purge.h"
#include "app/server/work/retentiontable.h"
#include "app/server/work/trim.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"
#include "tests/server/recordsearch.h"

#include <QDateTime>
#include <QJsonArray>
#include <QTest>

#include <array>
#include <thread>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using Kind = wire::MirrorEvent::Kind;
using server::DetailDays;

namespace {

constexpr qint64 DayMs = 24LL * 3600 * 1000;
constexpr int Attempts = 6; ///< of each month; every second one has an error
constexpr int Failed = Attempts / 2;
constexpr int StagesOfEach = 3;
/// How many months ago. Stages are kept for 30 days and errors for 180: of 3 and 5 the errors stay, of 8 and 9 nothing does.
constexpr std::array Ages{0, 3, 5, 8, 9};
/// Whether aggregates have been made or not.
constexpr DetailDays Whatever{.isWaitingForMarts = false};

/// In the middle of a month that began so many months before this one; the newest ones just now.
qint64 monthsAgo(int months)
{
    if (months == 0)
        return nowMs();
    const QDate today = QDateTime::currentDateTimeUtc().date();
    return QDateTime(QDate(today.year(), today.month(), 15).addMonths(-months), QTime(12, 0), Qt::UTC).toMSecsSinceEpoch();
}

int monthOf(int monthsAgoThatIs)
{
    return dateKeyOf(monthsAgo(monthsAgoThatIs)) / 100;
}

Photo photoBegun(qint64 startedMs, int seed)
{
    Photo photo = photoOf(seed, u"%1/%2.jpg"_s.arg(startedMs).arg(seed));
    photo.question.attempt.clientUploadId = newUuid7(startedMs + seed);
    photo.question.attempt.startedMs = instantOf(photo.question.attempt.clientUploadId);
    return photo;
}

/// An attempt with three stages, the last of them with an error if it failed.
QList<wire::MirrorEvent> storyOf(const Photo &photo, bool hasFailed)
{
    AttemptRecord attempt = photo.question.attempt;
    attempt.status = hasFailed ? Status::Failed : Status::Cancelled;
    attempt.endedMs = attempt.startedMs + 10;
    QList<wire::MirrorEvent> events{{newUuid7(), Kind::Attempt, toJson(attempt)}};
    for (int i = 0; i < StagesOfEach; ++i) {
        StageRecord stage;
        stage.clientUploadId = attempt.clientUploadId;
        stage.stage = AllStages[static_cast<std::size_t>(i)];
        stage.startedMs = attempt.startedMs + i;
        stage.endedMs = stage.startedMs + 1;
        stage.durationMs = 1;
        stage.isSuccessful = !hasFailed || i + 1 < StagesOfEach;
        events.append({newUuid7(), Kind::Stage, toJson(stage)});
    }
    if (hasFailed) {
        ErrorRecord error;
        error.errorUid = newUuid7();
        error.clientUploadId = attempt.clientUploadId;
        error.stage = AllStages[StagesOfEach - 1];
        error.code = ErrorCode::InitiationQuotaFull;
        error.happenedMs = attempt.startedMs;
        error.isFatal = true;
        events.append({error.errorUid, Kind::Error, toJson(error)});
    }
    return events;
}

} // namespace

/// Details leave when they have had their days, and nothing that refers to them minds. Each round as the login of retention.
class TestTrims : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void oldMonthsGoAndYoungOnesStay();
    void whatHasItsDaysIsKept();
    void whatAggregatesNeedStays();
    void aClockThatWasSetIsNotTrusted();
    void lateEventsAreTakenAndLeaveLater();
    void twoAtOnceCountOnce();
    void thePhotosAreWhatTheyWere();

private:
    void prepare() override;
    std::unique_ptr<server::DatabaseThreads> openAsRetention();
    /// Every other old month has no partition: its rows came before there was one.
    void bringAll();
    void round(const DetailDays &days = Whatever) { server::trimDetails(*m_database, days); }
    void setClock(qint64 roundMs, qint64 setMs)
    {
        rig->change(u"UPDATE server_clock SET round_ms = %1, set_ms = %2"_s.arg(roundMs).arg(setMs));
    }
    void forgetMarks() { rig->change(u"DELETE FROM ops_dirty_day"_s); }
    /// "MONTH|ROWS" of each month that has any.
    QStringList months(const QString &table) const
    {
        return rowsOf(*rig, u"SELECT date_key / 100, count(*) FROM %1 GROUP BY 1 ORDER BY 1"_s.arg(table));
    }
    qint64 recorded(const QString &table) const
    {
        return rig->sql(u"SELECT CAST(coalesce(sum(row_count), 0) AS bigint) FROM server_trims WHERE table_name = '%1'"_s.arg(table)).toLongLong();
    }
    qint64 count(const QString &table) const { return rig->sql(u"SELECT count(*) FROM "_s + table).toLongLong(); }
    bool isPostgres() const { return rig->options.postgres.has_value(); }

    std::unique_ptr<server::DatabaseThreads> m_database;
};

void TestTrims::prepare()
{
    // A database that is older than what it is told: nothing is told anew.
    rig->options.roles.retention = false; // its rounds are ours
    rig->start();
    rig->stop();
    rig->change(u"UPDATE server_state SET value = '%1' WHERE key LIKE 'epoch%'"_s.arg(idText(newUuid7(monthsAgo(20)))));
    rig->start();
    m_database = openAsRetention();
    setClock(nowMs(), nowMs() - 2 * DayMs);
}

std::unique_ptr<server::DatabaseThreads> TestTrims::openAsRetention()
{
    auto opened = server::DatabaseThreads::open(
        {.path = rig->options.dataFolder + u"/server.sqlite"_s, .postgres = rig->options.retentionLogin, .writers = 1, .readers = 1});
    if (!opened)
        qFatal("%s", qPrintable(opened.error().detail));
    return *std::move(opened);
}

void TestTrims::bringAll()
{
    for (const int months : {3, 8}) {
        if (isPostgres())
            rig->change(u"SELECT ensure_month('%1')"_s.arg(QDateTime::fromMSecsSinceEpoch(monthsAgo(months), Qt::UTC).date().toString(Qt::ISODate)));
    }
    for (const int months : Ages) {
        QList<wire::MirrorEvent> events;
        for (int i = 0; i < Attempts; ++i)
            events.append(storyOf(photoBegun(monthsAgo(months), i), i % 2 == 1));
        const ApiRig::Answer answer = rig->events(events);
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.json.value("applied"_L1).toInt(), events.size());
    }
    QCOMPARE(count(u"fact_upload_stages"_s), Attempts * StagesOfEach * qint64(Ages.size()));
    QCOMPARE(count(u"fact_upload_errors"_s), Failed * qint64(Ages.size()));
}

void TestTrims::oldMonthsGoAndYoungOnesStay()
{
    bringAll();
    const QStringList attempts = rowsOf(*rig, u"SELECT client_upload_id, upload_status_key, row_version FROM fact_upload_attempts ORDER BY 1"_s);
    const QString named = u"SELECT count(*) FROM fact_upload_errors e JOIN fact_upload_stages s ON s.stage_id = e.stage_id AND s.upload_id = e.upload_id"_s;

    round();

    // Of a month whose errors stay the stages stay that they name.
    QCOMPARE(months(u"fact_upload_stages"_s),
             (QStringList{u"%1|%2"_s.arg(monthOf(5)).arg(Failed), u"%1|%2"_s.arg(monthOf(3)).arg(Failed),
                          u"%1|%2"_s.arg(monthOf(0)).arg(Attempts * StagesOfEach)}));
    QCOMPARE(months(u"fact_upload_errors"_s),
             (QStringList{u"%1|%2"_s.arg(monthOf(5)).arg(Failed), u"%1|%2"_s.arg(monthOf(3)).arg(Failed), u"%1|%2"_s.arg(monthOf(0)).arg(Failed)}));
    QCOMPARE(rig->sql(named).toInt(), 3 * Failed);
    QCOMPARE(rowsOf(*rig, u"SELECT client_upload_id, upload_status_key, row_version FROM fact_upload_attempts ORDER BY 1"_s), attempts);

    // What left, when and by which rule.
    QCOMPARE(recorded(u"fact_upload_stages"_s), 4 * Attempts * StagesOfEach - 2 * Failed);
    QCOMPARE(recorded(u"fact_upload_errors"_s), 2 * Failed);
    const QStringList rules = rowsOf(*rig, u"SELECT DISTINCT table_name, rule FROM server_trims ORDER BY 1"_s);
    QCOMPARE(rules, (QStringList{u"fact_upload_errors|after 180 days"_s, u"fact_upload_stages|after 30 days"_s}));
    QCOMPARE(count(u"server_trims WHERE trimmed_ms = (SELECT round_ms FROM server_clock)"_s), count(u"server_trims"_s));
    if (isPostgres()) {
        QCOMPARE(rowsOf(*rig, u"SELECT table_name, month, row_count FROM server_trims WHERE month > 0 ORDER BY 1, 2"_s),
                 (QStringList{u"fact_upload_errors|%1|%2"_s.arg(monthOf(8)).arg(Failed),
                              u"fact_upload_stages|%1|%2"_s.arg(monthOf(8)).arg(Attempts * StagesOfEach),
                              u"fact_upload_stages|%1|%2"_s.arg(monthOf(3)).arg(Attempts * StagesOfEach - Failed)}));
        QCOMPARE(rowsOf(*rig, u"SELECT relname FROM pg_class WHERE relname LIKE 'fact_upload_stages\\_%' AND relkind = 'r'"
                              " AND right(relname::text, 6) IN ('%1', '%2')"_s.arg(monthOf(3))
                                  .arg(monthOf(8))),
                 QStringList());
    }

    // A second round finds nothing more; what the months were named by later leaves with its errors.
    const QStringList before = rowsOf(*rig, u"SELECT * FROM server_trims ORDER BY 1, 2, 3"_s);
    round();
    QCOMPARE(rowsOf(*rig, u"SELECT * FROM server_trims ORDER BY 1, 2, 3"_s), before);
    round({.errors = 30, .isWaitingForMarts = false});
    QCOMPARE(months(u"fact_upload_stages"_s), QStringList{u"%1|%2"_s.arg(monthOf(0)).arg(Attempts * StagesOfEach)});
    QCOMPARE(months(u"fact_upload_errors"_s), QStringList{u"%1|%2"_s.arg(monthOf(0)).arg(Failed)});
}

void TestTrims::whatHasItsDaysIsKept()
{
    bringAll();

    round({.stages = 400, .errors = 400, .isWaitingForMarts = false});

    QCOMPARE(count(u"fact_upload_stages"_s), Attempts * StagesOfEach * qint64(Ages.size()));
    QCOMPARE(count(u"fact_upload_errors"_s), Failed * qint64(Ages.size()));
    QCOMPARE(count(u"server_trims"_s), 0);
}

void TestTrims::whatAggregatesNeedStays()
{
    bringAll();
    const qint64 stages = count(u"fact_upload_stages"_s);
    const QString days = u"SELECT DISTINCT date_key FROM ops_dirty_day ORDER BY 1"_s;
    const QStringList marked = rowsOf(*rig, days);
    QCOMPARE(marked.size(), qsizetype(Ages.size()));

    round({});
    QCOMPARE(count(u"fact_upload_stages"_s), stages);
    QCOMPARE(count(u"server_trims"_s), 0);
    QCOMPARE(rowsOf(*rig, days), marked);
    QCOMPARE(count(u"ops_dirty_day"_s), marked.size()); // each once

    // The aggregates of all but two months are made: one of them has a partition, one has none.
    rig->change(u"DELETE FROM ops_dirty_day WHERE date_key / 100 NOT IN (%1, %2)"_s.arg(monthOf(8)).arg(monthOf(9)));
    round({});
    QCOMPARE(months(u"fact_upload_stages"_s),
             (QStringList{u"%1|%2"_s.arg(monthOf(9)).arg(Attempts * StagesOfEach), u"%1|%2"_s.arg(monthOf(8)).arg(Attempts * StagesOfEach),
                          u"%1|%2"_s.arg(monthOf(5)).arg(Failed), u"%1|%2"_s.arg(monthOf(3)).arg(Failed),
                          u"%1|%2"_s.arg(monthOf(0)).arg(Attempts * StagesOfEach)}));
    QCOMPARE(count(u"fact_upload_errors"_s), Failed * qint64(Ages.size()));

    forgetMarks();
    round({});
    QCOMPARE(count(u"fact_upload_errors"_s), 3 * Failed);
    QCOMPARE(count(u"fact_upload_stages"_s), Attempts * StagesOfEach + 2 * Failed);
}

void TestTrims::aClockThatWasSetIsNotTrusted()
{
    bringAll();
    const auto look = [this] { server::purge(rig->store, *m_database); };
    const auto isWhole = [this] { return count(u"server_trims"_s) == 0; };
    rig->change(u"UPDATE server_clock SET round_ms = NULL, set_ms = NULL"_s);

    round();
    QVERIFY(isWhole()); // nobody has looked at the clock
    look();
    round();
    QVERIFY(isWhole()); // for less than a day
    rig->change(u"UPDATE server_clock SET set_ms = set_ms - %1"_s.arg(DayMs));
    rig->change(u"UPDATE server_clock SET uptime_ms = uptime_ms - %1"_s.arg(3600 * 1000)); // the clock shows an hour less than has passed
    look();
    round();
    QVERIFY(isWhole()); // it was set
    look();
    round();
    QVERIFY(isWhole());
    rig->change(u"UPDATE server_clock SET set_ms = set_ms - %1"_s.arg(DayMs));
    look();
    round();

    QVERIFY(!isWhole());
}

void TestTrims::lateEventsAreTakenAndLeaveLater()
{
    bringAll();
    round();
    const qint64 stages = count(u"fact_upload_stages"_s);
    const qint64 errors = count(u"fact_upload_errors"_s);
    const qint64 gone = recorded(u"fact_upload_stages"_s);

    // Of an attempt that is known and of one that is not, for months that have left; among them what is not late at all.
    QList<wire::MirrorEvent> late = storyOf(photoBegun(monthsAgo(8), 100), true) + storyOf(photoBegun(monthsAgo(3), 101), false)
        + storyOf(photoBegun(monthsAgo(0), 102), true);
    const QString known = rig->sql(u"SELECT client_upload_id FROM fact_upload_attempts WHERE date_key / 100 = %1"_s.arg(monthOf(8))).toString();
    StageRecord stage;
    stage.clientUploadId = QUuid::fromString(known);
    stage.startedMs = instantOf(stage.clientUploadId);
    late.append({newUuid7(), Kind::Stage, toJson(stage)});
    forgetMarks();
    const ApiRig::Answer answer = rig->events(late);

    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.json.value("applied"_L1).toInt(), late.size());
    QVERIFY(answer.json.value("set_aside"_L1).toArray().isEmpty());
    QCOMPARE(count(u"staging_batch"_s), 0);
    QCOMPARE(rig->events(late).json.value("repeated"_L1).toInt(), late.size());
    QCOMPARE(count(u"fact_upload_stages"_s), stages + 3 * StagesOfEach + 1);

    round({}); // they have not been counted
    QCOMPARE(count(u"fact_upload_stages"_s), stages + 3 * StagesOfEach + 1);
    forgetMarks();
    round({});
    QCOMPARE(count(u"fact_upload_stages"_s), stages + StagesOfEach);
    QCOMPARE(count(u"fact_upload_errors"_s), errors + 1);
    QCOMPARE(recorded(u"fact_upload_stages"_s), gone + 2 * StagesOfEach + 1);
}

void TestTrims::twoAtOnceCountOnce()
{
    bringAll();
    const qint64 stages = count(u"fact_upload_stages"_s);
    const auto second = openAsRetention();

    std::thread other([&second] { server::trimDetails(*second, Whatever); });
    round();
    other.join();
    round(); // whatever the one found the other at

    const qint64 left = count(u"fact_upload_stages"_s);
    QCOMPARE(left, Attempts * StagesOfEach + 2 * Failed);
    QCOMPARE(recorded(u"fact_upload_stages"_s), stages - left);
    QCOMPARE(recorded(u"fact_upload_errors"_s), 2 * Failed);
}

void TestTrims::thePhotosAreWhatTheyWere()
{
    const Photo photo = photoBegun(monthsAgo(3), 1);
    const wire::Offer offer = rig->ask(photo);
    rig->put(offer, photo);
    QCOMPARE(rig->commit(offer.uploadId, photo).status, 202);
    const auto hasEnded = [](const wire::UploadStatus &status) { return isTerminal(status.status); };
    const auto told = [&] { return jsonBytes(wire::toJson(wire::StatusAnswer{{rig->statusWhen(offer.uploadId, hasEnded)}})); };
    const QByteArray before = told();
    QVERIFY(count(u"fact_upload_stages"_s) >= 6);
    forgetMarks();

    round({});

    QCOMPARE(count(u"fact_upload_stages"_s), 0);
    QCOMPARE(count(u"fact_upload_attempts"_s), 1);
    QCOMPARE(count(u"dim_photos WHERE row_version > 0"_s), 1);
    QCOMPARE(told(), before);
    Photo again = nextAttempt(photo);
    again.question.attempt.relativePath = u"elsewhere.jpg"_s;
    QCOMPARE(rig->ask(again).kind, wire::Offer::Kind::Duplicate);

    // Purged, and no name stays.
    rig->onDatabase([&](const QSqlDatabase &database) {
        QVERIFY(server::RetentionTable(database).setDays(u"local"_s, photo.question.project.projectId, 7));
    });
    for (int i = 0; i < 2; ++i) {
        rig->change(u"UPDATE server_assets SET created_ms = created_ms - %1, wanted_ms = wanted_ms - %1, purge_ms = purge_ms - %1"_s.arg(30 * DayMs));
        server::purge(rig->store, *m_database);
    }
    QCOMPARE(count(u"server_assets"_s), 0);
    QVERIFY(!*rig->store.hasObject(photo.sha256, photo.bytes.size()));
    QCOMPARE(placesOf(*rig, {photo.sha256, u"elsewhere.jpg"_s, photo.question.attempt.relativePath}), QStringList());
}

QTEST_GUILESS_MAIN(TestTrims)
#include "tst_trims.moc"
