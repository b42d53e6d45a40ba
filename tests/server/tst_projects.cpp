#include "app/server/people/auditlog.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"

#include <QJsonArray>
#include <QSqlError>
#include <QSqlQuery>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using server::Caller;

/// What a coordinator sees of the projects of an account, and may say of them.
class TestProjects : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void whatWasExpectedHasArrivedOrIsMissing();
    void photoThatTookTwoAttemptsArrivedOnce();
    void oneBatchTooManyMakesUpForNoOther();
    void convertedPhotosLeaveNoBytesMissing();
    void openOnesComeFirstAndTheNewestOfThem();
    void aPageGoesOnWhereTheOneBeforeEnded();
    void noMoreThanAPageIsShown();
    void aPageThatIsNoneIsRefused_data();
    void aPageThatIsNoneIsRefused();
    void otherAccountsAreNotShown();
    void coordinatorSaysHowAProjectStands_data();
    void coordinatorSaysHowAProjectStands();
    void coordinatorSaysNothingElse_data();
    void coordinatorSaysNothingElse();
    void whatAClientTellsLaterChangesNoState();
    void looksAndChangesAreWrittenDown();

private:
    void prepare() override;
    /// A batch of this project that announces so much.
    Photo announced(int seed, const QString &project, qint64 photos, qint64 bytes);
    QJsonArray projects();
    QJsonObject project(const QString &name);
    QString idOf(const QString &name) { return project(name).value("project_id"_L1).toString(); }
    ApiRig::Answer say(const QString &projectId, const QByteArray &body)
    {
        rig->caller = cora;
        return rig->call("POST", "/v1/projects/" + projectId.toLatin1() + "/state", body);
    }

    const Caller anna{u"a"_s, u"anna"_s, Role::Photographer, {}};
    const Caller cora{u"a"_s, u"cora"_s, Role::Coordinator, newUuid7()};
    const Caller bertha{u"b"_s, u"bertha"_s, Role::Photographer, {}};
};

namespace {

QJsonObject sum(qint64 photos, qint64 bytes)
{
    return {{u"photos"_s, photos}, {u"bytes"_s, bytes}};
}

QStringList namesOf(const QJsonArray &projects)
{
    QStringList names;
    for (const QJsonValue &project : projects)
        names.append(project["name"_L1].toString());
    return names;
}

} // namespace

void TestProjects::prepare()
{
    rig->start();
    rig->change(u"INSERT INTO server_accounts (account_id, account_name, account_type, created_ms)"
                " VALUES ('a', 'Studio A', 'organisation', 0), ('b', 'Studio B', 'organisation', 0)"_s);
    rig->change(u"INSERT INTO server_users (user_id, account_id, user_name, role, created_ms) VALUES ('anna', 'a', 'anna', 'photographer', 0),"
                " ('cora', 'a', 'cora', 'coordinator', 0), ('bertha', 'b', 'bertha', 'photographer', 0)"_s);
    rig->caller = anna;
}

Photo TestProjects::announced(int seed, const QString &project, qint64 photos, qint64 bytes)
{
    Photo photo = photoOf(seed);
    wire::Question &question = photo.question;
    question.project.projectId = question.batch.projectId = question.attempt.projectId = newUuid7();
    question.project.name = project;
    question.batch.batchId = question.attempt.batchId = newUuid7();
    question.batch.numPhotos = photos;
    question.batch.totalBytes = bytes;
    return photo;
}

QJsonArray TestProjects::projects()
{
    rig->caller = cora;
    const ApiRig::Answer answer = rig->call("GET", "/v1/projects", {}, ApiRig::WithoutKey);
    if (answer.status != 200)
        qFatal("%d %s", answer.status, jsonBytes(answer.json).constData());
    return answer.json.value("projects"_L1).toArray();
}

QJsonObject TestProjects::project(const QString &name)
{
    const QJsonArray all = projects();
    for (const QJsonValue &project : all) {
        if (project["name"_L1].toString() == name)
            return project.toObject();
    }
    return {};
}

void TestProjects::whatWasExpectedHasArrivedOrIsMissing()
{
    Photo first = announced(1, u"Wedding"_s, 3, 9000);
    rig->upload(first);
    Photo second = photoOf(2);
    second.question.project = first.question.project;
    second.question.batch = first.question.batch;
    second.question.attempt.projectId = first.question.attempt.projectId;
    second.question.attempt.batchId = first.question.attempt.batchId;
    rig->ask(second); // under way

    const QJsonObject wedding = project(u"Wedding"_s);

    QCOMPARE(wedding.value("owner"_L1).toString(), u"anna"_s);
    QCOMPARE(wedding.value("state"_L1).toString(), u"open"_s);
    QCOMPARE(wedding.value("expected"_L1).toObject(), sum(3, 9000));
    QCOMPARE(wedding.value("arrived"_L1).toObject(), sum(1, first.bytes.size()));
    QCOMPARE(wedding.value("missing"_L1).toObject(), sum(2, 9000 - first.bytes.size()));

    rig->caller = anna;
    Photo uncounted = announced(3, u"Wedding"_s, 0, 0);
    uncounted.question.batch.numPhotos.reset();
    uncounted.question.batch.totalBytes.reset();
    rig->ask(uncounted);
    const QJsonObject walking = project(u"Wedding"_s);
    QCOMPARE(walking.value("batches"_L1).toInt(), 2);
    QCOMPARE(walking.value("uncounted"_L1).toInt(), 1);
    QCOMPARE(walking.value("expected"_L1).toObject(), sum(3, 9000));
}

void TestProjects::photoThatTookTwoAttemptsArrivedOnce()
{
    const Photo photo = announced(1, u"Wedding"_s, 1, photoOf(1).bytes.size());
    rig->abort(rig->ask(photo).uploadId);
    rig->upload(nextAttempt(photo));
    QCOMPARE(rig->ask(nextAttempt(photo)).kind, wire::Offer::Kind::Duplicate); // and once more

    QCOMPARE(project(u"Wedding"_s).value("arrived"_L1).toObject(), sum(1, photo.bytes.size()));
    QCOMPARE(project(u"Wedding"_s).value("missing"_L1).toObject(), sum(0, 0));
}

void TestProjects::oneBatchTooManyMakesUpForNoOther()
{
    rig->upload(announced(1, u"Wedding"_s, 0, 0)); // as if it had been counted before a photo was added
    rig->ask(announced(2, u"Wedding"_s, 1, 500));

    QCOMPARE(project(u"Wedding"_s).value("missing"_L1).toObject(), sum(1, 500));
}

void TestProjects::convertedPhotosLeaveNoBytesMissing()
{
    rig->upload(announced(1, u"Wedding"_s, 1, 1'000'000));

    QCOMPARE(project(u"Wedding"_s).value("missing"_L1).toObject(), sum(0, 0));
}

void TestProjects::openOnesComeFirstAndTheNewestOfThem()
{
    for (const QString &name : {u"first"_s, u"second"_s, u"third"_s, u"fourth"_s})
        rig->ask(announced(static_cast<int>(name.size()), name, 1, 1));
    QCOMPARE(say(idOf(u"fourth"_s), R"({"state": "delivered"})").status, 200);
    QCOMPARE(say(idOf(u"second"_s), R"({"state": "complete"})").status, 200);

    QCOMPARE(namesOf(projects()), (QStringList{u"third"_s, u"first"_s, u"second"_s, u"fourth"_s}));
}

void TestProjects::aPageGoesOnWhereTheOneBeforeEnded()
{
    for (int i = 0; i < 7; ++i) {
        rig->caller = anna;
        rig->ask(announced(i + 1, u"project %1"_s.arg(i), 1, 1));
    }
    rig->caller = bertha;
    rig->ask(announced(9, u"Secret"_s, 1, 1));
    QCOMPARE(say(idOf(u"project 6"_s), R"({"state": "delivered"})").status, 200);
    QCOMPARE(say(idOf(u"project 1"_s), R"({"state": "complete"})").status, 200);
    QCOMPARE(say(idOf(u"project 3"_s), R"({"state": "complete"})").status, 200);
    const QStringList all = namesOf(projects());
    QCOMPARE(all.size(), 7);

    for (const int most : {1, 2, 3, 6, 7, 500}) {
        QStringList shown;
        QByteArray after;
        do {
            const ApiRig::Answer page =
                rig->call("GET", "/v1/projects", {}, ApiRig::WithoutKey, {}, "limit=" + QByteArray::number(most) + (after.isEmpty() ? QByteArray() : "&after=" + after));
            QCOMPARE(page.status, 200);
            const QStringList names = namesOf(page.json.value("projects"_L1).toArray());
            QVERIFY(!names.isEmpty() && names.size() <= most);
            shown += names;
            after = page.json.value("next"_L1).toString().toLatin1();
            QCOMPARE(page.json.value("is_cut"_L1).toBool(), !after.isEmpty());
            QVERIFY(shown.size() <= 7);
        } while (!after.isEmpty());
        QCOMPARE(shown, all);
    }
}

void TestProjects::noMoreThanAPageIsShown()
{
    rig->ask(announced(1, u"Wedding"_s, 1, 1));
    const QVariant owner = rig->sql(u"SELECT owner_user_key FROM dim_projects WHERE project_name = 'Wedding'"_s);
    rig->onDatabase([&owner](const QSqlDatabase &database) {
        QSqlQuery add(database);
        QVERIFY(add.prepare(u"INSERT INTO dim_projects (project_id, project_name, owner_user_key, state) VALUES (?, ?, ?, 'open')"_s));
        for (int i = 0; i < 600; ++i) {
            add.addBindValue(idText(newUuid7()));
            add.addBindValue(u"project %1"_s.arg(i));
            add.addBindValue(owner);
            QVERIFY2(add.exec(), qPrintable(add.lastError().text()));
        }
    });

    rig->caller = cora;
    const ApiRig::Answer first = rig->call("GET", "/v1/projects", {}, ApiRig::WithoutKey);
    QCOMPARE(first.json.value("projects"_L1).toArray().size(), 500);
    const ApiRig::Answer second = rig->call("GET", "/v1/projects", {}, ApiRig::WithoutKey, {}, "after=" + first.json.value("next"_L1).toString().toLatin1());
    QStringList names = namesOf(first.json.value("projects"_L1).toArray()) + namesOf(second.json.value("projects"_L1).toArray());
    QVERIFY(second.json.value("next"_L1).isNull());
    QCOMPARE(names.size(), 601);
    names.removeDuplicates();
    QCOMPARE(names.size(), 601);
    QCOMPARE(names.last(), u"Wedding"_s); // the oldest
}

void TestProjects::aPageThatIsNoneIsRefused_data()
{
    QTest::addColumn<QByteArray>("query");
    for (const char *query : {"limit=0", "limit=501", "limit=x", "limit=", "after=", "after=x", "after=0", "after=0-", "after=-1-5", "after=0-1x", "after=0-1'",
                              "page=2", "limit=1&page=2"})
        QTest::newRow(query) << QByteArray(query);
}

void TestProjects::aPageThatIsNoneIsRefused()
{
    QFETCH(const QByteArray, query);
    rig->caller = cora;

    const ApiRig::Answer answer = rig->call("GET", "/v1/projects", {}, ApiRig::WithoutKey, {}, query);

    QCOMPARE(answer.status, 400);
    QCOMPARE(answer.code(), u"API_REQUEST_REFUSED"_s);
}

void TestProjects::otherAccountsAreNotShown()
{
    rig->ask(announced(1, u"Wedding"_s, 1, 1));
    rig->caller = bertha;
    rig->ask(announced(2, u"Secret"_s, 1, 1));

    QCOMPARE(namesOf(projects()), QStringList{u"Wedding"_s});
    const QString hers = rig->sql(u"SELECT project_id FROM dim_projects WHERE project_name = 'Secret'"_s).toString();
    const ApiRig::Answer answer = say(hers, R"({"state": "complete"})");
    QCOMPARE(answer.status, 410);
    QCOMPARE(answer.code(), u"PROJECT_DELETED"_s); // as one that never was
    QCOMPARE(say(idText(newUuid7()), R"({"state": "complete"})").status, 410);
    QCOMPARE(rig->sql(u"SELECT state FROM dim_projects WHERE project_name = 'Secret'"_s).toString(), u"open"_s);
}

void TestProjects::coordinatorSaysHowAProjectStands_data()
{
    QTest::addColumn<QString>("state");
    for (const char *state : {"open", "complete", "delivered"})
        QTest::newRow(state) << QString::fromLatin1(state);
}

void TestProjects::coordinatorSaysHowAProjectStands()
{
    QFETCH(const QString, state);
    rig->ask(announced(1, u"Wedding"_s, 1, 1));
    const QString id = idOf(u"Wedding"_s);

    const ApiRig::Answer answer = say(id, jsonBytes({{u"state"_s, state}}));

    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.json.value("state"_L1).toString(), state);
    QCOMPARE(project(u"Wedding"_s).value("state"_L1).toString(), state);
    rig->caller = anna;
    QCOMPARE(rig->askRaw(announced(2, u"Wedding"_s, 1, 1)).status, 200); // it only says how it stands
}

void TestProjects::coordinatorSaysNothingElse_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("another word") << QByteArray(R"({"state": "archived"})");
    QTest::newRow("no word") << QByteArray("{}");
    QTest::newRow("a name besides") << QByteArray(R"({"state": "complete", "name": "Mine"})");
    QTest::newRow("an end besides") << QByteArray(R"({"state": "complete", "is_active": false})");
    QTest::newRow("no JSON") << QByteArray("complete");
}

void TestProjects::coordinatorSaysNothingElse()
{
    QFETCH(const QByteArray, body);
    rig->ask(announced(1, u"Wedding"_s, 1, 1));
    const QJsonObject before = project(u"Wedding"_s);

    const ApiRig::Answer answer = say(before.value("project_id"_L1).toString(), body);

    QCOMPARE(answer.status, 400);
    QCOMPARE(answer.code(), u"API_REQUEST_REFUSED"_s);
    QCOMPARE(project(u"Wedding"_s), before);
}

void TestProjects::whatAClientTellsLaterChangesNoState()
{
    const Photo photo = announced(1, u"Wedding"_s, 1, 1);
    rig->ask(photo);
    QCOMPARE(say(idOf(u"Wedding"_s), R"({"state": "complete"})").status, 200);
    rig->caller = anna;
    ProjectRecord told = photo.question.project;
    told.name = u"Wedding in May"_s;
    told.state = u"open"_s;
    told.isActive = false;

    const ApiRig::Answer answer = rig->events({wire::MirrorEvent{newUuid7(), wire::MirrorEvent::Kind::Project, toJson(told)}});

    QCOMPARE(answer.json.value("applied"_L1).toInt(), 1);
    const QJsonObject wedding = project(u"Wedding in May"_s); // its name is its owner's
    QCOMPARE(wedding.value("state"_L1).toString(), u"complete"_s);
    QCOMPARE(wedding.value("is_active"_L1).toBool(), true);
}

void TestProjects::looksAndChangesAreWrittenDown()
{
    rig->ask(announced(1, u"Wedding"_s, 1, 1));
    const QString id = idOf(u"Wedding"_s); // a look
    say(id, R"({"state": "complete"})");
    say(id, R"({"state": "complete"})"); // no change

    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_audit WHERE account_id = 'a' AND actor = 'cora'"_s).toInt(), 2);
    QCOMPARE(rig->sql(u"SELECT action FROM server_audit WHERE number = 1"_s).toString(), u"projects.viewed"_s);
    QCOMPARE(rig->sql(u"SELECT action || ' ' || subject || ' ' || detail_json FROM server_audit WHERE number = 2"_s).toString(),
             QString(u"project.state_changed "_s + id + u" {\"from\":\"open\",\"to\":\"complete\"}"_s));
    QCOMPARE(rig->sql(u"SELECT token_id FROM server_audit WHERE number = 2"_s).toString(), idText(cora.tokenId));
    rig->onDatabase([](const QSqlDatabase &database) { QVERIFY(!server::AuditLog(database).firstBroken(u"a"_s)->has_value()); });
}

QTEST_GUILESS_MAIN(TestProjects)
#include "tst_projects.moc"
