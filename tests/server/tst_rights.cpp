#include "app/server/http/httpserver.h"
#include "app/server/objects/folderstore.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"
#include "tests/server/recordsearch.h"
#include "tests/support/rawclient.h"

#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using server::Access;
using server::Caller;
using server::RouteRight;

/// Who may call what, and that nobody reaches into another account.
class TestRights : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void everyRouteServedHasItsLine();
    void everyRouteTakesTheRolesOfItsLine();
    void rolesAreWhatTheyAreFor();
    void idsOfAnotherAccountAreUnknown();
    void everyRouteWithAnIdKnowsNoneOfAnotherAccount();
    void refusalsAreWrittenDownOnceAMinute();
    void anotherPersonsUploadIsUnknown();
    void anUploadOfNobodyIsToldToItsAccount();
    void eventsCannotTouchAnotherAccount();
    void questionCannotTouchAnotherAccount();
    void equalBytesOfAnotherAccountStayInvisible();
    void keyOfAnotherPersonSaysNothing();

private:
    void prepare() override;
    /// What was written down of refused access: account, actor, subject, route and why. Answers do not wait for it.
    QStringList refusals() const
    {
        return rowsOf(*rig, u"SELECT account_id, actor, subject, detail_json FROM server_audit WHERE action = 'access.refused' ORDER BY account_id, number"_s);
    }
    bool waitForRefusals(qsizetype count) const
    {
        return QTest::qWaitFor([&] { return refusals().size() >= count; }, 10000);
    }
    const Caller bertha{u"b"_s, u"bertha"_s, Role::Photographer, newUuid7()};
    const Caller berthasColleague{u"b"_s, u"carl"_s, Role::Photographer, newUuid7()};
    const Caller anna{u"a"_s, u"anna"_s, Role::Photographer, newUuid7()};

};

namespace {

Photo inProjectOfItsOwn(Photo photo)
{
    photo.question.project.projectId = newUuid7();
    photo.question.batch.batchId = newUuid7();
    photo.question.batch.projectId = photo.question.project.projectId;
    photo.question.attempt.projectId = photo.question.project.projectId;
    photo.question.attempt.batchId = photo.question.batch.batchId;
    return photo;
}

/// The state of everything an account can own, in one text.
QString everything(const ApiRig &rig)
{
    return rig.sql(u"SELECT (SELECT count(*) FROM server_uploads) || ' ' || (SELECT count(*) FROM server_assets) || ' '"
                   " || (SELECT count(*) FROM fact_upload_attempts) || ' ' || (SELECT count(*) FROM fact_upload_stages) || ' '"
                   " || (SELECT count(*) FROM fact_upload_errors) || ' ' || (SELECT sum(row_version) FROM fact_upload_attempts) || ' '"
                   " || (SELECT min(project_name) FROM dim_projects WHERE project_key > 0) || ' ' || (SELECT count(*) FROM dim_batches) || ' '"
                   " || (SELECT count(*) FROM server_uploads WHERE state = 'open') || ' ' || (SELECT count(*) FROM server_withdrawals) || ' '"
                   " || (SELECT count(*) FROM dim_projects WHERE state = 'open')"_s)
        .toString();
}

} // namespace

void TestRights::prepare()
{
    rig->start();
    rig->stop();
    rig->change(u"INSERT INTO server_accounts (account_id, account_name, account_type, created_ms)"
                " VALUES ('a', 'Studio A', 'organisation', 0), ('b', 'Studio B', 'organisation', 0)"_s);
    rig->change(u"INSERT INTO server_users (user_id, account_id, user_name, role, created_ms) VALUES ('anna', 'a', 'anna', 'photographer', 0),"
                " ('bertha', 'b', 'bertha', 'photographer', 0), ('carl', 'b', 'carl', 'photographer', 0)"_s);
    rig->start();
    rig->caller = anna;
}

void TestRights::everyRouteServedHasItsLine()
{
    QTemporaryDir folder;
    server::FolderStore::Options options;
    options.folder = folder.path().toLocal8Bit();
    server::FolderStore folderStore(options);
    QStringList served;
    const QList<server::Route> routes = rig->api->routes() + rig->api->metricsRoutes() + folderStore.routes();
    for (const server::Route &route : routes)
        served.append(QString::fromLatin1(route.method + ' ' + route.pattern));
    QStringList lines;
    for (const RouteRight &right : server::allRights())
        lines.append(QString::fromLatin1(right.method + QByteArray(" ") + right.pattern));
    served.removeDuplicates(); // health is said at both listeners
    served.sort();
    lines.sort();

    QCOMPARE(served, lines);
}

void TestRights::everyRouteTakesTheRolesOfItsLine()
{
    const auto recognise = [](QByteArrayView token) -> std::optional<Caller> {
        const std::optional<Role> role = roleFromName(QString::fromLatin1(token.data(), token.size()));
        return role ? std::optional(Caller{u"a"_s, u"anna"_s, *role, {}}) : std::nullopt;
    };
    server::HttpServer http({}, rig->api->routes(), recognise);
    const Result<quint16> port = http.start();
    QVERIFY(port);
    const auto statusOf = [&](const RouteRight &right, const QByteArray &token) {
        RawClient client(*port);
        const QByteArray path = QByteArray(right.pattern).replace("{id}", idText(newUuid7()).toLatin1());
        const QByteArray authorization = token.isEmpty() ? QByteArray() : QByteArray("Authorization: Bearer " + token + "\r\n");
        return client
            .ask(QByteArray(QByteArray(right.method) + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + QByteArray::number(*port) + "\r\n" + authorization
                 + "Idempotency-Key: " + idText(newUuid7()).toLatin1() + "\r\nContent-Length: 0\r\n\r\n"))
            .status;
    };

    int walked = 0;
    for (const RouteRight &right : server::allRights()) {
        if (right.access != Access::Token)
            continue;
        QCOMPARE(statusOf(right, {}), 401);
        QCOMPARE(statusOf(right, "owner"), 401); // no such role
        for (const Role role : allRoles()) {
            const int status = statusOf(right, QByteArray(roleName(role).data()));
            const QString where = QLatin1StringView(right.name) + u" as " + roleName(role) + u": " + QString::number(status);
            QVERIFY2((status == 403) == !right.roles.contains(role), qPrintable(where));
            QVERIFY2(status != 401, qPrintable(where));
            ++walked;
        }
    }
    QVERIFY(walked >= 35);
    // One person for all roles: each route that refuses one of them has one row.
    QStringList expected;
    for (const RouteRight &right : server::allRights()) {
        if (right.access == Access::Token && std::any_of(allRoles().begin(), allRoles().end(), [&right](Role role) { return !right.roles.contains(role); }))
            expected.append(QString::fromLatin1(right.name));
    }
    QVERIFY(waitForRefusals(expected.size()));
    QStringList written;
    for (const QString &row : refusals()) {
        QVERIFY2(row.startsWith(u"a|anna|"_s) && row.contains(u"\"why\":\"role "_s), qPrintable(row));
        written.append(row.section(u"\"route\":\""_s, 1).section(u'"', 0, 0));
    }
    written.sort();
    expected.sort();
    QCOMPARE(written, expected);
    QCOMPARE(server::Route(server::RouteName::Token).access, Access::Open);
}

void TestRights::rolesAreWhatTheyAreFor()
{
    using server::RouteName;
    const auto may = [](Role role, RouteName route) { return server::Route(route).roles.contains(role); };
    for (const RouteName writing : {RouteName::Ask, RouteName::Links, RouteName::Commit, RouteName::Abort, RouteName::Events, RouteName::PhotoRemove,
                                    RouteName::PhotoRestore, RouteName::BatchRemove, RouteName::BatchRestore, RouteName::PhotoLink}) {
        QVERIFY(may(Role::Photographer, writing));
        for (const Role reader : {Role::Coordinator, Role::Support, Role::Analyst})
            QVERIFY(!may(reader, writing));
    }
    for (const RouteName coordinating : {RouteName::Projects, RouteName::ProjectState}) {
        QVERIFY(may(Role::Coordinator, coordinating));
        for (const Role other : {Role::Photographer, Role::Support, Role::Analyst})
            QVERIFY(!may(other, coordinating));
    }
    for (const Role role : allRoles())
        QVERIFY(may(role, RouteName::Info));
}

void TestRights::idsOfAnotherAccountAreUnknown()
{
    const Photo photo = photoOf(1);
    const wire::Offer offer = rig->ask(photo);
    const QByteArray path = "/v1/uploads/" + idText(offer.uploadId).toLatin1();
    const QString before = everything(*rig);

    rig->caller = bertha;
    const QByteArray links = jsonBytes(wire::toJson(wire::LinkRequest{{{1, photo.bytes.size(), photo.sha256}}}));
    for (const auto &[call, body] : {std::pair<QByteArray, QByteArray>(path + "/links", links), std::pair<QByteArray, QByteArray>(path + "/commit", jsonBytes(wire::toJson(commitOf(photo))))}) {
        const ApiRig::Answer answer = rig->call("POST", call, body);
        QCOMPARE(answer.status, 404);
        QCOMPARE(answer.code(), u"TRANSFER_UPLOAD_GONE"_s);
    }
    rig->abort(offer.uploadId);
    QVERIFY(!rig->status(offer.uploadId).uploads.first().isKnown);

    QCOMPARE(everything(*rig), before);
    rig->caller = anna;
    QVERIFY(rig->status(offer.uploadId).uploads.first().isKnown);
    rig->put(offer, photo);
    QCOMPARE(rig->commit(offer.uploadId, photo).status, 202);
}

/// The walk of routes and ids: what an id of another account is answered with says no more than one that nobody has.
void TestRights::everyRouteWithAnIdKnowsNoneOfAnotherAccount()
{
    const Photo photo = photoOf(1);
    const wire::Offer offer = rig->ask(photo);
    const Photo stored = photoOf(2);
    rig->upload(stored);
    const QByteArray links = jsonBytes(wire::toJson(wire::LinkRequest{{{1, photo.bytes.size(), photo.sha256}}}));
    struct Line {
        QUuid id;
        QByteArray body;
        QString action; ///< in the audit log
    };
    const QUuid project = photo.question.project.projectId;
    const QHash<QByteArray, Line> lines{
        {"links", {offer.uploadId, links, u"access.refused"_s}},
        {"commit", {offer.uploadId, jsonBytes(wire::toJson(commitOf(photo))), u"access.refused"_s}},
        {"abort", {offer.uploadId, {}, u"access.refused"_s}},
        {"project_state", {project, R"({"state": "complete"})", u"access.refused"_s}},
        {"photo_remove", {stored.question.attempt.itemId, {}, u"photo.remove_refused"_s}},
        {"photo_restore", {stored.question.attempt.itemId, {}, u"photo.restore_refused"_s}},
        {"photo_link", {stored.question.attempt.itemId, {}, u"photo.link_refused"_s}},
        {"batch_remove", {stored.question.attempt.batchId, {}, u"batch.remove_refused"_s}},
        {"batch_restore", {stored.question.attempt.batchId, {}, u"batch.restore_refused"_s}},
    };
    const QString before = everything(*rig);
    QVERIFY(!before.isEmpty());

    rig->caller = bertha;
    int walked = 0;
    for (const RouteRight &right : server::allRights()) {
        if (right.access != Access::Token || !QByteArray(right.pattern).contains("{id}"))
            continue;
        QVERIFY2(lines.contains(right.name), right.name); // a new route has to say which ids it takes
        const Line line = lines.value(right.name);
        const auto answerOf = [&](const QUuid &id) {
            ApiRig::Answer answer = rig->call(right.method, QByteArray(right.pattern).replace("{id}", idText(id).toLatin1()), line.body);
            answer.json.remove(u"request_id"_s);
            return answer;
        };
        const ApiRig::Answer foreign = answerOf(line.id);
        const ApiRig::Answer nobodys = answerOf(QUuid::createUuid());

        QVERIFY2(foreign.status == 404 || foreign.status == 410, right.name);
        QCOMPARE(foreign.status, nobodys.status);
        QCOMPARE(foreign.json, nobodys.json);
        QVERIFY(foreign.headers == nobodys.headers);
        QCOMPARE(everything(*rig), before);
        const QString audited = u"SELECT count(*) FROM server_audit WHERE account_id = 'b' AND actor = 'bertha' AND action = '%1' AND subject = '%2'"_s
                                    .arg(line.action, idText(line.id));
        QVERIFY2(QTest::qWaitFor([&] { return rig->sql(audited).toInt() > 0; }, 10000), right.name);
        ++walked;
    }
    QCOMPARE(walked, int(lines.size()));
    QVERIFY(!rig->status(offer.uploadId).uploads.first().isKnown); // its ids come in the body
    QVERIFY(waitForRefusals(5));
    for (const char *route : {"links", "commit", "abort", "project_state", "status"})
        QVERIFY2(refusals().filter(u"\"route\":\"%1\""_s.arg(QLatin1StringView(route))).size() == 1, route);
    QCOMPARE(refusals().size(), 5); // ids that nobody has left none
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_audit WHERE account_id = 'a'"_s).toInt(), 0);
}

void TestRights::refusalsAreWrittenDownOnceAMinute()
{
    rig->caller = bertha;
    const Photo photo = photoOf(1);
    const wire::Offer offer = rig->ask(photo);
    const QByteArray path = "/v1/uploads/" + idText(offer.uploadId).toLatin1() + "/commit";
    QCOMPARE(rig->call("POST", path, jsonBytes(wire::toJson(commitOf(photo))), {}, newUuid7()).status, 404); // her own, of another attempt
    const auto commitOfAnother = [&] { return rig->commit(offer.uploadId, photo).status; };
    rig->caller = berthasColleague;
    for (int i = 0; i < 20; ++i)
        QCOMPARE(commitOfAnother(), 404);
    rig->caller = anna;
    for (int i = 0; i < 20; ++i)
        QCOMPARE(commitOfAnother(), 404);

    QVERIFY(waitForRefusals(2));
    const QString rest = idText(offer.uploadId) + u"|{\"route\":\"commit\",\"why\":\"somebody else's\"}"_s;
    QCOMPARE(refusals(), (QStringList{u"a|anna|"_s + rest, u"b|carl|"_s + rest}));
}

void TestRights::anotherPersonsUploadIsUnknown()
{
    rig->caller = bertha;
    const Photo photo = photoOf(1);
    const wire::Offer offer = rig->ask(photo);

    rig->caller = berthasColleague;
    QCOMPARE(rig->commit(offer.uploadId, photo).status, 404);
    QVERIFY(!rig->status(offer.uploadId).uploads.first().isKnown);
    QVERIFY(!rig->status(offer.uploadId).uploads.first().isKnown);
    QVERIFY(waitForRefusals(2));
    const auto ofStatus = [this] { return refusals().filter(u"\"route\":\"status\""_s); };
    QCOMPARE(ofStatus(), QStringList{u"b|carl|"_s + idText(offer.uploadId) + u"|{\"route\":\"status\",\"why\":\"somebody else's\"}"_s});

    rig->caller = bertha;
    QVERIFY(rig->status(offer.uploadId).uploads.first().isKnown);
    QCOMPARE(ofStatus().size(), 1);
}

/// Nobody wrote down whose it is: whoever of the account waits for its end hears of it, or its client would ask again for ever.
void TestRights::anUploadOfNobodyIsToldToItsAccount()
{
    rig->caller = bertha;
    const wire::Offer offer = rig->ask(photoOf(1));
    rig->change(u"UPDATE server_uploads SET user_id = ''"_s);

    QVERIFY(rig->status(offer.uploadId).uploads.first().isKnown);
    rig->caller = anna;
    QVERIFY(!rig->status(offer.uploadId).uploads.first().isKnown);
}

void TestRights::eventsCannotTouchAnotherAccount()
{
    const Photo photo = photoOf(1);
    const wire::UploadStatus end = rig->upload(photo);
    QCOMPARE(end.status, Status::Succeeded);
    const QString before = everything(*rig);

    AttemptRecord attempt = photo.question.attempt;
    attempt.rowVersion = 1000;
    attempt.status = Status::Failed;
    StageRecord stage;
    stage.clientUploadId = attempt.clientUploadId;
    stage.stage = Stage::Preprocessing;
    stage.startedMs = nowMs();
    ErrorRecord error;
    error.clientUploadId = attempt.clientUploadId;
    error.errorUid = newUuid7();
    error.happenedMs = nowMs();
    ProjectRecord project = photo.question.project;
    project.name = u"A renamed"_s;
    AttemptRecord ownAttempt = inProjectOfItsOwn(photoOf(2)).question.attempt;
    ownAttempt.projectId = photo.question.project.projectId; // one of their own, put into a project of another account
    const auto event = [](wire::MirrorEvent::Kind kind, const QJsonObject &row) { return wire::MirrorEvent{newUuid7(), kind, row}; };
    using Kind = wire::MirrorEvent::Kind;

    rig->caller = bertha;
    const ApiRig::Answer answer = rig->events({event(Kind::Attempt, toJson(attempt)), event(Kind::Stage, toJson(stage)), event(Kind::Error, toJson(error)),
                                               event(Kind::Project, toJson(project)), event(Kind::Batch, toJson(photo.question.batch)),
                                               event(Kind::Attempt, toJson(ownAttempt))});

    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.json.value("applied"_L1).toInt(), 0);
    QCOMPARE(answer.json.value("set_aside"_L1).toArray().size(), 6);
    QCOMPARE(everything(*rig), before);
}

void TestRights::questionCannotTouchAnotherAccount()
{
    const Photo photo = photoOf(1);
    (void)rig->ask(photo);
    const QString before = everything(*rig);

    rig->caller = bertha;
    const ApiRig::Answer answer = rig->askRaw(photoOf(2)); // in the same project

    QCOMPARE(answer.status, 403);
    QCOMPARE(answer.code(), u"API_NOT_ALLOWED"_s);
    QCOMPARE(everything(*rig), before);
    QVERIFY(waitForRefusals(1));
    QCOMPARE(refusals(), QStringList{u"b|bertha|b|{\"route\":\"ask\",\"why\":\"of another account\"}"_s});
}

void TestRights::equalBytesOfAnotherAccountStayInvisible()
{
    const Photo photo = photoOf(1);
    QCOMPARE(rig->upload(photo).status, Status::Succeeded);

    rig->caller = bertha;
    Photo same = inProjectOfItsOwn(photoOf(1));
    same.question.attempt.clientUploadId = newUuid7();
    same.question.attempt.itemId = newUuid7();
    const wire::Offer offer = rig->ask(same);

    QCOMPARE(offer.kind, wire::Offer::Kind::Upload); // not Duplicate: the bytes have to come
    QVERIFY(offer.parts.isEmpty());
}

void TestRights::keyOfAnotherPersonSaysNothing()
{
    const QByteArray key = idText(newUuid7()).toLatin1();
    QCOMPARE(rig->askRaw(photoOf(1), key).status, 200);

    rig->caller = bertha;
    QCOMPARE(rig->askRaw(inProjectOfItsOwn(photoOf(2)), key).status, 200);
}

QTEST_GUILESS_MAIN(TestRights)
#include "tst_rights.moc"
