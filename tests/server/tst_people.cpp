#include "app/server/people/accesstokens.h"
#include "app/server/people/auditlog.h"
#include "app/server/people/devicetoken.h"
#include "app/server/people/peopletable.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"

#include <QMessageAuthenticationCode>
#include <QSqlQuery>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using namespace photolift::server;

/// Accounts, people, device tokens and what they are exchanged for, on both engines.
class TestPeople : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void accessTokenSaysWhoseItIs();
    void accessTokenEnds();
    void changedAccessTokenIsNobodys();
    void accessTokenOfAForgottenKeyIsNobodys();
    void standingOutweighsTheToken();
    void tokenThatNoServerMakesIsNobodys_data();
    void tokenThatNoServerMakesIsNobodys();
    void deviceTokenIsUnlikeAnyOther();
    void deviceTokenOpensOnce15MinutesEach();
    void deviceTokenIsNowhereKept();
    void whoIsShutOut_data();
    void whoIsShutOut();
    void changedRoleCountsSoon();
    void twoServersOfOneDatabaseTakeEachOthersTokens();
    void namesAreTakenOnce();
    void auditChainShowsWhatWasChanged_data();
    void auditChainShowsWhatWasChanged();
    void auditRowsCannotBeTouched();

private:
    void prepare() override;
    ApiRig::Answer exchange(const QByteArray &deviceToken);
    void commandOn(const std::function<Result<>(const PeopleTable &)> &work) const;

    const User anna{u"anna-id"_s, u"studio-id"_s, u"anna"_s, Role::Photographer, true};
    const Account studio{u"studio-id"_s, u"Studio"_s, u"organisation"_s, false, {}, true};
    const QUuid tokenId = newUuid7();
    const QByteArray deviceToken = newDeviceToken();
};

namespace {

void giveKey(AccessTokens &tokens)
{
    tokens.setKeys({{"key-1", "a secret of the database"}});
}

constexpr qint64 Now = 1'800'000'000'000;
constexpr qint64 MinuteMs = 60'000;

/// As somebody makes one who has got hold of the key.
QByteArray sealed(qint64 issuedMs, qint64 endsMs, const QUuid &tokenId)
{
    constexpr auto Base64 = QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals;
    const QByteArray claims = "key-1." + jsonBytes({{u"account"_s, u"a"_s}, {u"user"_s, u"u"_s}, {u"role"_s, u"admin"_s}, {u"token"_s, idText(tokenId)},
                                                    {u"issued_ms"_s, issuedMs}, {u"ends_ms"_s, endsMs}}).toBase64(Base64);
    return claims + '.' + QMessageAuthenticationCode::hash(claims, "a secret of the database", QCryptographicHash::Sha256).toBase64(Base64);
}

} // namespace

void TestPeople::prepare()
{
    rig->options.lookAtTokensEvery = std::chrono::milliseconds(100);
    rig->start();
    commandOn([this](const PeopleTable &people) {
        const qint64 now = nowMs();
        if (const Result<> added = people.add(studio, now); !added)
            return added;
        if (const Result<> added = people.add(anna, now); !added)
            return added;
        return people.addToken(anna.userId, {tokenId, u"laptop"_s, now, now + 3600'000, {}}, hashOfDeviceToken(deviceToken));
    });
}

void TestPeople::commandOn(const std::function<Result<>(const PeopleTable &)> &work) const
{
    rig->onDatabase([&work](const QSqlDatabase &database) {
        if (const Result<> done = work(PeopleTable(database)); !done)
            qFatal("%s", qPrintable(done.error().detail));
    });
}

ApiRig::Answer TestPeople::exchange(const QByteArray &token)
{
    return rig->call("POST", "/v1/token", jsonBytes(wire::toJson(wire::TokenRequest{QString::fromLatin1(token)})), ApiRig::WithoutKey);
}

void TestPeople::accessTokenSaysWhoseItIs()
{
    AccessTokens tokens;
    giveKey(tokens);
    const Caller caller{u"studio-id"_s, u"anna-id"_s, Role::Coordinator, newUuid7()};

    const auto recognised = tokens.recognise(tokens.issue(caller, Now), Now);

    QVERIFY(recognised);
    QCOMPARE(recognised->accountId, caller.accountId);
    QCOMPARE(recognised->userId, caller.userId);
    QCOMPARE(recognised->role, caller.role);
    QCOMPARE(recognised->tokenId, caller.tokenId);
}

void TestPeople::accessTokenEnds()
{
    AccessTokens tokens;
    giveKey(tokens);
    const QByteArray token = tokens.issue({u"a"_s, u"u"_s, Role::Admin, newUuid7()}, Now);

    QVERIFY(tokens.recognise(token, Now + 15 * 60 * 1000 - 1));
    QVERIFY(!tokens.recognise(token, Now + 15 * 60 * 1000));
}

void TestPeople::changedAccessTokenIsNobodys()
{
    AccessTokens tokens;
    giveKey(tokens);
    const QByteArray token = tokens.issue({u"a"_s, u"u"_s, Role::Photographer, newUuid7()}, Now);

    for (qsizetype i = 0; i < token.size(); ++i) {
        QByteArray changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        QVERIFY2(!tokens.recognise(changed, Now), changed.constData());
    }
    for (const QByteArray &other : {QByteArray(), QByteArray("."), QByteArray(".."), QByteArray("key-1.."), QByteArray(token + '='),
                                    QByteArray(token.first(token.lastIndexOf('.') + 1)), QByteArray(5000, '.')})
        QVERIFY(!tokens.recognise(other, Now));
}

void TestPeople::accessTokenOfAForgottenKeyIsNobodys()
{
    AccessTokens tokens;
    giveKey(tokens);
    const QByteArray token = tokens.issue({u"a"_s, u"u"_s, Role::Photographer, newUuid7()}, Now);

    tokens.setKeys({{"key-2", "the next one"}, {"key-1", "a secret of the database"}});
    QVERIFY(tokens.recognise(token, Now)); // rotated, not forgotten
    tokens.setKeys({{"key-2", "the next one"}});
    QVERIFY(!tokens.recognise(token, Now));
}

void TestPeople::standingOutweighsTheToken()
{
    AccessTokens tokens;
    giveKey(tokens);
    const QUuid id = newUuid7();
    const QByteArray token = tokens.issue({u"a"_s, u"u"_s, Role::Admin, id}, Now);
    AccessTokens::Standing standing{u"a"_s, u"u"_s, Role::Analyst, true};

    tokens.setStandings({{id, standing}}, Now);
    QCOMPARE(tokens.recognise(token, Now)->role, Role::Analyst);
    standing.isOpen = false;
    tokens.setStandings({{id, standing}}, Now);
    QVERIFY(!tokens.recognise(token, Now));
    tokens.setStandings({}, Now + 1000); // issued at a server that saw the device token before we read
    QVERIFY(tokens.recognise(token, Now + 1000));
    tokens.setStandings({}, Now + 10 * 60 * 1000); // long known to be gone
    QVERIFY(!tokens.recognise(token, Now + 10 * 60 * 1000));
}

void TestPeople::tokenThatNoServerMakesIsNobodys_data()
{
    QTest::addColumn<qint64>("issuedMs");
    QTest::addColumn<qint64>("endsMs");
    QTest::addColumn<bool>("isTaken");
    const auto row = [](const char *name, qint64 issued, qint64 ends, bool isTaken) { QTest::newRow(name) << Now + issued << Now + ends << isTaken; };
    row("as a server makes it", 0, AccessTokens::LifeMs, true);
    row("of a server whose clock is a minute ahead", MinuteMs, MinuteMs + AccessTokens::LifeMs, true);
    row("from further ahead", MinuteMs + 1, MinuteMs + 1 + AccessTokens::LifeMs, false);
    row("from a day ahead", 24 * 60 * MinuteMs, 24 * 60 * MinuteMs + AccessTokens::LifeMs, false);
    row("from a day ahead, ending now", 24 * 60 * MinuteMs, MinuteMs, false);
    row("a life too long", 0, AccessTokens::LifeMs + 1, false);
    row("a year", -MinuteMs, 365 * 24 * 60 * MinuteMs, false);
    row("for ever", 0, 9'000'000'000'000'000 - Now, false);
}

void TestPeople::tokenThatNoServerMakesIsNobodys()
{
    QFETCH(const qint64, issuedMs);
    QFETCH(const qint64, endsMs);
    AccessTokens tokens;
    giveKey(tokens);
    const QUuid id = newUuid7();
    const QByteArray token = sealed(issuedMs, endsMs, id);

    tokens.setStandings({}, Now); // nobody knows the device token
    QTEST(tokens.recognise(token, Now).has_value(), "isTaken");
    tokens.setStandings({{id, {u"a"_s, u"u"_s, Role::Photographer, true}}}, Now);
    QTEST(tokens.recognise(token, Now).has_value(), "isTaken");
}

void TestPeople::deviceTokenIsUnlikeAnyOther()
{
    QSet<QByteArray> seen;
    for (int i = 0; i < 1000; ++i) {
        const QByteArray token = newDeviceToken();
        QCOMPARE(token.size(), 4 + 43);
        QVERIFY(token.startsWith("pld_"));
        seen.insert(token);
    }
    QCOMPARE(seen.size(), 1000);
}

void TestPeople::deviceTokenOpensOnce15MinutesEach()
{
    const ApiRig::Answer answer = exchange(deviceToken);

    QCOMPARE(answer.status, 200);
    const auto token = wire::tokenAnswerFromJson(answer.json);
    QVERIFY(token);
    QCOMPARE(token->expiresSeconds, 900);
    QCOMPARE(token->userName, anna.name);
    QCOMPARE(token->role, u"photographer"_s);
    QVERIFY(answer.headers.contains({"Cache-Control", "no-store"}));
    const auto caller = rig->api->recognise(token->accessToken.toLatin1());
    QVERIFY(caller);
    QCOMPARE(caller->accountId, studio.accountId);
    QCOMPARE(caller->userId, anna.userId);
    QVERIFY(!rig->api->recognise(deviceToken)); // it opens nothing by itself
    QCOMPARE(exchange(deviceToken).status, 200); // and does not rotate
}

void TestPeople::deviceTokenIsNowhereKept()
{
    QCOMPARE(exchange(deviceToken).status, 200);
    const QString kept = rig->sql(u"SELECT count(*) FROM server_device_tokens WHERE label LIKE '%pld_%' OR token_id LIKE '%pld_%'"_s).toString();
    QCOMPARE(kept, u"0"_s);
    QCOMPARE(rig->sql(u"SELECT length(token_hash) FROM server_device_tokens"_s).toInt(), 32);
}

void TestPeople::whoIsShutOut_data()
{
    QTest::addColumn<QString>("change");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("code");
    QTest::newRow("token revoked") << u"UPDATE server_device_tokens SET revoked_ms = 1"_s << 401 << u"INITIATION_TOKEN_EXPIRED"_s;
    QTest::newRow("token at its end") << QString(u"UPDATE server_device_tokens SET expires_ms = %1"_s.arg(nowMs())) << 401 << u"INITIATION_TOKEN_EXPIRED"_s;
    QTest::newRow("person not active") << u"UPDATE server_users SET is_active = (1 = 0)"_s << 403 << u"API_ACCOUNT_CLOSED"_s;
    QTest::newRow("account closed") << u"UPDATE server_accounts SET is_active = (1 = 0)"_s << 403 << u"API_ACCOUNT_CLOSED"_s;
}

void TestPeople::whoIsShutOut()
{
    QFETCH(const QString, change);
    const QByteArray access = wire::tokenAnswerFromJson(exchange(deviceToken).json)->accessToken.toLatin1();
    QVERIFY(rig->api->recognise(access));

    rig->change(change);

    const ApiRig::Answer refused = exchange(deviceToken);
    QTEST(refused.status, "status");
    QTEST(refused.code(), "code");
    QTRY_VERIFY(!rig->api->recognise(access)); // the access token it had goes with it
    QCOMPARE(exchange("pld_of-nobody").status, 401);
}

void TestPeople::changedRoleCountsSoon()
{
    const QByteArray access = wire::tokenAnswerFromJson(exchange(deviceToken).json)->accessToken.toLatin1();

    commandOn([this](const PeopleTable &people) { return people.setRole(anna.userId, Role::Support); });

    QTRY_COMPARE(rig->api->recognise(access)->role, Role::Support);
}

void TestPeople::twoServersOfOneDatabaseTakeEachOthersTokens()
{
    const QByteArray access = wire::tokenAnswerFromJson(exchange(deviceToken).json)->accessToken.toLatin1();
    rig->stop();
    rig->start(); // another process on the same database

    QVERIFY(rig->api->recognise(access));
}

void TestPeople::namesAreTakenOnce()
{
    rig->onDatabase([this](const QSqlDatabase &database) {
        const PeopleTable people(database);
        const Result<> account = people.add(Account{u"other"_s, studio.name, u"person"_s, false, {}, true}, Now);
        QVERIFY(!account);
        QCOMPARE(account.error().code, ErrorCode::ApiRequestRefused);
        const Result<> user = people.add(User{u"other"_s, studio.accountId, anna.name, Role::Admin, true}, Now);
        QVERIFY(!user);
        QCOMPARE(user.error().code, ErrorCode::ApiRequestRefused);
    });
}

void TestPeople::auditChainShowsWhatWasChanged_data()
{
    QTest::addColumn<QString>("change");
    QTest::addColumn<int>("broken"); ///< 0: none
    QTest::newRow("nothing") << u"SELECT 1"_s << 0;
    QTest::newRow("another actor") << u"UPDATE server_audit SET actor = 'nobody' WHERE number = 2"_s << 2;
    QTest::newRow("another detail") << u"UPDATE server_audit SET detail_json = '{}' WHERE number = 3"_s << 3;
    QTest::newRow("one removed") << u"DELETE FROM server_audit WHERE number = 2"_s << 2;
    QTest::newRow("the first removed") << u"DELETE FROM server_audit WHERE number = 1"_s << 1;
    QTest::newRow("two swapped") << u"UPDATE server_audit SET subject = CASE number WHEN 2 THEN 'subject 3' WHEN 3 THEN 'subject 2' ELSE subject END"_s << 2;
}

void TestPeople::auditChainShowsWhatWasChanged()
{
    QFETCH(const QString, change);
    QFETCH(const int, broken);
    rig->onDatabase([](const QSqlDatabase &database) {
        for (int i = 1; i <= 4; ++i) {
            AuditEntry entry{u"studio-id"_s, Now + i, u"anna-id"_s, {}, {}, u"user.added"_s, u"subject %1"_s.arg(i), {{u"role"_s, u"admin"_s}}};
            QVERIFY(AuditLog(database).append(entry));
        }
    });
    // Somebody with more rights than the program has.
    const bool isPostgres = rig->options.postgres.has_value();
    rig->change(isPostgres ? u"ALTER TABLE server_audit DISABLE TRIGGER ALL"_s : u"DROP TRIGGER server_audit_kept"_s);
    if (!isPostgres)
        rig->change(u"DROP TRIGGER server_audit_stays"_s);
    rig->change(change);

    rig->onDatabase([broken](const QSqlDatabase &database) {
        const auto found = AuditLog(database).firstBroken(u"studio-id"_s);
        QVERIFY(found);
        QCOMPARE(found->value_or(0), broken);
    });
}

void TestPeople::auditRowsCannotBeTouched()
{
    rig->onDatabase([](const QSqlDatabase &database) {
        QVERIFY(AuditLog(database).append({u"studio-id"_s, Now, u"anna-id"_s, {}, {}, u"user.added"_s, u"x"_s, {}}));
        for (const char *sql : {"UPDATE server_audit SET actor = 'nobody'", "DELETE FROM server_audit"}) {
            QSqlQuery query(database);
            QVERIFY2(!query.exec(QString::fromLatin1(sql)), sql);
        }
        QSqlQuery count(database);
        QVERIFY(count.exec(u"SELECT count(*) FROM server_audit WHERE actor = 'anna-id'"_s) && count.next());
        QCOMPARE(count.value(0).toInt(), 1);
    });
}

QTEST_GUILESS_MAIN(TestPeople)
#include "tst_people.moc"
