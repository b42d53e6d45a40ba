#include "app/server/work/serverclock.h"
#include "tests/server/purgetest.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using server::RetentionTable;
using server::WithdrawalTable;

/// When the phases of a purge come, and what a clock that is wrong does to them.
class TestPurgeTimes : public PurgeTest
{
    Q_OBJECT

private Q_SLOTS:
    void itIsGoneADayAfterItsDays_data();
    void itIsGoneADayAfterItsDays();
    void aServerThatWasOffLeavesTheTimeToTakeItBack();
    void whatIsDueIsNotToBeDownloaded();
    void aClockThatWasSetIsNotTrusted();
    void aClockThatIsBehindMakesNoPhotoOlder();
    void aClockThatGoesAheadShortensNoLastDay();

private:
    /// As if that time had passed, with a server's clock that was right all the time.
    void passTime(qint64 ms)
    {
        for (const QString &table : {u"server_assets SET created_ms = created_ms - %1, wanted_ms = wanted_ms - %1, purge_ms = purge_ms - %1"_s,
                                     u"server_quarantine SET kept_ms = kept_ms - %1, purge_ms = purge_ms - %1"_s,
                                     u"server_clock SET latest_ms = latest_ms - %1, round_ms = round_ms - %1, set_ms = set_ms - %1, uptime_ms = uptime_ms - %1"_s})
            rig->change(u"UPDATE "_s + table.arg(ms));
    }
};

void TestPurgeTimes::itIsGoneADayAfterItsDays_data()
{
    QTest::addColumn<int>("roundMinutesBefore"); ///< the days are over
    QTest::newRow("a minute behind a round") << 1;
    QTest::newRow("half an hour behind a round") << 30;
    QTest::newRow("a minute before a round") << 74;
}

/// FAULTS F43, with the server's own time between two rounds, each of which takes a quarter of an hour.
void TestPurgeTimes::itIsGoneADayAfterItsDays()
{
    QFETCH(const int, roundMinutesBefore);
    constexpr qint64 MinuteMs = 60 * 1000;
    constexpr qint64 DueMs = 7 * DayMs;
    const qint64 roundsMs = server::UploadApi::Options().sweepEvery.count() + 15 * MinuteMs;
    round(); // from here on the clock is known
    const Photo photo = photoOf(1);
    rig->upload(photo);
    rig->change(u"INSERT INTO server_quarantine (account_id, user_id, sha256, size, project_id, relative_path, client_upload_id, kept_ms)"
                " SELECT account_id, 'local', 'f00d', 1, project_id, 'BAD.JPG', '%1', created_ms FROM server_assets"_s.arg(idText(newUuid7())));
    setDays(7);

    qint64 passedMs = DueMs - roundMinutesBefore * MinuteMs;
    passTime(passedMs);
    round();
    QCOMPARE(count(u"server_assets WHERE purge_ms IS NOT NULL"_s), 0);
    qint64 markedMs = 0;
    while (isStored(photo) && passedMs < DueMs + 3 * DayMs) {
        passTime(roundsMs);
        passedMs += roundsMs;
        round();
        if (markedMs == 0 && count(u"server_assets WHERE purge_ms IS NOT NULL"_s) == 1)
            markedMs = passedMs;
    }

    QCOMPARE(count(u"server_assets"_s) + count(u"server_quarantine"_s), 0);
    QVERIFY2(passedMs <= DueMs + DayMs, qPrintable(QString::number((passedMs - DueMs) / MinuteMs)));
    QVERIFY2(passedMs - markedMs >= 21 * 60 * MinuteMs, qPrintable(QString::number((passedMs - markedMs) / MinuteMs)));
}

void TestPurgeTimes::aServerThatWasOffLeavesTheTimeToTakeItBack()
{
    constexpr qint64 HourMs = 3600 * 1000;
    round();
    const Photo photo = photoOf(1);
    rig->upload(photo);
    setDays(7);
    passTime(12 * DayMs);

    round();
    passTime(21 * HourMs - 60'000);
    round();
    QVERIFY(isStored(photo));
    passTime(2 * 60'000);
    round();
    QVERIFY(!isStored(photo));
}

void TestPurgeTimes::whatIsDueIsNotToBeDownloaded()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    setDays(7);
    const QByteArray path = "/v1/photos/" + idText(photo.question.attempt.itemId).toLatin1() + "/link";
    const auto link = [&] { return rig->call("GET", path).status; };
    const auto undo = [&] {
        int kept = -1;
        rig->onDatabase([&](const QSqlDatabase &database) {
            const Result<int> undone = RetentionTable(database).undo(photo.question.project.projectId, nowMs());
            kept = undone ? *undone : -1;
        });
        return kept;
    };
    passDays(6);
    QCOMPARE(link(), 200);
    QCOMPARE(undo(), 0);
    passDays(1);

    QCOMPARE(link(), 404); // no round has been yet
    rig->onDatabase([&](const QSqlDatabase &database) {
        const auto own = WithdrawalTable(database, {u"local"_s, u"local"_s}).photos(WithdrawalTable::By::Everything, {}, nowMs(), 0, 10);
        QVERIFY(own && own->size() == 1 && own->first().isOverdue); // whoever exports it still has it
    });
    QCOMPARE(undo(), 1);
    QCOMPARE(link(), 200);

    passDays(7);
    round();
    QCOMPARE(link(), 404);
    QCOMPARE(undo(), 1);
    QCOMPARE(link(), 200);
}

void TestPurgeTimes::aClockThatWasSetIsNotTrusted()
{
    constexpr qint64 HourMs = 3600 * 1000;
    const qint64 begin = nowMs();
    const auto isTrusted = [&](qint64 atMs, const QString &boot, qint64 uptimeMs) {
        bool trusted = false;
        rig->onDatabase([&](const QSqlDatabase &database) {
            const Result<bool> answer = server::ServerClock(database).isTrusted({begin + atMs, boot, uptimeMs});
            QVERIFY(answer);
            trusted = *answer;
        });
        return trusted;
    };
    QVERIFY(isTrusted(0, u"a"_s, HourMs)); // the first one ever
    QVERIFY(isTrusted(HourMs, u"a"_s, 2 * HourMs));
    QVERIFY(isTrusted(40 * HourMs, u"a"_s, 41 * HourMs)); // nobody was there for two days, but the machine was
    QVERIFY(!isTrusted(42 * HourMs, u"a"_s, 42 * HourMs));
    QVERIFY(isTrusted(43 * HourMs, u"a"_s, 43 * HourMs));
    QVERIFY(!isTrusted(43 * HourMs, u"a"_s, 44 * HourMs));
    QVERIFY(isTrusted(44 * HourMs, u"b"_s, 1)); // another machine takes its turn
    QVERIFY(!isTrusted(43 * HourMs, u"c"_s, 1));
    QVERIFY(!isTrusted(70 * HourMs, u"d"_s, 1));
}

void TestPurgeTimes::aClockThatIsBehindMakesNoPhotoOlder()
{
    round();
    const Photo photo = photoOf(1);
    rig->change(u"UPDATE server_clock SET latest_ms = latest_ms + %1"_s.arg(20 * DayMs)); // as if this clock were 20 days behind
    rig->upload(photo);
    rig->change(u"UPDATE server_clock SET latest_ms = latest_ms - %1"_s.arg(20 * DayMs));
    passDays(20); // and right again
    setDays(7);

    round();
    QCOMPARE(count(u"server_assets WHERE purge_ms IS NOT NULL"_s), 0);
    passDays(8);
    round();
    QCOMPARE(count(u"server_assets WHERE purge_ms IS NOT NULL"_s), 1);
}

void TestPurgeTimes::aClockThatGoesAheadShortensNoLastDay()
{
    const Photo byRule = photoOf(1);
    const Photo byPerson = inAnotherProject(photoOf(2));
    rig->upload(byRule);
    rig->upload(byPerson);
    setDays(7);
    passDays(8);
    round();
    rig->onDatabase([&](const QSqlDatabase &database) {
        const Result<int> removed = WithdrawalTable(database, {u"local"_s, u"local"_s}).withdraw(WithdrawalTable::By::Photo, byPerson.question.attempt.itemId, nowMs());
        QVERIFY(removed && *removed == 1);
    });
    const auto setClock = [this](qint64 ms) {
        passDays(int(ms / DayMs));
        rig->change(u"UPDATE server_withdrawals SET removed_ms = removed_ms - %1"_s.arg(ms));
        rig->change(u"UPDATE server_clock SET latest_ms = latest_ms - %1, round_ms = round_ms - %1"_s.arg(ms));
    };

    setClock(3 * DayMs);
    round();
    QVERIFY(isStored(byRule) && isStored(byPerson));
    setClock(-3 * DayMs);
    round();
    QVERIFY(isStored(byRule) && isStored(byPerson));

    setClock(2 * DayMs);
    rig->change(u"UPDATE server_clock SET uptime_ms = uptime_ms - %1"_s.arg(2 * DayMs)); // two days that the machine has seen as well
    round();
    QVERIFY(!isStored(byRule) && !isStored(byPerson));
}

QTEST_GUILESS_MAIN(TestPurgeTimes)
#include "tst_purgetimes.moc"
