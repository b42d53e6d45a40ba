#include "app/server/work/purge.h"
#include "app/server/work/retentiontable.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"

#include <QSqlError>
#include <QSqlQuery>
#include <QTest>

#include <random>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using server::RetentionTable;

namespace {

constexpr qint64 HourMs = 3600 * 1000;
constexpr qint64 DayMs = 24 * HourMs;
constexpr quint32 Seed = 20261122;
constexpr int Projects = 4; ///< the last one is another account's
constexpr int MostWrongDays = 40;
constexpr int Contents = 15; ///< different photos; each project may have each of them

/// Decisions about one photo in one round, on each engine; the long form makes a million.
int decisionsWanted()
{
    bool isNumber = false;
    const int wanted = qEnvironmentVariableIntValue("PHOTOLIFT_DECISIONS", &isNumber);
    return isNumber ? wanted : 10'000;
}

/// What the test knows of one photo in one project. Times are those of a clock that is right.
struct Slot {
    bool isThere = false;
    qint64 wantedMs = 0;
};

struct Rule {
    std::optional<int> days;
    qint64 sinceMs = 0;
};

} // namespace

/// F43: photos come, are asked for again, are shared between projects and accounts, rules change and are taken back, the server's clock goes wrong for less
/// than the purge's day and comes back, the store is away, and rounds come whenever they come. Nothing goes early, and in the end
/// everything goes that has to. The rounds are real; time passes by moving what the records say.
class TestF43Retention : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void nothingGoesEarly();

private:
    void prepare() override;
    qint64 rightClock() const { return nowMs() + m_passedMs; }
    /// As if that time had passed: for the right clock and for the server's, or for the server's alone.
    void passTime(qint64 ms);
    void setServersClock(qint64 ms) { moveTimes(ms, 0); }
    void moveTimes(qint64 clockMs, qint64 uptimeMs);
    void bring(int project, int content);
    void setRule(int project, std::optional<int> days);
    void undo(int project);
    void round();
    void check(const char *when);
    void oneStep();
    int random(int below) { return int(m_random() % quint32(below)); }
    static int key(int project, int content) { return project * Contents + content; }
    Photo photo(int project, int content) const;

    std::unique_ptr<server::DatabaseThreads> m_database;
    std::mt19937 m_random;
    QList<QUuid> m_projects;
    QList<Photo> m_photos;
    QHash<int, Slot> m_slots;
    QHash<int, Rule> m_rules;
    qint64 m_passedMs = 0;
    qint64 m_clockErrorMs = 0;
    qint64 m_clockWrongSinceMs = 0;
    int m_decisions = 0;
    int m_gone = 0;
    int m_steps = 0;
};

void TestF43Retention::prepare()
{
    rig->start();
    auto opened = server::DatabaseThreads::open(
        {.path = rig->options.dataFolder + u"/server.sqlite"_s, .postgres = rig->options.retentionLogin, .writers = 1, .readers = 1});
    QVERIFY2(opened, qPrintable(opened ? QString() : opened.error().detail));
    m_database = *std::move(opened);
    rig->change(u"INSERT INTO server_accounts (account_id, account_name, account_type, created_ms) VALUES ('b', 'b', 'organisation', 0)"_s);
    rig->change(u"INSERT INTO server_users (user_id, account_id, user_name, role, created_ms) VALUES ('bertha', 'b', 'bertha', 'photographer', 0)"_s);
    m_random.seed(Seed);
    m_projects.clear();
    m_photos.clear();
    m_slots.clear();
    m_rules.clear();
    m_passedMs = m_clockErrorMs = m_clockWrongSinceMs = 0;
    m_decisions = m_gone = m_steps = 0;
    for (int project = 0; project < Projects; ++project)
        m_projects.append(newUuid7());
    for (int content = 0; content < Contents; ++content)
        m_photos.append(photoOf(content + 1));
}

Photo TestF43Retention::photo(int project, int content) const
{
    Photo photo = nextAttempt(m_photos.at(content));
    wire::Question &question = photo.question;
    question.project.projectId = question.batch.projectId = question.attempt.projectId = m_projects.at(project);
    question.project.name = u"Project %1"_s.arg(project);
    question.batch.batchId = question.attempt.batchId = newUuid7();
    question.attempt.itemId = newUuid7();
    question.attempt.attemptNumber = 1;
    return photo;
}

void TestF43Retention::passTime(qint64 ms)
{
    m_passedMs += ms;
    moveTimes(ms, ms);
}

/// `uptimeMs`: so much of it the machine's own counter has seen, too.
void TestF43Retention::moveTimes(qint64 clockMs, qint64 uptimeMs)
{
    rig->onDatabase([&](const QSqlDatabase &database) {
        for (const QString &sql :
             {u"UPDATE server_assets SET created_ms = created_ms - %1, wanted_ms = wanted_ms - %1, purge_ms = purge_ms - %1"_s.arg(clockMs),
              u"UPDATE server_removals SET claimed_ms = claimed_ms - %1"_s.arg(clockMs),
              u"UPDATE server_clock SET latest_ms = latest_ms - %1, round_ms = round_ms - %1, set_ms = set_ms - %1, uptime_ms = uptime_ms - %2"_s.arg(clockMs).arg(uptimeMs)}) {
            QSqlQuery query(database);
            QVERIFY2(query.exec(sql), qPrintable(query.lastError().text()));
        }
    });
}

void TestF43Retention::bring(int project, int content)
{
    rig->caller = project == Projects - 1 ? server::Caller{u"b"_s, u"bertha"_s, Role::Photographer, {}} : server::Caller{u"local"_s, u"local"_s, Role::Admin, {}};
    const Photo brought = photo(project, content);
    Slot &slot = m_slots[key(project, content)];
    slot.wantedMs = rightClock();
    slot.isThere = true;
    const wire::Offer offer = rig->ask(brought);
    if (offer.kind == wire::Offer::Kind::Duplicate)
        return;
    QCOMPARE(offer.kind, wire::Offer::Kind::Upload);
    rig->put(offer, brought);
    QCOMPARE(rig->commit(offer.uploadId, brought).status, 202);
    QCOMPARE(rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return isTerminal(status.status); }).status, Status::Succeeded);
}

void TestF43Retention::setRule(int project, std::optional<int> days)
{
    const QString account = project == Projects - 1 ? u"b"_s : u"local"_s;
    m_rules[project] = {days, rightClock()};
    rig->onDatabase([&](const QSqlDatabase &database) { QVERIFY(RetentionTable(database).setDays(account, m_projects.at(project), days)); });
}

void TestF43Retention::undo(int project)
{
    rig->onDatabase([&](const QSqlDatabase &database) { QVERIFY(RetentionTable(database).undo(m_projects.at(project), nowMs())); });
}

void TestF43Retention::round()
{
    server::purge(rig->store, *m_database);
    for (const Slot &slot : std::as_const(m_slots))
        m_decisions += slot.isThere ? 1 : 0;
}

void TestF43Retention::check(const char *when)
{
    QHash<QString, qint64> there;
    rig->onDatabase([&](const QSqlDatabase &database) {
        QSqlQuery query(database);
        QVERIFY2(query.exec(u"SELECT project_id, sha256 FROM server_assets"_s), qPrintable(query.lastError().text()));
        while (query.next())
            ++there[query.value(0).toString() + query.value(1).toString()];
    });
    for (int content = 0; content < Contents; ++content) {
        const Photo &bytes = m_photos.at(content);
        bool isNeeded = false;
        for (int project = 0; project < Projects; ++project) {
            const auto slot = m_slots.find(key(project, content));
            if (slot == m_slots.end() || !slot->isThere)
                continue;
            if (there.value(idText(m_projects.at(project)) + bytes.sha256) == 1) {
                isNeeded = true;
                continue;
            }
            const Rule rule = m_rules.value(project);
            const QByteArray what = QByteArray(when) + ", step " + QByteArray::number(m_steps) + ", photo " + QByteArray::number(content) + " of project "
                + QByteArray::number(project) + ", wanted " + QByteArray::number((rightClock() - slot->wantedMs) / HourMs) + " hours ago";
            QVERIFY2(rule.days, what.constData());
            QVERIFY2(rightClock() - rule.sinceMs >= server::PurgeUndoMs, what.constData());
            QVERIFY2(rightClock() - slot->wantedMs >= *rule.days * DayMs + server::PurgeAfterDueMs, what.constData());
            slot->isThere = false;
            ++m_gone;
        }
        if (isNeeded)
            QCOMPARE(rig->store.object(bytes.sha256, bytes.bytes.size()), bytes.bytes);
    }
}

void TestF43Retention::oneStep()
{
    ++m_steps;
    switch (random(12)) {
    case 0: return setRule(random(Projects), random(4) == 0 ? std::nullopt : std::optional(1 + random(9)));
    case 1: return undo(random(Projects));
    case 2:
    case 3: return bring(random(Projects), random(Contents));
    case 4:
        // Wrong for less than the day between the phases, by up to 40 days; then as it was.
        if (m_clockErrorMs == 0 && random(3) == 0) {
            m_clockErrorMs = (24 + random(MostWrongDays * 24 - 24)) * (random(2) == 0 ? -HourMs : HourMs);
            m_clockWrongSinceMs = rightClock();
            setServersClock(m_clockErrorMs);
        }
        return;
    case 5: {
        const bool isAway = random(5) == 0;
        rig->store.setBroken(isAway);
        round();
        rig->store.setBroken(false);
        return;
    }
    default: {
        const qint64 passing = (1 + random(20)) * HourMs;
        const bool isWrong = m_clockErrorMs != 0;
        if (isWrong && rightClock() + passing - m_clockWrongSinceMs >= DayMs) {
            setServersClock(-m_clockErrorMs);
            m_clockErrorMs = 0;
        }
        passTime(passing);
        round();
    }
    }
}

void TestF43Retention::nothingGoesEarly()
{
    while (m_decisions < decisionsWanted()) {
        oneStep();
        if (QTest::currentTestFailed())
            return;
        check("on the way");
        if (QTest::currentTestFailed())
            return;
    }
    QVERIFY(m_gone > 10);

    // The server's own rounds, with a quarter of an hour for each: what has to go is gone a day after its days at the latest, and nothing else.
    setServersClock(-m_clockErrorMs);
    passTime((MostWrongDays + 1) * DayMs); // what came after a clock was ahead counts from there
    round();
    passTime(DayMs); // and the clock has been right for a day
    round();
    setRule(0, 1);
    setRule(1, 3);
    setRule(2, std::nullopt);
    setRule(3, 2);
    for (int project = 0; project < Projects; ++project) {
        for (int content = 0; content < Contents; ++content)
            bring(project, content);
    }
    QVERIFY(!QTest::currentTestFailed());
    const qint64 roundsMs = server::UploadApi::Options().sweepEvery.count() + HourMs / 4;
    for (qint64 passedMs = 0; passedMs < 5 * DayMs; passedMs += roundsMs) {
            round();
            check("at the end");
        for (auto slot = m_slots.cbegin(); slot != m_slots.cend(); ++slot) {
            const auto days = m_rules.value(slot.key() / Contents).days;
            QVERIFY(!slot->isThere || !days || rightClock() - slot->wantedMs <= *days * DayMs + DayMs);
        }
        passTime(roundsMs);
    }
    for (int project = 0; project < Projects; ++project) {
        for (int content = 0; content < Contents; ++content)
            QCOMPARE(m_slots.value(key(project, content)).isThere, project == 2);
    }
    qInfo("%d decisions in %d steps, %d photos went", m_decisions, m_steps, m_gone);

    setRule(2, 1);
    passTime(2 * DayMs);
    round();
    passTime(2 * DayMs);
    round();
    check("after the end");
    QCOMPARE(rig->store.objectCount(), 0);
}

QTEST_GUILESS_MAIN(TestF43Retention)
#include "tst_f43_retention.moc"
