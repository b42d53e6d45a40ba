#include "tests/server/apitest.h"
#include "tests/server/logwatch.h"
#include "tests/support/serverrun.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;

/// What the decoder of the server makes of photos, and what another one changes: who was not understood is looked at once more.
class TestWorkDecoders : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void picturesAreRecordedWithTheirParameters();
    void anotherDecoderLooksOnceMore_data();
    void anotherDecoderLooksOnceMore();
    void photoThatStaysWithoutPreviewIsLookedAtOncePerDecoder();
    void refusalOfAnUnknownFormatEndsWithItsDecoder();

private:
    int looks() const;
    void startWithDecoder(const QString &decoder);
};

/// How often a photo was opened to be judged.
int TestWorkDecoders::looks() const
{
    const std::scoped_lock lock(rig->script->mutex);
    return rig->script->orders.value(static_cast<int>(photo::Order::Everything));
}

void TestWorkDecoders::startWithDecoder(const QString &decoder)
{
    rig->stop();
    rig->options.decoder = decoder;
    rig->start();
}

void TestWorkDecoders::picturesAreRecordedWithTheirParameters()
{
    rig->stop();
    rig->options.makeExaminer = {};
    rig->options.photoProgram = support::programFolder() + u"/photolift-photo"_s;
    rig->start();

    const wire::UploadStatus end = rig->upload(photoOf(1)); // 64 x 48: pictures are never larger than the photo

    QVERIFY(end.photo);
    const QJsonObject parameters = end.photo->processing;
    QVERIFY(parameters.value("decoder"_L1).toString().contains("libvips"_L1));
    QCOMPARE(parameters.value("thumbnail_pixels"_L1).toInt(), 64);
    QCOMPARE(parameters.value("rendition_pixels"_L1).toInt(), 64);
    QCOMPARE(parameters.value("rendition_quality"_L1).toInt(), 85);
    QCOMPARE(rig->sql(u"SELECT processing_parameters ->> 'decoder' FROM dim_photos WHERE row_version > 0"_s), parameters.value("decoder"_L1).toString());
    QCOMPARE(rig->sql(u"SELECT decoder FROM server_objects"_s), parameters.value("decoder"_L1).toString());
}

void TestWorkDecoders::anotherDecoderLooksOnceMore_data()
{
    QTest::addColumn<ErrorCode>("code");
    QTest::newRow("format that was not known") << ErrorCode::ValidationFormatUnknown;
    QTest::newRow("preview that could not be made") << ErrorCode::ProcessingDecodeFailed;
}

void TestWorkDecoders::anotherDecoderLooksOnceMore()
{
    QFETCH(ErrorCode, code);
    startWithDecoder(u"old 1"_s);
    const Photo photo = photoOf(1);
    const Photo healthy = photoOf(2, {}, 20000);
    rig->script->failures.insert(photo.bytes.size(), Error{code, u"scripted"_s});
    const wire::UploadStatus end = rig->upload(photo);
    QCOMPARE(end.status, Status::Succeeded);
    QCOMPARE(rig->upload(healthy).status, Status::Succeeded);
    QCOMPARE(rig->sql(u"SELECT preview_error FROM server_objects WHERE decoder = 'old 1' AND preview_error IS NOT NULL"_s), QString(errorName(code)));
    rig->stop();
    rig->script->failures.clear(); // the new decoder can

    const LogWatch log;
    startWithDecoder(u"new 2"_s);

    QTRY_COMPARE(rig->sql(u"SELECT count(*) FROM server_objects WHERE decoder = 'new 2' AND preview_error IS NULL"_s), 1);
    QCOMPARE(*rig->store.derived(photo.sha256, photo.bytes.size(), "rendition"_L1), "rendition"_ba);
    QCOMPARE(*rig->store.derived(photo.sha256, photo.bytes.size(), "thumbnail"_L1), "picture"_ba);
    // Logs are not rewritten when a photo is purged, and its hash goes then.
    QTRY_COMPARE(LogWatch::linesWith(u"another decoder looked again"_s).size(), 1);
    QCOMPARE(LogWatch::linesWith(photo.sha256), QStringList());
    QCOMPARE(looks(), 3); // twice this one, once the healthy one
    // In no attempt: what was recorded stays.
    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_attempts"_s), 2);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM fact_upload_errors"_s), 1);
    QCOMPARE(rig->status(end.uploadId).uploads.first().version, end.version);
}

void TestWorkDecoders::photoThatStaysWithoutPreviewIsLookedAtOncePerDecoder()
{
    startWithDecoder(u"old 1"_s);
    const Photo photo = photoOf(1);
    rig->script->failures.insert(photo.bytes.size(), Error{ErrorCode::ProcessingDecodeFailed, u"scripted"_s});
    QCOMPARE(rig->upload(photo).status, Status::Succeeded);
    QCOMPARE(looks(), 1);

    startWithDecoder(u"old 1"_s);
    QCOMPARE(rig->upload(photoOf(2, {}, 20000)).status, Status::Succeeded);
    startWithDecoder(u"new 2"_s);
    QTRY_COMPARE(rig->sql(u"SELECT count(*) FROM server_objects WHERE decoder = 'new 2'"_s), 1);
    startWithDecoder(u"new 2"_s);
    QCOMPARE(rig->upload(photoOf(3, {}, 30000)).status, Status::Succeeded);

    QCOMPARE(looks(), 4); // itself, once more by the new decoder, and the two others
    QCOMPARE(rig->sql(u"SELECT preview_error FROM server_objects WHERE decoder = 'new 2' AND preview_error IS NOT NULL"_s),
             u"PROCESSING_DECODE_FAILED"_s);
}

void TestWorkDecoders::refusalOfAnUnknownFormatEndsWithItsDecoder()
{
    startWithDecoder(u"old 1"_s);
    const Photo unknown = photoOf(1);
    const Photo broken = photoOf(2, {}, 20000);
    rig->script->failures.insert(unknown.bytes.size(), Error{ErrorCode::ValidationInvalidImage, u"scripted"_s});
    rig->script->failures.insert(broken.bytes.size(), Error{ErrorCode::ValidationInvalidImage, u"scripted"_s});
    QCOMPARE(rig->upload(unknown).status, Status::Failed);
    QCOMPARE(rig->upload(broken).status, Status::Failed);
    rig->stop();
    // This server keeps what it does not know; one that refused it left this behind.
    rig->change(u"UPDATE server_objects SET refused_with = 'VALIDATION_FORMAT_UNKNOWN' WHERE sha256 = '%1'"_s.arg(unknown.sha256));
    rig->script->failures.clear();
    startWithDecoder(u"old 1"_s);
    QCOMPARE(rig->ask(nextAttempt(unknown)).refusedWith, ErrorCode::ValidationFormatUnknown);

    startWithDecoder(u"new 2"_s);

    QTRY_COMPARE(rig->ask(nextAttempt(unknown)).kind, wire::Offer::Kind::Upload);
    QCOMPARE(rig->upload(nextAttempt(unknown)).status, Status::Succeeded);
    QCOMPARE(rig->ask(nextAttempt(broken)).refusedWith, ErrorCode::ValidationInvalidImage); // that no decoder would change
}

QTEST_GUILESS_MAIN(TestWorkDecoders)
#include "tst_workdecoders.moc"
