#include "models/vocabulary/ids.h"
#include "models/vocabulary/records.h"

#include <QTest>

using namespace photolift;
using namespace Qt::StringLiterals;

namespace {

AttemptRecord anAttempt()
{
    AttemptRecord attempt;
    attempt.clientUploadId = newUuid7();
    attempt.itemId = newUuid7();
    attempt.attemptNumber = 3;
    attempt.projectId = newUuid7();
    attempt.batchId = newUuid7();
    attempt.relativePath = u"100CANON/<b>é.jpg"_s;
    attempt.surroundings.device.deviceId = u"abc"_s;
    attempt.surroundings.device.memoryMb = 24000;
    attempt.surroundings.app.version = u"0.1.0"_s;
    attempt.surroundings.network.signalStrength = 70;
    attempt.status = Status::WaitingToRetry;
    attempt.startedMs = 1795219200123;
    attempt.totalDurationMs = 0;
    attempt.fileSize = 5'000'000'000;
    attempt.numPhotosInBatch = 12;
    attempt.isBatchUpload = true;
    attempt.metadata = {{u"waited_ms"_s, 5}};
    attempt.rowVersion = 9;
    return attempt;
}

}

class TestRecords : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anAttemptComesBackFromItsJson()
    {
        const QJsonObject json = toJson(anAttempt());

        const Result<AttemptRecord> read = attemptFromJson(json);

        QVERIFY(read);
        QCOMPARE(toJson(*read), json);
        QCOMPARE(read->fileSize, 5'000'000'000);
        QCOMPARE(read->totalDurationMs, std::optional<qint64>(0));
        QVERIFY(!read->endedMs);
    }

    void aFieldThatIsWrongIsRefusedAndNamed_data()
    {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QJsonValue>("value");
        QTest::newRow("no id") << u"client_upload_id"_s << QJsonValue();
        QTest::newRow("an id that is none") << u"item_id"_s << QJsonValue(u"../../etc"_s);
        QTest::newRow("a status nobody knows") << u"status"_s << QJsonValue(u"done"_s);
        QTest::newRow("a size that is a text") << u"file_size_bytes"_s << QJsonValue(u"12"_s);
        QTest::newRow("a size with a fraction") << u"file_size_bytes"_s << QJsonValue(1.5);
        QTest::newRow("a number beyond 2^53") << u"start_timestamp"_s << QJsonValue(1e300);
        QTest::newRow("a version beyond an int") << u"row_version"_s << QJsonValue(3e9);
        QTest::newRow("a field we do not know") << u"is_admin"_s << QJsonValue(true);
    }
    void aFieldThatIsWrongIsRefusedAndNamed()
    {
        QFETCH(QString, field);
        QFETCH(QJsonValue, value);
        QJsonObject json = toJson(anAttempt());
        json.insert(field, value);

        const Result<AttemptRecord> read = attemptFromJson(json);

        QVERIFY(!read);
        QCOMPARE(read.error().code, ErrorCode::ApiRequestRefused);
        QVERIFY2(read.error().detail.contains(field), qPrintable(read.error().detail));
    }

    void anUnknownFieldDeepInsideIsRefusedToo()
    {
        QJsonObject json = toJson(anAttempt());
        QJsonObject surroundings = json.value(u"surroundings"_s).toObject();
        surroundings.insert(u"role"_s, u"admin"_s);
        json.insert(u"surroundings"_s, surroundings);

        QVERIFY(!attemptFromJson(json));
    }

    void anEndedStageSaysHowItEnded()
    {
        StageRecord stage;
        stage.clientUploadId = newUuid7();
        stage.stage = Stage::MetadataExtraction;
        stage.startedMs = 5;
        stage.endedMs = 6;

        QVERIFY(!stageFromJson(toJson(stage)));
        stage.isSuccessful = false;
        const Result<StageRecord> read = stageFromJson(toJson(stage));
        QVERIFY(read);
        QCOMPARE(read->stage, Stage::MetadataExtraction);
    }

    void theOtherRecordsComeBack()
    {
        ErrorRecord error{newUuid7(), newUuid7(), Stage::Transfer, ErrorCode::TransferTimeout, u"x"_s, 7, {{u"http"_s, 0}}, true};
        QVERIFY(errorFromJson(toJson(error)));
        QCOMPARE(toJson(*errorFromJson(toJson(error))), toJson(error));

        PhotoRecord photo;
        photo.clientUploadId = newUuid7();
        photo.photoId = newUuid7();
        photo.hasLocation = false;
        photo.width = 6000;
        QVERIFY(photoFromJson(toJson(photo)));
        QCOMPARE(toJson(*photoFromJson(toJson(photo))), toJson(photo));

        BatchRecord batch;
        batch.batchId = newUuid7();
        batch.projectId = newUuid7();
        batch.source = SourceKind::Cli;
        QVERIFY(batchFromJson(toJson(batch)));
        QCOMPARE(toJson(*batchFromJson(toJson(batch))), toJson(batch));

        ProjectRecord project;
        project.projectId = newUuid7();
        QVERIFY(projectFromJson(toJson(project)));

        HeartbeatRecord heartbeat;
        heartbeat.heartbeatId = newUuid7();
        heartbeat.surroundings = anAttempt().surroundings;
        heartbeat.metrics = {{u"outbox_depth"_s, 4}};
        QVERIFY(heartbeatFromJson(toJson(heartbeat)));
        QCOMPARE(toJson(*heartbeatFromJson(toJson(heartbeat))), toJson(heartbeat));
    }
};

QTEST_GUILESS_MAIN(TestRecords)
#include "tst_records.moc"
