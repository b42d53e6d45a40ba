#include "app/server/people/auditlog.h"
#include "app/server/people/erasure.h"
#include "app/server/work/purge.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"
#include "tests/server/recordsearch.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using Kind = wire::MirrorEvent::Kind;

namespace {

constexpr qint64 DayMs = 24LL * 3600 * 1000;
const QStringList Secrets{u"OTTILIE"_s, u"zugspitze"_s, u"SN4711"_s};

wire::MirrorEvent told(Kind kind, const QJsonObject &row)
{
    return {newUuid7(), kind, row};
}

} // namespace

/// What is left of a person who was erased: no name in any column of any table, on either engine, and what others have.
class TestErasure : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void nothingBearsTheName();
    void whoIsErasedStaysOut();
    void anErasureIsTakenBack_data();
    void anErasureIsTakenBack();
    void whatComesInTheMeantimeGoesToo();
    void whatWasSetAsideGoesToo();
    void othersKeepWhatIsTheirs();
    void aColleaguesPhotoStaysThoughTheyToldOfIt();
    void whatAColleagueToldOfTheirTriesGoesToo();
    void aProjectThatOthersUseKeepsItsName();
    void theAccountOfOnePersonLosesItsName();
    void aClockThatGoesAheadShortensNoLastDay();
    void moreThanFitsOneTransactionGoesToo();

private:
    void prepare() override;
    void round() { server::purge(rig->store, *m_retention); }
    void passADay()
    {
        rig->change(u"UPDATE server_withdrawals SET removed_ms = removed_ms - %1"_s.arg(DayMs));
        rig->change(u"UPDATE server_erasures SET erased_ms = erased_ms - %1"_s.arg(DayMs));
    }
    Photo secretPhoto(int seed) const;
    server::User ottilie(bool isActive = true) const { return {u"a-person"_s, u"local"_s, u"Ottilie Sommer"_s, Role::Photographer, isActive}; }
    /// As the command does.
    Result<server::Erasure> erase() { return erase(ottilie()); }
    Result<server::Erasure> erase(const server::User &user);
    Result<> takeBack();
    bool isStored(const Photo &photo) { return *rig->store.hasObject(photo.sha256, photo.bytes.size()); }
    QStringList isDone() const { return rowsOf(*rig, u"SELECT done_ms IS NOT NULL FROM server_erasures"_s); }

    std::unique_ptr<server::DatabaseThreads> m_app;
    std::unique_ptr<server::DatabaseThreads> m_retention;
    const server::Caller m_ottilie{u"local"_s, u"a-person"_s, Role::Photographer, {}};
    const server::Caller m_carl{u"local"_s, u"local"_s, Role::Admin, {}};
    QStringList m_yes; ///< as this engine says it
};

void TestErasure::prepare()
{
    rig->start();
    const auto opened = [this](const std::optional<store::PostgresAddress> &login) {
        auto database = server::DatabaseThreads::open(
            {.path = rig->options.dataFolder + u"/server.sqlite"_s, .postgres = login, .writers = 1, .readers = 1});
        if (!database)
            qFatal("%s", qPrintable(database.error().detail));
        return *std::move(database);
    };
    m_app = opened(rig->options.postgres);
    m_retention = opened(rig->options.retentionLogin);
    QVERIFY(m_app->writeAndWait([this](server::Writing &writing) -> Result<> {
        const server::PeopleTable people(writing.database);
        if (const Result<> added = people.add(ottilie(), nowMs()); !added)
            return added;
        return people.addToken(u"a-person"_s, {newUuid7(), u"Ottilie's laptop"_s, nowMs(), nowMs() + DayMs, {}}, "hash");
    }));
    rig->caller = m_ottilie;
    m_yes = rowsOf(*rig, u"SELECT 1 = 1"_s);
}

Photo TestErasure::secretPhoto(int seed) const
{
    Photo photo = photoOf(seed, u"zugspitze/OTTILIE_%1.JPG"_s.arg(seed));
    wire::Question &question = photo.question;
    question.name = u"OTTILIE_%1.JPG"_s.arg(seed);
    question.project.projectId = question.batch.projectId = question.attempt.projectId = QUuid::createUuidV5(QUuid(), u"her project"_s);
    question.project.name = u"Ottilie's mountains"_s;
    question.batch.batchId = question.attempt.batchId = newUuid7();
    question.batch.name = u"zugspitze"_s;
    question.batch.sourceLabel = u"card of OTTILIE"_s;
    question.attempt.metadata = {{u"sha256"_s, photo.sha256}, {u"network_change"_s, u"OTTILIE's phone"_s}};
    return photo;
}

Result<server::Erasure> TestErasure::erase(const server::User &user)
{
    Result<server::Erasure> erased = Error{ErrorCode::InternalUnknown, {}};
    const Result<> written = m_app->writeAndWait([&](server::Writing &writing) -> Result<> {
        erased = server::erase(writing, user, nowMs());
        return erased ? Result<>() : Result<>(erased.error());
    });
    return written ? erased : Result<server::Erasure>(written.error());
}

Result<> TestErasure::takeBack()
{
    return m_app->writeAndWait([this](server::Writing &writing) { return server::takeErasureBack(writing, ottilie(false), nowMs()); });
}

void TestErasure::nothingBearsTheName()
{
    const Photo photo = secretPhoto(1);
    rig->upload(photo);
    // What never came as far as a photo: an attempt and its error, and a drop nobody began to send.
    const Photo failed = secretPhoto(2);
    AttemptRecord attempt = failed.question.attempt;
    attempt.status = Status::Failed;
    attempt.endedMs = attempt.startedMs + 5;
    ErrorRecord error;
    error.errorUid = newUuid7();
    error.clientUploadId = attempt.clientUploadId;
    error.stage = Stage::Selection;
    error.code = ErrorCode::SelectionFileMissing;
    error.message = u"OTTILIE_2.JPG is missing"_s;
    error.happenedMs = attempt.startedMs;
    QCOMPARE(rig->events({told(Kind::Project, toJson(failed.question.project)), told(Kind::Batch, toJson(failed.question.batch)), told(Kind::Batch, toJson(secretPhoto(3).question.batch)), told(Kind::Attempt, toJson(attempt)), {error.errorUid, Kind::Error, toJson(error)}})
                 .status,
             200);
    const QStringList before = placesOf(*rig, Secrets);
    for (const QString &where : {u"user_name: OTTILIE"_s, u"label: OTTILIE"_s, u"project_name: OTTILIE"_s, u"batch_name: zugspitze"_s,
                                 u"relative_path: OTTILIE"_s, u"error_message: OTTILIE"_s, u"attempt_json: OTTILIE"_s, u"name: OTTILIE"_s})
        QVERIFY2(!before.filter(where).isEmpty(), qPrintable(where));
    const QStringList counts{u"SELECT upload_status_key, count(*), sum(file_size_bytes) FROM fact_upload_attempts GROUP BY 1 ORDER BY 1"_s,
                             u"SELECT stage_name, count(*), sum(stage_duration_ms) FROM fact_upload_stages GROUP BY 1 ORDER BY 1"_s,
                             u"SELECT error_code, count(*) FROM fact_upload_errors GROUP BY 1 ORDER BY 1"_s, u"SELECT count(*) FROM dim_batches"_s};
    QStringList counted;
    for (const QString &count : counts)
        counted += rowsOf(*rig, count);

    const qint64 asked = nowMs();
    const Result<server::Erasure> erased = erase();
    QVERIFY2(erased, qPrintable(erased ? QString() : erased.error().detail));
    QCOMPARE(erased->photos, 1);
    QCOMPARE(erased->tokens, 1);
    QVERIFY(erased->goneMs >= asked + DayMs && erased->goneMs <= nowMs() + DayMs);
    round();
    QVERIFY(isStored(photo)); // the day is not over
    QCOMPARE(placesOf(*rig, Secrets), before);
    passADay();
    round();

    QVERIFY(!isStored(photo));
    QCOMPARE(placesOf(*rig, Secrets + QStringList{photo.sha256}).join(u'\n'), QString());
    QStringList left;
    for (const QString &count : counts)
        left += rowsOf(*rig, count);
    QCOMPARE(left, counted);
    QCOMPARE(isDone(), m_yes);
    QCOMPARE(rowsOf(*rig, u"SELECT rule FROM server_purges"_s), QStringList{u"its owner was erased"_s});
    QCOMPARE(rowsOf(*rig, u"SELECT actor, action, subject, detail_json FROM server_audit"_s),
             QStringList{u"command|user.erased|a-person|{\"photos\":1,\"tokens\":1,\"under_way\":0}"_s});
    rig->onDatabase([](const QSqlDatabase &database) { QVERIFY(!*server::AuditLog(database).firstBroken(u"local"_s)); });
    // Whoever signs in at the same desktop later tells everything again.
    rig->caller = m_carl;
    attempt.rowVersion += 10;
    QCOMPARE(rig->events({told(Kind::Batch, toJson(failed.question.batch)), told(Kind::Attempt, toJson(attempt))}).status, 200);
    QCOMPARE(placesOf(*rig, Secrets).join(u'\n'), QString());
}

void TestErasure::whoIsErasedStaysOut()
{
    QVERIFY(erase());

    const auto holder = [this] {
        std::optional<server::PeopleTable::Holder> found;
        rig->onDatabase([&](const QSqlDatabase &database) {
            const server::PeopleTable people(database);
            found = *people.holderOf("hash", nowMs());
            const auto standings = people.standings(nowMs());
            QVERIFY(standings && !standings->isEmpty());
            for (const server::AccessTokens::Standing &standing : *standings)
                QVERIFY(!standing.isOpen); // no access token outlives this
        });
        return found;
    };
    QVERIFY(holder() && !holder()->standing.isOpen);
    const Result<server::Erasure> again = erase();
    QVERIFY(!again);
    QCOMPARE(again.error().code, ErrorCode::ApiRequestRefused);
    QVERIFY(again.error().detail.contains(u"is being erased"_s));
    QCOMPARE(rowsOf(*rig, u"SELECT count(*) FROM server_audit"_s), QStringList{u"1"_s});

    passADay();
    round();
    QVERIFY(holder() && !holder()->standing.isOpen);
    QCOMPARE(rowsOf(*rig, u"SELECT user_name FROM server_users WHERE user_id = 'a-person' AND NOT is_active"_s), QStringList{u"erased a-person"_s});
    QCOMPARE(erase().error().detail, u"this person was erased"_s);
    QCOMPARE(takeBack().error().detail, u"this person was erased"_s);
    QCOMPARE(rowsOf(*rig, u"SELECT count(*) FROM server_audit"_s), QStringList{u"1"_s});
}

void TestErasure::anErasureIsTakenBack_data()
{
    QTest::addColumn<bool>("wasActive");
    QTest::newRow("of somebody who came in") << true;
    QTest::newRow("of somebody who was closed before") << false;
}

void TestErasure::anErasureIsTakenBack()
{
    QFETCH(const bool, wasActive);
    const Photo photo = secretPhoto(1);
    rig->upload(photo);
    const Photo removed = secretPhoto(2);
    rig->upload(removed);
    QCOMPARE(rig->call("POST", "/v1/photos/" + idText(removed.question.attempt.itemId).toLatin1() + "/remove").status, 200);
    if (!wasActive)
        rig->change(u"UPDATE server_users SET is_active = (1 = 0) WHERE user_id = 'a-person'"_s);
    QVERIFY(erase(ottilie(wasActive)));
    passADay(); // the second phase could begin

    const Result<> taken = takeBack();
    QVERIFY2(taken, qPrintable(taken ? QString() : taken.error().detail));
    QVERIFY(!takeBack());
    passADay();
    round();

    QVERIFY(isStored(photo));
    QVERIFY(!isStored(removed)); // that was her own wish
    QCOMPARE(rowsOf(*rig, u"SELECT count(*) FROM server_erasures"_s), QStringList{u"0"_s});
    QCOMPARE(rowsOf(*rig, u"SELECT user_name FROM server_users WHERE user_id = 'a-person' AND is_active"_s).size(), wasActive ? 1 : 0);
    QVERIFY(!placesOf(*rig, {u"OTTILIE_1.JPG"_s}).isEmpty());
    QCOMPARE(rowsOf(*rig, u"SELECT action FROM server_audit WHERE actor = 'command' ORDER BY number"_s),
             (QStringList{u"user.erased"_s, u"user.erase_undone"_s}));
    QVERIFY(erase(ottilie(wasActive))); // and once more
}

void TestErasure::whatComesInTheMeantimeGoesToo()
{
    const Photo coming = secretPhoto(1);
    const wire::Offer offer = rig->ask(coming);
    const Photo late = secretPhoto(2);
    const wire::Offer lateOffer = rig->ask(late);
    const Result<server::Erasure> erased = erase();
    QVERIFY(erased);
    QCOMPARE(erased->underWay, 2);
    const auto bring = [this](const wire::Offer &given, const Photo &photo) {
        rig->put(given, photo);
        QCOMPARE(rig->commit(given.uploadId, photo).status, 202); // with an access token that has some seconds left
        rig->statusWhen(given.uploadId, [](const wire::UploadStatus &status) { return isTerminal(status.status); });
        QVERIFY(isStored(photo));
    };
    bring(offer, coming);

    passADay();
    round();
    QVERIFY(!isStored(coming));
    QVERIFY(isDone() != m_yes); // one may still come
    bring(lateOffer, late);
    round();

    QVERIFY(!isStored(late));
    QCOMPARE(placesOf(*rig, Secrets + QStringList{coming.sha256, late.sha256}).join(u'\n'), QString());
    QCOMPARE(isDone(), m_yes);
}

void TestErasure::whatWasSetAsideGoesToo()
{
    QCOMPARE(rig->call("POST", "/v1/events", "no telemetry of OTTILIE\n").status, 400);
    QCOMPARE(rig->events({told(Kind::Batch, toJson(secretPhoto(1).question.batch)), told(Kind::Batch, {{u"name"_s, u"zugspitze"_s}})}).status, 200);
    rig->caller = m_carl;
    QCOMPARE(rig->call("POST", "/v1/events", "no telemetry of Carl\n").status, 400);
    QCOMPARE(placesOf(*rig, Secrets).filter(u"payload"_s).size(), 2);
    QVERIFY(erase());
    passADay();

    round();

    QCOMPARE(placesOf(*rig, Secrets).filter(u"payload"_s).join(u'\n'), QString());
    QCOMPARE(rowsOf(*rig, u"SELECT payload FROM staging_batch"_s), QStringList{u"no telemetry of Carl\n"_s});
}

void TestErasure::othersKeepWhatIsTheirs()
{
    const Photo photo = secretPhoto(1);
    rig->upload(photo);
    rig->caller = m_carl;
    Photo theirs = nextAttempt(photo);
    theirs.question.attempt.itemId = newUuid7();
    theirs.question.attempt.relativePath = u"kept folder/kept.JPG"_s;
    theirs.question.project.projectId = theirs.question.batch.projectId = theirs.question.attempt.projectId = newUuid7();
    theirs.question.project.name = u"kept project"_s;
    theirs.question.batch.batchId = theirs.question.attempt.batchId = newUuid7();
    theirs.question.batch.name = u"kept batch"_s;
    theirs.question.batch.sourceLabel.clear();
    theirs.question.attempt.metadata = {};
    QCOMPARE(rig->ask(theirs).kind, wire::Offer::Kind::Duplicate);
    const QStringList kept{u"kept folder"_s, u"kept project"_s, u"kept batch"_s};
    const QStringList before = placesOf(*rig, kept);

    QVERIFY(erase());
    passADay();
    round();

    QVERIFY(isStored(photo));
    QCOMPARE(placesOf(*rig, kept), before);
    QCOMPARE(placesOf(*rig, {u"OTTILIE"_s}).join(u'\n'), QString());
}

/// In the star an attempt is whose telling was newest; the photo is whose token brought it.
void TestErasure::aColleaguesPhotoStaysThoughTheyToldOfIt()
{
    const auto tellAs = [this](const server::Caller &caller, AttemptRecord attempt) {
        rig->caller = caller;
        attempt.rowVersion = 100;
        QCOMPARE(rig->events({told(Kind::Attempt, toJson(attempt))}).status, 200);
    };
    Photo carls = photoOf(1);
    carls.question.attempt.relativePath = u"kept folder/kept.JPG"_s;
    rig->caller = m_carl;
    rig->upload(carls);
    rig->caller = m_ottilie;
    const Photo hers = secretPhoto(2);
    rig->upload(hers);
    tellAs(m_ottilie, carls.question.attempt);
    tellAs(m_carl, hers.question.attempt);
    QVERIFY(erase());
    passADay();

    round();

    QVERIFY(isStored(carls));
    QVERIFY(!isStored(hers));
    QCOMPARE(rowsOf(*rig, u"SELECT sha256, relative_path FROM server_uploads WHERE user_id = 'local'"_s),
             QStringList{carls.sha256 + u"|kept folder/kept.JPG"_s});
    QCOMPARE(rowsOf(*rig, u"SELECT relative_path FROM fact_upload_attempts WHERE relative_path IS NOT NULL"_s), QStringList{u"kept folder/kept.JPG"_s});
    QCOMPARE(placesOf(*rig, Secrets).filter(u"attempt"_s).join(u'\n'), QString());
    QCOMPARE(isDone(), m_yes);
    rig->caller = m_carl;
    QCOMPARE(rig->ask(nextAttempt(carls)).kind, wire::Offer::Kind::Duplicate);
}

void TestErasure::whatAColleagueToldOfTheirTriesGoesToo()
{
    const Photo photo = secretPhoto(1);
    rig->abort(rig->ask(photo).uploadId); // it never becomes a photo
    AttemptRecord attempt = photo.question.attempt;
    attempt.rowVersion = 100;
    rig->caller = m_carl;
    QCOMPARE(rig->events({told(Kind::Attempt, toJson(attempt))}).status, 200);
    QCOMPARE(rowsOf(*rig, u"SELECT p.user_id FROM fact_upload_attempts t JOIN dim_users p ON p.user_key = t.user_key"_s), QStringList{u"local"_s});
    QVERIFY(erase());
    passADay();

    round();

    QCOMPARE(placesOf(*rig, Secrets).join(u'\n'), QString());
    QCOMPARE(isDone(), m_yes);
}

void TestErasure::aProjectThatOthersUseKeepsItsName()
{
    Photo hers = secretPhoto(1);
    hers.question.project.name = u"The wedding"_s;
    rig->upload(hers);
    Photo theirs = photoOf(2);
    theirs.question.project = hers.question.project;
    theirs.question.batch.batchId = theirs.question.attempt.batchId = newUuid7();
    theirs.question.batch.name = u"Carl's card"_s;
    theirs.question.batch.projectId = theirs.question.attempt.projectId = hers.question.project.projectId;
    rig->caller = m_carl;
    QCOMPARE(rig->upload(theirs).status, Status::Succeeded);
    rig->change(u"UPDATE dim_projects SET owner_user_key = (SELECT user_key FROM dim_users WHERE user_id = 'a-person') WHERE project_name = 'The wedding'"_s);
    QVERIFY(erase());
    passADay();

    round();

    QVERIFY(isStored(theirs));
    QCOMPARE(placesOf(*rig, {u"The wedding"_s}).filter(u"project_name"_s).size(), 1);
    QCOMPARE(placesOf(*rig, {u"Carl's card"_s}).filter(u"batch_name"_s).size(), 1);
    QCOMPARE(placesOf(*rig, Secrets).join(u'\n'), QString());
}

void TestErasure::theAccountOfOnePersonLosesItsName()
{
    const server::User gerda{u"gerda"_s, u"of-gerda"_s, u"Gerda Winter"_s, Role::Admin, true};
    const server::User pair{u"pair-1"_s, u"pair"_s, u"One of two"_s, Role::Admin, true};
    QVERIFY(m_app->writeAndWait([&](server::Writing &writing) -> Result<> {
        const server::PeopleTable people(writing.database);
        for (const server::Account &account : {server::Account{u"of-gerda"_s, u"Gerda Winter's"_s, u"person"_s, false, {}, true},
                                               server::Account{u"pair"_s, u"A pair"_s, u"person"_s, false, {}, true}}) {
            if (const Result<> added = people.add(account, nowMs()); !added)
                return added;
        }
        for (const server::User &user : {gerda, pair, server::User{u"pair-2"_s, u"pair"_s, u"The other"_s, Role::Photographer, true}}) {
            if (const Result<> added = people.add(user, nowMs()); !added)
                return added;
        }
        return {};
    }));
    for (const server::User &user : {gerda, pair}) {
        const Result<server::Erasure> erased = erase(user);
        QVERIFY2(erased, qPrintable(erased ? QString() : erased.error().detail));
        QVERIFY(erased->isLastAdmin);
    }
    passADay();

    round();

    QCOMPARE(placesOf(*rig, {u"Gerda Winter"_s}).join(u'\n'), QString());
    QCOMPARE(rowsOf(*rig, u"SELECT account_name FROM server_accounts WHERE account_id IN ('of-gerda', 'pair') ORDER BY account_id"_s),
             (QStringList{u"erased of-gerda"_s, u"A pair"_s}));
}

void TestErasure::aClockThatGoesAheadShortensNoLastDay()
{
    const Photo photo = secretPhoto(1);
    rig->upload(photo);
    round(); // the first one ever believes any clock
    QVERIFY(erase());
    const auto setClock = [this](qint64 ms) {
        rig->change(u"UPDATE server_erasures SET erased_ms = erased_ms - %1"_s.arg(ms));
        rig->change(u"UPDATE server_withdrawals SET removed_ms = removed_ms - %1"_s.arg(ms));
        rig->change(u"UPDATE server_clock SET latest_ms = latest_ms - %1, round_ms = round_ms - %1"_s.arg(ms));
    };

    setClock(3 * DayMs);
    round();
    QVERIFY(isStored(photo));
    QVERIFY(takeBack()); // there is a way back still
    setClock(-3 * DayMs);
    round();
    QVERIFY(erase()); // while the clock is behind what a round has seen
    passADay();
    round();
    QVERIFY(isStored(photo));

    setClock(5 * DayMs);
    rig->change(u"UPDATE server_clock SET uptime_ms = uptime_ms - %1"_s.arg(5 * DayMs)); // days that the machine has seen as well
    round();
    QVERIFY(!isStored(photo));
    QCOMPARE(isDone(), m_yes);
}

void TestErasure::moreThanFitsOneTransactionGoesToo()
{
    constexpr int Attempts = 230;
    const Photo first = secretPhoto(1);
    QList<wire::MirrorEvent> events{told(Kind::Project, toJson(first.question.project)), told(Kind::Batch, toJson(first.question.batch))};
    for (int i = 0; i < Attempts; ++i) {
        AttemptRecord attempt = secretPhoto(1).question.attempt;
        attempt.clientUploadId = newUuid7(first.question.attempt.startedMs + i / 150); // many in one millisecond
        attempt.itemId = newUuid7();
        attempt.startedMs = instantOf(attempt.clientUploadId);
        attempt.batchId = first.question.batch.batchId;
        attempt.status = Status::Cancelled;
        attempt.endedMs = attempt.startedMs + 5;
        events.append(told(Kind::Attempt, toJson(attempt)));
    }
    QCOMPARE(rig->events(events).status, 200);
    QCOMPARE(rowsOf(*rig, u"SELECT count(relative_path) FROM fact_upload_attempts"_s), QStringList{QString::number(Attempts)});
    QVERIFY(erase());
    passADay();

    round();

    QCOMPARE(rowsOf(*rig, u"SELECT count(*), count(relative_path) FROM fact_upload_attempts"_s), QStringList{QString::number(Attempts) + u"|0"_s});
    QCOMPARE(placesOf(*rig, Secrets).join(u'\n'), QString());
    QCOMPARE(isDone(), m_yes);
}

QTEST_GUILESS_MAIN(TestErasure)
#include "tst_erasure.moc"
