#include "app/server/api/lostphotos.h"
#include "app/server/work/objecttable.h"
#include "models/vocabulary/ids.h"
#include "tests/server/purgetest.h"

#include <QJsonArray>
#include <QSqlError>
#include <QSqlQuery>
#include <QSqlRecord>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;

/// Whose photos have lost their bytes hears it with the answer to a heartbeat, until they are tried again.
class TestLostPhotos : public PurgeTest
{
    Q_OBJECT

private Q_SLOTS:
    void whoBroughtItIsToldUntilItIsTriedAgain();
    void eachIsToldOfTheirOwn();
    void onlyAHeartbeatAsks();
    void whatIsAboutToGoIsNotAskedFor();
    void whatNobodyCanBringIsNotInTheWay();

private:
    void lose(const Photo &photo);
    /// What the answer to a heartbeat names.
    QSet<QUuid> told();
    static QUuid attemptOf(const Photo &photo) { return photo.question.attempt.clientUploadId; }
};

void TestLostPhotos::lose(const Photo &photo)
{
    rig->store.rotObject(photo.sha256, photo.bytes.size());
    rig->onDatabase([&](const QSqlDatabase &database) {
        QVERIFY(server::ObjectTable(database).markLost(photo.sha256, photo.bytes.size(), nowMs(), nowMs()));
    });
}

QSet<QUuid> TestLostPhotos::told()
{
    HeartbeatRecord heartbeat;
    heartbeat.heartbeatId = newUuid7();
    heartbeat.surroundings = photoOf(1).question.attempt.surroundings;
    heartbeat.capturedMs = nowMs();
    const ApiRig::Answer answer = rig->events({{heartbeat.heartbeatId, wire::MirrorEvent::Kind::Heartbeat, toJson(heartbeat)}});
    QSet<QUuid> attempts;
    for (const QJsonValue &attempt : answer.json.value("not_safe"_L1).toArray())
        attempts.insert(QUuid::fromString(attempt.toString()));
    return answer.status == 200 ? attempts : QSet<QUuid>{QUuid()};
}

void TestLostPhotos::whoBroughtItIsToldUntilItIsTriedAgain()
{
    const Photo photo = photoOf(1);
    QCOMPARE(rig->upload(photo).status, Status::Succeeded);
    QCOMPARE(rig->upload(photoOf(2)).status, Status::Succeeded);
    QCOMPARE(told(), QSet<QUuid>());
    lose(photo);

    QCOMPARE(told(), QSet<QUuid>{attemptOf(photo)});
    QCOMPARE(told(), QSet<QUuid>{attemptOf(photo)}); // the answer may have been lost

    const Photo again = nextAttempt(photo);
    const wire::Offer offer = rig->ask(again);
    QCOMPARE(told(), QSet<QUuid>());
    rig->put(offer, again);
    QCOMPARE(rig->commit(offer.uploadId, again).status, 202);
    QCOMPARE(rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return isTerminal(status.status); }).status, Status::Succeeded);
    QCOMPARE(told(), QSet<QUuid>());
    QCOMPARE(rig->store.object(photo.sha256, photo.bytes.size()), photo.bytes);
}

void TestLostPhotos::eachIsToldOfTheirOwn()
{
    rig->change(u"INSERT INTO server_accounts (account_id, account_name, account_type, created_ms) VALUES ('other', 'other', 'organisation', 0)"_s);
    for (const QString &user : {u"local.anna"_s, u"local.ben"_s, u"other.carl"_s, u"local.dora"_s}) {
        rig->change(u"INSERT INTO server_users (user_id, account_id, user_name, role, created_ms) VALUES ('%1', '%2', '%1', 'photographer', 0)"_s.arg(
            user, user.section(u'.', 0, 0)));
    }
    const auto as = [this](const QString &user) { rig->caller = {user.section(u'.', 0, 0), user, Role::Photographer, {}}; };
    const Photo annas = photoOf(1);
    const Photo bens = ofAnotherClient(annas);
    const Photo carls = ofAnotherClient(annas);
    as(u"local.anna"_s);
    QCOMPARE(rig->upload(annas).status, Status::Succeeded);
    as(u"local.ben"_s);
    QCOMPARE(rig->ask(bens).kind, wire::Offer::Kind::Duplicate);
    as(u"other.carl"_s);
    QCOMPARE(rig->upload(carls).status, Status::Succeeded);
    lose(annas);

    for (const auto &[user, photo] : {std::pair(u"local.anna"_s, annas), std::pair(u"local.ben"_s, bens), std::pair(u"other.carl"_s, carls)}) {
        as(user);
        QCOMPARE(told(), QSet<QUuid>{attemptOf(photo)});
    }
    as(u"local.dora"_s);
    QCOMPARE(told(), QSet<QUuid>());
}

void TestLostPhotos::onlyAHeartbeatAsks()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    lose(photo);
    AttemptRecord attempt = photo.question.attempt;
    attempt.rowVersion = 100;

    const ApiRig::Answer answer = rig->events({{newUuid7(), wire::MirrorEvent::Kind::Attempt, toJson(attempt)}});

    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.json.value("not_safe"_L1).toArray(), QJsonArray());
}

void TestLostPhotos::whatIsAboutToGoIsNotAskedFor()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    setDays(7);
    passDays(7);
    round();
    lose(photo);
    QCOMPARE(told(), QSet<QUuid>()); // bringing it would take the purge back
    passDays(2);
    round();
    QCOMPARE(told(), QSet<QUuid>());

    setDays(std::nullopt);
    const Photo removed = photoOf(2);
    rig->upload(removed);
    rig->onDatabase([&](const QSqlDatabase &database) {
        QSqlQuery insertion(database);
        QVERIFY(insertion.exec(u"INSERT INTO server_withdrawals (asset_id, user_id, account_id, removed_ms)"
                               " SELECT asset_id, 'local', 'local', %1 FROM server_assets"_s.arg(nowMs())));
    });
    lose(removed);
    QCOMPARE(told(), QSet<QUuid>());
    rig->change(u"UPDATE server_withdrawals SET user_id = 'somebody who brought it, too'"_s);
    QCOMPARE(told(), QSet<QUuid>{attemptOf(removed)});
}

void TestLostPhotos::whatNobodyCanBringIsNotInTheWay()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    lose(photo);
    constexpr int Many = server::MostLostAtOnce + 500;
    rig->onDatabase([](QSqlDatabase database) {
        // Copies of its three rows, each with a hash and an attempt of its own.
        const auto columnsBut = [&](const QString &table, const QHash<QString, QString> &own) {
            QStringList names, values;
            const QSqlRecord record = database.record(table);
            for (int i = 0; i < record.count(); ++i) {
                const QString name = record.fieldName(i);
                if (name == "asset_id"_L1)
                    continue;
                names.append(name);
                values.append(own.value(name, name));
            }
            return u"INSERT INTO %1 (%2) SELECT %3 FROM %1 WHERE sha256 = '%4'"_s.arg(table, names.join(u", "_s), values.join(u", "_s), photoOf(1).sha256);
        };
        QVERIFY(database.transaction());
        for (int i = 0; i < Many; ++i) {
            const QString sha256 = u"'%1'"_s.arg(sha256Of(QByteArray::number(i)));
            const QString attempt = u"'%1'"_s.arg(idText(newUuid7()));
            const QString upload = u"'%1'"_s.arg(idText(newUuid7()));
            for (const QString &table : {u"server_objects"_s, u"server_uploads"_s, u"server_assets"_s}) {
                QSqlQuery copy(database);
                QVERIFY2(copy.exec(columnsBut(table, {{u"sha256"_s, sha256}, {u"client_upload_id"_s, attempt}, {u"upload_id"_s, upload}, {u"item_id"_s, upload}})),
                         qPrintable(copy.lastError().text()));
            }
        }
        QVERIFY(database.commit());
    });

    QSet<QUuid> all;
    for (int i = 0; i < 200 && all.size() < Many + 1; ++i) {
        const QSet<QUuid> some = told();
        QCOMPARE(some.size(), server::MostLostAtOnce);
        all.unite(some);
    }
    QCOMPARE(all.size(), Many + 1);
}

QTEST_GUILESS_MAIN(TestLostPhotos)
#include "tst_lostphotos.moc"
