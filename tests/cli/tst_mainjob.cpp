#include "models/store/jsonkeys.h"
#include "tests/faults/checker/rows.h"
#include "tests/faults/faultfolders.h"
#include "tests/support/photocollection.h"
#include "tests/support/serverrun.h"
#include "tests/support/smallphotos.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QProcess>
#include <QTemporaryDir>
#include <QTemporaryFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using support::CliAnswer;
using support::CliPhoto;
using support::CliRun;
using support::Ending;
using support::PhotoCollection;
using support::Sentence;

namespace {

bool hasArrived(const CliPhoto &photo)
{
    return photo.status == "succeeded"_L1 || photo.status == "duplicate"_L1;
}

QString failedStage(const CliPhoto &photo)
{
    const QJsonArray stages = photo.stages.toArray();
    for (const QJsonValue &stage : stages) {
        if (stage[u"is_successful"_s].isBool() && !stage[u"is_successful"_s].toBool())
            return stage[u"stage"_s].toString();
    }
    return {};
}

/// Documented keys that a run on this computer with nothing in its way does not leave; each is written, and a test of its own brings it.
const QSet<QString> &keysThatTakeMore()
{
    static const QSet<QString> keys{u"upload_metadata.paused_ms"_s,       u"upload_metadata.waited_ms"_s,      u"upload_metadata.restarts"_s,
                                    u"upload_metadata.file_restarts"_s,   u"upload_metadata.clock_skew"_s,     u"upload_metadata.network_change"_s,
                                    u"upload_metadata.cancel_asked_ms"_s, u"error_context.os_errno"_s,         u"error_context.http"_s,
                                    u"error_context.qt_error"_s,          u"error_context.curl_code"_s,        u"error_context.sqlstate"_s,
                                    u"error_context.sqlite"_s,            u"error_context.s3_code"_s,          u"error_context.request_id"_s,
                                    u"error_context.retry_after_ms"_s,    u"error_context.part"_s,             u"metrics.battery_percent"_s,
                                    u"metrics.on_battery"_s,              u"upload_metadata.name_unusable"_s,
                                    u"metrics.low_power_mode"_s,          u"error_context.signal"_s};
    return keys;
}

}

/// The main job by the command line: a folder of photos, with real ones where they are, through the real programs to their ends.
class TestMainJob : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void everyFileIsAccountedFor();
    void everyObjectHasTheBytesOfItsSource();
    void troubleEndsAsWhatItIs();
    void troubleIsToldInWholeSentences();
    void theSameFolderAgainSendsNothing();
    void failedOnesAreNamed();
    void noInvariantIsBroken();
    void everyJsonKeyInTheDatabasesIsDocumented();

    void aDryRunSendsNothing();
    void wrongUsageIsTwo();
    void aTokenThatOthersCanReadIsRefused();
    void noServerIsThree();
    void aServerThatRefusesUsHasAnswered();
    void anotherWriterIsFour();
    void anInterruptIsKeptAndContinued();

private:
    QString photos() const { return m_collection.path(); }

    PhotoCollection m_collection;
    FaultFolders m_folders;
    CliAnswer m_first;
};

void TestMainJob::initTestCase()
{
    QVERIFY(m_collection.isThere());
    QVERIFY(m_folders.remember(QFile::encodeName(photos())));
    CliRun cli(m_folders.data());
    m_first = cli.run({u"upload"_s, photos()});
    QVERIFY2(m_first.summary.has_value(), qPrintable(m_first.toText()));
}

void TestMainJob::everyFileIsAccountedFor()
{
    QVERIFY2(m_first.faults.isEmpty(), qPrintable(m_first.toText())); // N = a+b+c+d+e, each told once
    QCOMPARE(m_first.exitCode, 1);                                     // some are truncated
    const QList<QByteArray> files = FaultFolders::filesBelow(QFile::encodeName(photos()));
    QCOMPARE(m_first.summary->found, files.size());
    for (const QByteArray &file : files)
        QVERIFY2(m_first.photo(QFile::encodeName(photos()) + '/' + file), file.constData());
    QVERIFY(m_first.summary->succeeded > 0 && m_first.summary->duplicate > 0 && m_first.summary->bytes > 0);
    QCOMPARE(m_first.summary->cancelled, 0);
}

void TestMainJob::everyObjectHasTheBytesOfItsSource()
{
    for (const CliPhoto &photo : std::as_const(m_first.photos)) {
        if (!hasArrived(photo))
            continue;
        QCOMPARE(photo.sha256, support::sha256OfFile(QFile::decodeName(photo.path)));
        QVERIFY2(m_folders.hasObjectOf(photo.path), photo.path.constData());
    }
}

void TestMainJob::troubleEndsAsWhatItIs()
{
    const QByteArray folder = m_collection.troublePath();
    int looked = 0;
    for (const CliPhoto &photo : std::as_const(m_first.photos)) {
        if (!photo.path.startsWith(folder))
            continue;
        ++looked;
        const QByteArray name = photo.path.sliced(folder.size());
        QVERIFY2(PhotoCollection::troubleEndings().contains(name), name.constData());
        const Ending expected = PhotoCollection::troubleEndings().value(name);
        if (expected.status == "arrived"_L1)
            QVERIFY2(hasArrived(photo), name.constData());
        else
            QVERIFY2(photo.status == expected.status, qPrintable(QString::fromUtf8(name) + u": "_s + photo.status));
        QVERIFY2(photo.errorCode == expected.code, qPrintable(QString::fromUtf8(name) + u": "_s + photo.errorCode));
        QVERIFY2(failedStage(photo) == expected.stage, qPrintable(QString::fromUtf8(name) + u": "_s + failedStage(photo)));
    }
    QVERIFY(looked > 0);
}

void TestMainJob::troubleIsToldInWholeSentences()
{
    // As a person reads it, without --json; title and advice word for word.
    const QTemporaryDir data;
    QProcess cli;
    cli.setProcessChannelMode(QProcess::MergedChannels);
    cli.start(support::programFolder() + u"/photolift-cli"_s, {u"upload"_s, photos() + u"/trouble"_s, u"--data"_s, data.path()});
    QVERIFY(cli.waitForFinished(120000));
    const QString told = QString::fromUtf8(cli.readAll());

    const QStringList files = QDir(photos() + u"/trouble"_s).entryList(QDir::Files | QDir::Hidden);
    QVERIFY(!files.isEmpty());
    for (const QString &file : files) {
        const Ending ending = PhotoCollection::troubleEndings().value(file.toUtf8());
        const QString name = photos() + u"/trouble/"_s + file;
        if (ending.code.isEmpty()) {
            QVERIFY2(!told.contains(name + u'\n'), qPrintable(told)); // nothing to say of what has arrived
            continue;
        }
        const Sentence sentence = PhotoCollection::sentenceOf(ending.code);
        const QString whole = u"%1  %2\n    %3. %4 (%5)\n"_s.arg(ending.status, name, sentence.title, sentence.advice, ending.code);
        QVERIFY2(told.contains(whole), qPrintable(whole + u"is not in\n"_s + told));
    }
}

void TestMainJob::theSameFolderAgainSendsNothing()
{
    CliRun cli(m_folders.data());
    const CliAnswer again = cli.run({u"upload"_s, photos()});

    QVERIFY2(again.faults.isEmpty(), qPrintable(again.toText()));
    QCOMPARE(again.summary->bytes, 0);
    QCOMPARE(again.summary->succeeded, 0);
    QCOMPARE(again.summary->duplicate, m_first.summary->succeeded + m_first.summary->duplicate);
    QCOMPARE(again.summary->failed, m_first.summary->failed); // refused without their bytes
    QCOMPARE(again.summary->skipped, m_first.summary->skipped);
}

void TestMainJob::failedOnesAreNamed()
{
    CliRun cli(m_folders.data());
    const CliAnswer attempts = cli.run({u"attempts"_s, u"--failed"_s});
    QCOMPARE(attempts.exitCode, 0);
    for (const CliPhoto &photo : std::as_const(m_first.photos)) {
        if (photo.status != "failed"_L1)
            continue;
        const auto isOfPhoto = [&photo](const QJsonObject &attempt) {
            return attempt.value(u"client_upload_id"_s).toString() == photo.clientUploadId && attempt.value(u"status"_s) == u"failed"_s;
        };
        QVERIFY2(std::any_of(attempts.others.begin(), attempts.others.end(), isOfPhoto), photo.path.constData());
    }
    QVERIFY(attempts.others.size() >= m_first.summary->failed);
}

void TestMainJob::noInvariantIsBroken()
{
    QCOMPARE(m_folders.violations(), QString());
}

void TestMainJob::everyJsonKeyInTheDatabasesIsDocumented()
{
    const QHash<QString, QString> tables{{u"upload_metadata"_s, u"fact_upload_attempts"_s},     {u"stage_metadata"_s, u"fact_upload_stages"_s},
                                         {u"error_context"_s, u"fact_upload_errors"_s},         {u"extracted_metadata"_s, u"dim_photos"_s},
                                         {u"processing_parameters"_s, u"dim_photos"_s},         {u"user_preferences"_s, u"dim_users"_s},
                                         {u"feature_flags"_s, u"dim_app_versions"_s},           {u"type_specific_attributes"_s, u"dim_photo_types"_s},
                                         {u"metrics"_s, u"fact_client_heartbeats"_s}};
    QSet<QString> documented;
    for (const store::JsonKey &key : store::documentedKeys()) {
        documented.insert(store::columnName(key.column) + u'.' + key.name);
        QVERIFY2(tables.contains(QString(store::columnName(key.column))), key.name.data());
    }
    QSet<QString> inBoth;
    for (const QString &file : {QString(m_folders.data() + u"/photolift.db"_s), QString(m_folders.server() + u"/server.sqlite"_s)}) {
        const auto rows = check::Rows::open(file);
        QVERIFY(rows);
        QSet<QString> found;
        for (auto table = tables.cbegin(); table != tables.cend(); ++table) {
            QVERIFY2((*rows)->each(u"SELECT DISTINCT j.key FROM %1, json_each(%2) j WHERE %2 IS NOT NULL"_s.arg(table.value(), table.key()),
                                   [&](const QSqlQuery &row) { found.insert(table.key() + u'.' + row.value(0).toString()); }),
                     qPrintable((*rows)->failure()));
        }
        QVERIFY(found.size() > 30);
        const QStringList unknown = (found - documented).values();
        QVERIFY2(unknown.isEmpty(), qPrintable(unknown.join(u' ')));
        inBoth += found;
    }
    const QStringList unwritten = (documented - inBoth - keysThatTakeMore()).values();
    QVERIFY2(unwritten.isEmpty(), qPrintable(unwritten.join(u' ')));
}

void TestMainJob::aDryRunSendsNothing()
{
    FaultFolders folders;
    QVERIFY(folders.writePhoto("photo.jpg", 1) && folders.write("notes.txt", "no photo"));
    CliRun cli(folders.data());
    const CliAnswer answer = cli.run({u"upload"_s, u"--dry-run"_s, folders.sourceText()});

    QCOMPARE(answer.exitCode, 0);
    QCOMPARE(answer.summary->bytes, 0);
    QCOMPARE(answer.count("queued"_L1), 1);
    QCOMPARE(FaultFolders::filesBelow(QFile::encodeName(folders.server() + u"/objects"_s)), QList<QByteArray>());
    QCOMPARE(folders.rows(u"queue_items"_s), 0);
}

void TestMainJob::wrongUsageIsTwo()
{
    FaultFolders folders;
    CliRun cli(folders.data());
    QCOMPARE(cli.run({u"upload"_s}).exitCode, 2);
    QCOMPARE(cli.run({u"upload"_s, folders.sourceText() + u"/is not there"_s}).exitCode, 2);
    QCOMPARE(cli.run({u"upload"_s, u"--dry-run"_s, folders.sourceText() + u"/is not there"_s}).exitCode, 2);
    QCOMPARE(cli.run({u"upload"_s, u"--jobs"_s, u"many"_s, folders.sourceText()}).exitCode, 2);
}

void TestMainJob::aTokenThatOthersCanReadIsRefused()
{
    FaultFolders folders;
    QTemporaryFile token;
    QVERIFY(folders.writePhoto("photo.jpg", 1) && token.open() && token.write("everybody knows it\n") > 0 && token.flush());
    QVERIFY(token.setPermissions(token.permissions() | QFile::ReadOther));
    const CliAnswer answer = CliRun(folders.data()).run({u"upload"_s, folders.sourceText(), u"--server"_s, u"http://127.0.0.1:1"_s,
                                                         u"--token-file"_s, token.fileName()});
    QCOMPARE(answer.exitCode, 2);
    QVERIFY2(answer.errorOutput.contains("chmod 600"), answer.errorOutput.constData());
}

void TestMainJob::noServerIsThree()
{
    FaultFolders folders;
    QTemporaryFile token;
    QVERIFY(folders.writePhoto("photo.jpg", 1) && token.open() && token.write("nobody asks for it\n") > 0 && token.flush());
    CliRun cli(folders.data());
    const CliAnswer answer
        = cli.run({u"upload"_s, folders.sourceText(), u"--server"_s, u"http://127.0.0.1:1"_s, u"--token-file"_s, token.fileName(), u"--wait"_s, u"1s"_s});

    QVERIFY2(answer.faults.isEmpty(), qPrintable(answer.toText()));
    QCOMPARE(answer.exitCode, 3);
    QCOMPARE(answer.summary->failed, 1); // it stays in the queue
    QCOMPARE(answer.photos.first().errorCode, u"NETWORK_CONNECT_FAILED"_s); // and says what it waits for

    const CliAnswer here = cli.run({u"upload"_s, folders.sourceText()});
    QVERIFY2(here.faults.isEmpty() && here.exitCode == 0, qPrintable(here.toText()));
}

void TestMainJob::aServerThatRefusesUsHasAnswered()
{
    FaultFolders folders;
    support::ServerRun server(folders.server() + u"-of-others"_s);
    QTemporaryFile token;
    QVERIFY(folders.writePhoto("photo.jpg", 1) && token.open() && token.write("not the token\n") > 0 && token.flush());
    QVERIFY(server.start());
    CliRun cli(folders.data());
    const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText(), u"--server"_s, server.address().toString(), u"--token-file"_s,
                                      token.fileName(), u"--wait"_s, u"1s"_s});

    QVERIFY2(answer.faults.isEmpty(), qPrintable(answer.toText()));
    QCOMPARE(answer.exitCode, 1);
    QCOMPARE(answer.photos.first().errorCode, u"INITIATION_TOKEN_EXPIRED"_s);
}

void TestMainJob::anotherWriterIsFour()
{
    FaultFolders folders;
    for (int i = 0; i < 4; ++i)
        QVERIFY(folders.write("photo" + QByteArray::number(i) + ".jpg", support::jpegBytes(i, 400'000)));
    CliRun first(folders.data());
    QVERIFY(first.start({u"upload"_s, folders.sourceText(), u"--limit-rate"_s, u"400K"_s}));
    QTRY_VERIFY_WITH_TIMEOUT(folders.rows(u"queue_items"_s) > 0, 30000);

    CliRun second(folders.data());
    const CliAnswer refused = second.run({u"upload"_s, folders.sourceText()});
    QCOMPARE(refused.exitCode, 4);
    QVERIFY(refused.errorOutput.contains("LOCAL_LIST_BUSY"));
    QCOMPARE(second.run({u"retry"_s, u"--all"_s}).exitCode, 4);
    QCOMPARE(second.run({u"attempts"_s}).exitCode, 0); // reading needs no lock

    const CliAnswer answer = first.finish();
    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
}

void TestMainJob::anInterruptIsKeptAndContinued()
{
    FaultFolders folders;
    constexpr int Photos = 8;
    constexpr qint64 Size = 400'000;
    for (int i = 0; i < Photos; ++i)
        QVERIFY(folders.write("photo" + QByteArray::number(i) + ".jpg", support::jpegBytes(i, Size)));
    QVERIFY(folders.remember());
    CliRun cli(folders.data());
    QVERIFY(cli.start({u"upload"_s, folders.sourceText(), u"--limit-rate"_s, u"800K"_s, u"--jobs"_s, u"2"_s}));
    QTRY_VERIFY_WITH_TIMEOUT(folders.rows(u"queue_items WHERE state = 'succeeded'"_s) >= 2, 30000);
    cli.interrupt();
    const CliAnswer interrupted = cli.finish();
    QCOMPARE(interrupted.exitCode, 130);
    QVERIFY2(interrupted.faults.isEmpty() && interrupted.summary, qPrintable(interrupted.toText()));
    QCOMPARE(interrupted.summary->found, Photos);
    const qint64 ended = folders.rows(u"queue_items WHERE state = 'succeeded'"_s);
    QVERIFY(ended < Photos);
    QVERIFY(interrupted.summary->succeeded >= 2 && interrupted.summary->succeeded <= ended);

    const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText(), u"--limit-rate"_s, u"0"_s});

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->found, Photos);
    QCOMPARE(answer.summary->succeeded + answer.summary->duplicate, Photos);
    QVERIFY(answer.summary->bytes <= (Photos - ended) * Size); // nothing twice of what had arrived
    QCOMPARE(folders.violations(), QString());
}

QTEST_GUILESS_MAIN(TestMainJob)
#include "tst_mainjob.moc"
