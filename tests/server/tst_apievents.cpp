#include "tests/server/apitest.h"
#include "tests/server/recordsearch.h"

#include "models/vocabulary/ids.h"

#include <QJsonArray>
#include <QScopeGuard>
#include <QTest>

#include <random>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using Kind = wire::MirrorEvent::Kind;

/// Mirrored rows: each applied once, whatever their order, and none of them moves what the server owns.
class TestApiEvents : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void tenThousandEventsTwiceAreEachAppliedOnce();
    void shuffledEventsEndInTheSameRows();
    void onePoisonedEventIsSetAsideAlone();
    void unreadableBatchIsSetAsideWhole();
    void unreadableBatchesUnderOneKeyAreAllSetAside();
    void batchUnderTheSameKeyWithAnotherBodyIsRefused();
    void tooManyEventsAreRefused();
    void tooManyBatchesAreAskedToWait();
    void olderProjectEventNeverMovesItBack();
    void projectOfOneNameIsOneProjectWhicheverIdComes();
    void rowsThatCameBeforeTheirProjectFollowItToItsFirstId();
    void rowsOfAnEarlierBatchFollowTheirProjectToo();
    void committedAttemptIsNotMovedByTheClient();
    void endOfADuplicateIsItsClients();
    void whatTheClientAddsIsKeptWheneverItComes_data();
    void whatTheClientAddsIsKeptWheneverItComes();
    void serverStagesFromOutsideAreIgnored();
    void whatALostDatabaseKnewIsTakenFromItsClient();
};

namespace {

wire::MirrorEvent eventOf(Kind kind, const QJsonObject &row)
{
    return {newUuid7(), kind, row};
}

/// A finished attempt with its five client stages, each row once when it begins and once when it ends.
QList<wire::MirrorEvent> storyOf(const Photo &photo)
{
    QList<wire::MirrorEvent> events;
    AttemptRecord attempt = photo.question.attempt;
    attempt.rowVersion = 1;
    events.append(eventOf(Kind::Attempt, toJson(attempt)));
    for (int i = 0; i < ClientStageCount; ++i) {
        StageRecord stage;
        stage.clientUploadId = attempt.clientUploadId;
        stage.stage = AllStages[static_cast<std::size_t>(i)];
        stage.startedMs = attempt.startedMs + i;
        events.append(eventOf(Kind::Stage, toJson(stage)));
        stage.endedMs = stage.startedMs + 1;
        stage.durationMs = 1;
        stage.isSuccessful = true;
        stage.rowVersion = 2;
        events.append(eventOf(Kind::Stage, toJson(stage)));
    }
    attempt.status = Status::Failed;
    attempt.endedMs = attempt.startedMs + 10;
    attempt.rowVersion = 2;
    events.append(eventOf(Kind::Attempt, toJson(attempt)));
    return events;
}

int countOf(const ApiRig::Answer &answer, QLatin1StringView field)
{
    return answer.json.value(field).toInt();
}

/// What its client writes when the answer was `duplicate`.
AttemptRecord endOf(const Photo &photo)
{
    AttemptRecord end = photo.question.attempt;
    end.status = Status::Duplicate;
    end.endedMs = end.startedMs + 10;
    end.rowVersion += 2;
    return end;
}

} // namespace

void TestApiEvents::tenThousandEventsTwiceAreEachAppliedOnce()
{
    QList<wire::MirrorEvent> events;
    for (int i = 0; i < 834; ++i)
        events.append(storyOf(photoOf(1, u"a/%1.jpg"_s.arg(i))));
    QVERIFY(events.size() > 10000);

    int applied = 0;
    int repeated = 0;
    for (int round = 0; round < 2; ++round) {
        for (qsizetype from = 0; from < events.size(); from += 1000) {
            const ApiRig::Answer answer = rig->events(events.mid(from, 1000));
            QCOMPARE(answer.status, 200);
            applied += countOf(answer, "applied"_L1);
            repeated += countOf(answer, "repeated"_L1);
        }
    }

    QCOMPARE(applied, events.size());
    QCOMPARE(repeated, events.size());
    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_attempts WHERE row_version = 2"_s), 834);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_stages WHERE row_version = 2"_s), 834 * ClientStageCount);
}

void TestApiEvents::shuffledEventsEndInTheSameRows()
{
    QList<wire::MirrorEvent> events;
    for (int i = 0; i < 50; ++i)
        events.append(storyOf(photoOf(1, u"a/%1.jpg"_s.arg(i))));
    std::shuffle(events.begin(), events.end(), std::mt19937(20261121));

    for (qsizetype from = 0; from < events.size(); from += 70)
        QCOMPARE(rig->events(events.mid(from, 70)).status, 200);

    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_attempts JOIN dim_upload_status USING (upload_status_key)"
                      " WHERE status_name = 'failed' AND row_version = 2"_s),
             50);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_stages WHERE is_successful AND stage_end_timestamp IS NOT NULL"_s), 250);
}

void TestApiEvents::onePoisonedEventIsSetAsideAlone()
{
    QList<wire::MirrorEvent> events;
    while (events.size() < 500)
        events.append(storyOf(photoOf(1, u"a/%1.jpg"_s.arg(events.size()))));
    events = events.mid(0, 500);
    events[250].row.insert(u"start_timestamp"_s, u"'; DROP TABLE fact_upload_attempts; --"_s);
    events[250].row.insert(u"stage_start_timestamp"_s, u"yesterday"_s);

    const ApiRig::Answer answer = rig->events(events, "batch-with-poison");

    QCOMPARE(answer.status, 200);
    QCOMPARE(countOf(answer, "applied"_L1), 499);
    QCOMPARE(answer.json.value("set_aside"_L1).toArray(), QJsonArray{250});
    QVERIFY(rig->sql(u"SELECT payload FROM staging_batch WHERE batch_id LIKE 'local/batch-with-poison/%'"_s).toString().contains("yesterday"_L1));
    QVERIFY(rig->sql(u"SELECT error FROM staging_batch"_s).toString().contains("\"index\":250"_L1));
}

void TestApiEvents::unreadableBatchIsSetAsideWhole()
{
    const ApiRig::Answer answer = rig->call("POST", "/v1/events", "this is\nno telemetry\n", "bad-batch");

    QCOMPARE(answer.status, 400);
    QCOMPARE(answer.code(), u"API_REQUEST_REFUSED"_s);
    QCOMPARE(rig->sql(u"SELECT payload FROM staging_batch WHERE batch_id LIKE 'local/bad-batch/%'"_s), u"this is\nno telemetry\n"_s);
    QCOMPARE(rig->call("POST", "/v1/events", QByteArray("no\0telemetry\n", 13), "nul-batch").status, 400);
    QCOMPARE(rig->sql(u"SELECT payload FROM staging_batch WHERE batch_id LIKE 'local/nul-batch/%'"_s), u"no\ufffdtelemetry\n"_s);
    QCOMPARE(rig->events(storyOf(photoOf(1))).status, 200); // nobody behind it is blocked
}

void TestApiEvents::unreadableBatchesUnderOneKeyAreAllSetAside()
{
    const auto send = [this](const QString &user, const QByteArray &body) {
        rig->caller = {u"local"_s, user, Role::Photographer, {}};
        return rig->call("POST", "/v1/events", body, "one-key").status;
    };
    for (const QString &user : {u"anna"_s, u"bert"_s}) {
        rig->change(
            u"INSERT INTO server_users (user_id, account_id, user_name, role, created_ms) VALUES ('%1', 'local', '%1', 'photographer', 0)"_s.arg(user));
    }
    rig->caller = {u"local"_s, u"anna"_s, Role::Photographer, {}};
    QCOMPARE(rig->events(storyOf(photoOf(1)), "one-key").status, 200); // the key is used

    QCOMPARE(send(u"anna"_s, "no telemetry\n"), 400);
    QCOMPARE(send(u"anna"_s, "none either\n"), 400);
    QCOMPARE(send(u"bert"_s, "no telemetry\n"), 400);
    QCOMPARE(send(u"bert"_s, "no telemetry\n"), 400); // again

    QCOMPARE(rowsOf(*rig, u"SELECT user_id, payload FROM staging_batch ORDER BY 1, 2"_s),
             (QStringList{u"anna|no telemetry\n"_s, u"anna|none either\n"_s, u"bert|no telemetry\n"_s}));
}

void TestApiEvents::batchUnderTheSameKeyWithAnotherBodyIsRefused()
{
    QCOMPARE(rig->events(storyOf(photoOf(1)), "one-key").status, 200);

    QCOMPARE(rig->events(storyOf(photoOf(2)), "one-key").status, 422);
}

void TestApiEvents::tooManyEventsAreRefused()
{
    QByteArray lines;
    for (int i = 0; i <= wire::MaxEventsPerBatch; ++i)
        lines.append("{}\n");

    QCOMPARE(rig->call("POST", "/v1/events", lines).status, 400);
}

void TestApiEvents::tooManyBatchesAreAskedToWait()
{
    rig->stop();
    rig->options.eventBatchesPerMinute = 2;
    rig->start();

    QCOMPARE(rig->events(storyOf(photoOf(1))).status, 200);
    QCOMPARE(rig->events(storyOf(photoOf(2))).status, 200);
    const ApiRig::Answer answer = rig->events(storyOf(photoOf(3)));

    QCOMPARE(answer.status, 429);
    QCOMPARE(answer.code(), u"API_RATE_LIMITED"_s);
    QVERIFY(std::any_of(answer.headers.begin(), answer.headers.end(), [](const auto &header) { return header.first == "Retry-After"; }));
}

void TestApiEvents::olderProjectEventNeverMovesItBack()
{
    ProjectRecord project;
    project.projectId = newUuid7();
    project.name = u"Wedding"_s;
    wire::MirrorEvent older{newUuid7(nowMs() - 1000), Kind::Project, toJson(project)};
    project.name = u"Wedding Meyer"_s;
    const wire::MirrorEvent newer{newUuid7(), Kind::Project, toJson(project)};

    QCOMPARE(countOf(rig->events({newer}), "applied"_L1), 1);
    QCOMPARE(countOf(rig->events({older, newer}), "repeated"_L1), 2);

    QCOMPARE(rig->sql(u"SELECT project_name FROM dim_projects WHERE project_key > 0"_s), u"Wedding Meyer"_s);
}

void TestApiEvents::projectOfOneNameIsOneProjectWhicheverIdComes()
{
    const Photo mine = photoOf(1);
    const Photo theirs = ofAnotherClient(mine);
    rig->upload(mine);

    QCOMPARE(rig->ask(theirs).kind, wire::Offer::Kind::Duplicate);
    const QList<wire::MirrorEvent> events{eventOf(Kind::Project, toJson(theirs.question.project)), eventOf(Kind::Batch, toJson(theirs.question.batch)),
                                          eventOf(Kind::Attempt, toJson(endOf(theirs)))};
    QCOMPARE(rig->events(events).status, 200);
    QCOMPARE(countOf(rig->events(events), "repeated"_L1), 3);

    QCOMPARE(rig->sql(u"SELECT count(*) FROM dim_projects WHERE project_key > 0"_s), 1);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_assets"_s), 1);
    QCOMPARE(rig->sql(u"SELECT count(DISTINCT project_key) FROM fact_upload_attempts"_s), 1);
    QCOMPARE(rig->sql(u"SELECT count(DISTINCT project_key) FROM dim_batches WHERE batch_key > 0"_s), 1);
    Photo next = photoOf(2); // of the second client, sent for the first time
    next.question.project = theirs.question.project;
    next.question.batch = theirs.question.batch;
    next.question.attempt.projectId = theirs.question.project.projectId;
    next.question.attempt.batchId = theirs.question.batch.batchId;
    rig->upload(next);
    QCOMPARE(rig->sql(u"SELECT count(DISTINCT project_id) FROM server_assets"_s), 1);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM dim_projects WHERE project_key > 0"_s), 1);
}

void TestApiEvents::rowsThatCameBeforeTheirProjectFollowItToItsFirstId()
{
    const Photo mine = photoOf(1);
    const Photo theirs = ofAnotherClient(mine);
    rig->upload(mine);

    const ApiRig::Answer answer
        = rig->events({eventOf(Kind::Attempt, toJson(theirs.question.attempt)), eventOf(Kind::Batch, toJson(theirs.question.batch)),
                       eventOf(Kind::Project, toJson(theirs.question.project))});
    QVERIFY(answer.json.value("set_aside"_L1).toArray().isEmpty());

    QCOMPARE(rig->sql(u"SELECT count(*) FROM dim_projects WHERE project_key > 0"_s), 1);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_attempts a JOIN dim_projects p USING (project_key) WHERE p.project_name = 'Photos'"_s), 2);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM dim_batches b JOIN dim_projects p USING (project_key) WHERE p.project_name = 'Photos'"_s), 2);
}

/// Where the project comes with a question, behind the batch that named it alone.
void TestApiEvents::rowsOfAnEarlierBatchFollowTheirProjectToo()
{
    const Photo mine = photoOf(1);
    const Photo theirs = ofAnotherClient(mine);
    rig->upload(mine);
    rig->events({eventOf(Kind::Attempt, toJson(theirs.question.attempt)), eventOf(Kind::Batch, toJson(theirs.question.batch))});
    QCOMPARE(rig->sql(u"SELECT count(*) FROM dim_projects WHERE project_key > 0"_s), 2);

    QCOMPARE(rig->askRaw(theirs).status, 200);

    QCOMPARE(rig->sql(u"SELECT count(*) FROM dim_projects WHERE project_key > 0"_s), 1);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_attempts a JOIN dim_projects p USING (project_key) WHERE p.project_name = 'Photos'"_s), 2);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM dim_batches b JOIN dim_projects p USING (project_key) WHERE p.project_name = 'Photos'"_s), 2);
}

void TestApiEvents::committedAttemptIsNotMovedByTheClient()
{
    const Photo photo = photoOf(1);
    const wire::UploadStatus end = rig->upload(photo);
    AttemptRecord late = commitOf(photo).attempt; // the client had not heard of the end yet
    AttemptRecord counted = late;
    counted.isBackgroundUpload = true;
    counted.rowVersion = end.rowVersion + 4;

    QCOMPARE(countOf(rig->events({eventOf(Kind::Attempt, toJson(late))}), "repeated"_L1), 1);
    QCOMPARE(countOf(rig->events({eventOf(Kind::Attempt, toJson(counted))}), "applied"_L1), 1);

    QCOMPARE(rig->sql(u"SELECT status_name FROM fact_upload_attempts JOIN dim_upload_status USING (upload_status_key)"_s), u"succeeded"_s);
    QVERIFY(!rig->sql(u"SELECT end_timestamp FROM fact_upload_attempts"_s).isNull());
    QCOMPARE(rig->sql(u"SELECT is_background_upload FROM fact_upload_attempts"_s).toBool(), true);
    const wire::UploadStatus told = rig->status(end.uploadId).uploads.first();
    QCOMPARE(told.status, Status::Succeeded);
    QCOMPARE(told.rowVersion, counted.rowVersion + 1);
}

/// The first answer is lost, and what the client tells of its wait arrives between the second one and the end that it writes then.
void TestApiEvents::endOfADuplicateIsItsClients()
{
    rig->upload(photoOf(1));
    const Photo again = photoOf(1, u"another/slot.jpg"_s);
    QCOMPARE(rig->ask(again).kind, wire::Offer::Kind::Duplicate);
    AttemptRecord attempt = again.question.attempt;
    attempt.rowVersion += 2; // it waits, and asks again
    const wire::Offer offer = rig->ask(again);
    QCOMPARE(offer.kind, wire::Offer::Kind::Duplicate);
    const wire::MirrorEvent waiting = eventOf(Kind::Attempt, toJson(attempt));
    attempt.status = Status::Duplicate;
    attempt.endedMs = attempt.startedMs + 4321;
    attempt.totalDurationMs = 677;
    attempt.rowVersion = std::max(attempt.rowVersion, offer.rowVersion) + 1;

    QCOMPARE(rig->events({waiting}).status, 200);
    QCOMPARE(rig->events({eventOf(Kind::Attempt, toJson(attempt))}).status, 200);

    const QString row = u" FROM fact_upload_attempts WHERE client_upload_id = '%1'"_s.arg(idText(attempt.clientUploadId));
    QCOMPARE(rig->sql(u"SELECT total_duration_ms"_s + row), 677);
    QCOMPARE(rig->sql(u"SELECT row_version"_s + row), attempt.rowVersion);
}

void TestApiEvents::whatTheClientAddsIsKeptWheneverItComes_data()
{
    QTest::addColumn<QString>("moment");
    for (const QString &moment : {u"before the commit"_s, u"between commit and end"_s, u"after the end"_s})
        QTest::newRow(qPrintable(moment)) << moment;
}

void TestApiEvents::whatTheClientAddsIsKeptWheneverItComes()
{
    QFETCH(const QString, moment);
    const Photo photo = photoOf(1);
    AttemptRecord added = commitOf(photo).attempt;
    added.metadata.insert(u"restarts"_s, 1);
    added.rowVersion += 2;
    added.totalDurationMs = 123'456;
    const auto comes = [&](const QString &now) {
        if (moment == now)
            QCOMPARE(countOf(rig->events({eventOf(Kind::Attempt, toJson(added))}), "applied"_L1), 1);
    };
    const auto held = rig->script->held = std::make_shared<std::latch>(1);
    const auto opens = qScopeGuard([held] { // the rig ends with its worker
        if (!held->try_wait())
            held->count_down();
    });
    const wire::Offer offer = rig->ask(photo);
    rig->put(offer, photo);

    comes(u"before the commit"_s);
    QCOMPARE(rig->commit(offer.uploadId, photo).status, 202);
    rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &told) { return told.storedSize.has_value(); });
    comes(u"between commit and end"_s);
    held->count_down();
    const wire::UploadStatus end = rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &told) { return isTerminal(told.status); });
    comes(u"after the end"_s);

    QCOMPARE(end.status, Status::Succeeded);
    QCOMPARE(rig->sql(u"SELECT status_name FROM fact_upload_attempts JOIN dim_upload_status USING (upload_status_key)"_s), u"succeeded"_s);
    QVERIFY(rig->sql(u"SELECT upload_metadata FROM fact_upload_attempts"_s).toString().contains("restarts"_L1));
    // The client reckons the same version from what it knows: the end it was told and its own row.
    QCOMPARE(rig->sql(u"SELECT row_version FROM fact_upload_attempts"_s).toInt(), std::max(end.rowVersion, added.rowVersion + 1));
    QCOMPARE(rig->sql(u"SELECT unix_ms(end_timestamp) FROM fact_upload_attempts"_s).toLongLong(), end.endedMs.value_or(0));
    QCOMPARE(rig->sql(u"SELECT total_duration_ms FROM fact_upload_attempts"_s).toLongLong(), end.totalDurationMs.value_or(0));
}

void TestApiEvents::serverStagesFromOutsideAreIgnored()
{
    const Photo photo = photoOf(1);
    rig->upload(photo);
    StageRecord forged;
    forged.clientUploadId = photo.question.attempt.clientUploadId;
    forged.stage = Stage::Validation;
    forged.startedMs = 1;
    forged.rowVersion = 1000;

    QCOMPARE(countOf(rig->events({eventOf(Kind::Stage, toJson(forged))}), "repeated"_L1), 1);

    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_stages WHERE row_version >= 1000"_s), 0);
}

void TestApiEvents::whatALostDatabaseKnewIsTakenFromItsClient()
{
    const Photo photo = photoOf(1, u"a/lost.jpg"_s);
    AttemptRecord attempt = photo.question.attempt;
    attempt.clientUploadId = newUuid7(nowMs() - 3'600'000); // before the rig made its database
    attempt.startedMs = instantOf(attempt.clientUploadId);
    attempt.status = Status::Succeeded;
    attempt.endedMs = attempt.startedMs + 1000;
    attempt.metadata[u"sha256"_s] = photo.sha256;
    attempt.rowVersion = 4;
    StageRecord stage;
    stage.clientUploadId = attempt.clientUploadId;
    stage.stage = Stage::Validation;
    stage.startedMs = attempt.startedMs + 1;
    stage.endedMs = stage.startedMs + 1;
    stage.durationMs = 1;
    stage.isSuccessful = true;
    PhotoRecord known = commitOf(photo).photo;
    known.clientUploadId = attempt.clientUploadId;
    known.mimeType = u"image/jpeg"_s;
    rig->store.keepObject(photo.bytes);

    const ApiRig::Answer answer = rig->events({eventOf(Kind::Project, toJson(photo.question.project)), eventOf(Kind::Batch, toJson(photo.question.batch)),
                                               eventOf(Kind::Stage, toJson(stage)), eventOf(Kind::Attempt, toJson(attempt)),
                                               eventOf(Kind::Photo, toJson(known))});

    QCOMPARE(countOf(answer, "applied"_L1), 5);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_stages WHERE stage_name = 'validation' AND is_successful"_s), 1);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_uploads WHERE state = 'recalled'"_s), 1);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_search WHERE name = 'lost.jpg' AND media_type = 'image/jpeg'"_s), 1);
    QCOMPARE(rig->ask(photo).kind, wire::Offer::Kind::Duplicate); // its bytes are there: nothing travels

    known.mimeType.clear();
    ++known.rowVersion;
    QCOMPARE(countOf(rig->events({eventOf(Kind::Photo, toJson(known))}), "applied"_L1), 1); // what nobody says is not forgotten
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_search WHERE name = 'lost.jpg' AND media_type = 'image/jpeg'"_s), 1);
}

QTEST_GUILESS_MAIN(TestApiEvents)
#include "tst_apievents.moc"
