#include "tests/faults/checker/rows.h"
#include "tests/faults/faultfolders.h"
#include "tests/faults/proxiedworld.h"
#include "tests/support/smallphotos.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QTest>

#include <csignal>

using namespace photolift;
using namespace Qt::StringLiterals;
using faults::FaultFolders;

namespace {

constexpr int Photos = 8;
constexpr qint64 PhotoBytes = 600'000;
constexpr int RateLimit = 2'400'000; ///< bytes a second: four photos a second, so that there is a half way
constexpr int EndMs = 60'000;
constexpr int Starts = 3; ///< of the program twice at once

/// The real program, offscreen.
class Desktop
{
public:
    explicit Desktop(const FaultFolders &folders)
        : m_folders(folders)
    {
        m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    }
    ~Desktop() { kill(); }

    void start(const QStringList &paths = {}) { m_process.start(program(), arguments(paths)); }
    void kill()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    bool isRunning() const { return m_process.state() == QProcess::Running; }
    bool hasEndedWell() const
    {
        return m_process.state() == QProcess::NotRunning && m_process.exitStatus() == QProcess::NormalExit && m_process.exitCode() == 0;
    }
    /// "NAME=value" for this life only.
    void startWith(const QString &variable, const QStringList &paths)
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(variable.section(u'=', 0, 0), variable.section(u'=', 1));
        m_process.setProcessEnvironment(environment);
        start(paths);
        m_process.setProcessEnvironment(QProcessEnvironment::systemEnvironment());
    }
    /// A second start, which hands the paths to this one and ends; false when it did not.
    bool handOver(const QStringList &paths) const { return QProcess::execute(program(), arguments(paths)) == 0; }

private:
    static QString program() { return qEnvironmentVariable("PHOTOLIFT_BIN") + u"/photolift"_s; }
    QStringList arguments(const QStringList &paths) const { return QStringList{u"--data"_s, m_folders.data()} + paths; }

    const FaultFolders &m_folders;
    QProcess m_process;
};

/// The embedded server that works on this data folder; 0: there is none.
qint64 serverProcess(const FaultFolders &folders)
{
    const QStringList processes = QDir(u"/proc"_s).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    for (const QString &process : processes) {
        QFile file(u"/proc/%1/cmdline"_s.arg(process));
        if (!process.at(0).isDigit() || !file.open(QIODevice::ReadOnly))
            continue;
        const QList<QByteArray> words = file.readAll().split('\0');
        if (words.first().endsWith("/photolift-server") && words.contains(QFile::encodeName(folders.server())))
            return process.toLongLong();
    }
    return 0;
}

qint64 ended(const FaultFolders &folders)
{
    return folders.rows(u"queue_items WHERE state = 'succeeded'"_s);
}

/// How often each part of each upload was sent and acknowledged, as the server's own log has it.
QHash<QString, int> acknowledgedParts(const FaultFolders &folders)
{
    QHash<QString, int> parts;
    QFile log(folders.data() + u"/logs/server.log"_s);
    if (!log.open(QIODevice::ReadOnly))
        return parts;
    const QList<QByteArray> lines = log.readAll().split('\n');
    for (const QByteArray &text : lines) {
        const QJsonObject line = QJsonDocument::fromJson(text).object();
        if (line.value(u"method"_s) == u"PUT"_s && line.value(u"status"_s) == u"200"_s)
            ++parts[line.value(u"path"_s).toString()];
    }
    return parts;
}

}

/// Lives of the real desktop program, offscreen, that end in the middle (I6, F44): it goes on by itself and sends nothing twice.
class DesktopLivesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void killedHalfWayItGoesOnAndSendsNothingTwice_data()
    {
        QTest::addColumn<bool>("killsClient");
        QTest::addColumn<bool>("killsServer");
        QTest::newRow("the program is killed") << true << false;
        QTest::newRow("its server is killed") << false << true;
        QTest::newRow("both are killed") << true << true;
    }

    void killedHalfWayItGoesOnAndSendsNothingTwice()
    {
        QFETCH(const bool, killsClient);
        QFETCH(const bool, killsServer);
        FaultFolders folders;
        for (int i = 0; i < Photos; ++i)
            QVERIFY(folders.write("IMG_" + QByteArray::number(1000 + i) + ".jpg", support::jpegBytes(i + 1, PhotoBytes)));
        QVERIFY(folders.remember());
        QVERIFY(limitRate(folders));
        Desktop program(folders);
        program.start();
        QTRY_VERIFY_WITH_TIMEOUT(serverProcess(folders) != 0, 20'000);
        QVERIFY(program.handOver({folders.sourceText()}));

        QTRY_VERIFY_WITH_TIMEOUT(ended(folders) >= 2, EndMs);
        const qint64 server = serverProcess(folders);
        if (killsServer)
            QCOMPARE(::kill(static_cast<pid_t>(server), SIGKILL), 0);
        if (killsClient)
            program.kill();
        const qint64 before = ended(folders);
        QVERIFY2(before < Photos, "it was over before it was killed");
        const QStringList uploads = endedUploads(folders);
        QTRY_VERIFY_WITH_TIMEOUT(serverProcess(folders) != server, 20'000); // it ends with the program, too

        QElapsedTimer sinceStart;
        sinceStart.start();
        if (killsClient)
            program.start(); // and nobody clicks
        QTRY_VERIFY_WITH_TIMEOUT(ended(folders) > before, EndMs);
        const double resumedSeconds = static_cast<double>(sinceStart.elapsed()) / 1000;
        QTRY_COMPARE_WITH_TIMEOUT(ended(folders), Photos, EndMs);
        QVERIFY(QTest::qWaitFor([&] { return folders.rows(u"outbox WHERE sent_ms IS NULL"_s) == 0; }, EndMs));
        end(program, folders);

        QCOMPARE(folders.rows(u"queue_items"_s), Photos);
        QCOMPARE(folders.rows(u"fact_upload_attempts"_s), Photos); // none was begun anew
        for (const QString &upload : uploads)
            QVERIFY2(folders.rows(u"queue_items WHERE state = 'succeeded' AND client_upload_id = '%1'"_s.arg(upload)) == 1, qPrintable(upload));
        const QHash<QString, int> parts = acknowledgedParts(folders);
        QVERIFY(parts.size() > Photos / 2); // a server that was killed may not have written down the last ones
        for (auto part = parts.cbegin(); part != parts.cend(); ++part)
            QVERIFY2(part.value() == 1, qPrintable(part.key()));
        QCOMPARE(folders.violations({{u"resume_seconds"_s, QJsonArray{resumedSeconds}}}), QString());
    }

    void killedBetweenTwoPartsItSendsOnlyTheOthers()
    {
        constexpr qint64 LargeBytes = 40'000'000; // three parts
        FaultFolders folders;
        QVERIFY(folders.write("large.jpg", support::jpegBytes(1) + QByteArray(LargeBytes, '.')) && folders.remember());
        Desktop program(folders);
        program.startWith(u"PHOTOLIFT_KILL_AT=pipeline.part.after#2"_s, {folders.sourceText()});
        QTRY_VERIFY_WITH_TIMEOUT(folders.rows(u"queue_items"_s) == 1 && !program.isRunning(), EndMs);
        QTRY_COMPARE_WITH_TIMEOUT(serverProcess(folders), 0, 20'000);
        QCOMPARE(ended(folders), 0);
        QVERIFY(!acknowledgedParts(folders).isEmpty());

        program.start();
        QTRY_COMPARE_WITH_TIMEOUT(ended(folders), 1, EndMs);
        QVERIFY(QTest::qWaitFor([&] { return folders.rows(u"outbox WHERE sent_ms IS NULL"_s) == 0; }, EndMs));
        end(program, folders);

        const QHash<QString, int> parts = acknowledgedParts(folders);
        QCOMPARE(parts.size(), 3);
        for (auto part = parts.cbegin(); part != parts.cend(); ++part)
            QVERIFY2(part.value() == 1, qPrintable(part.key()));
        QCOMPARE(folders.violations(), QString());
    }

    void startedTwiceAtOnceWithTheSameFolderItIsQueuedOnce()
    {
        for (int trial = 0; trial < Starts; ++trial) {
            FaultFolders folders;
            for (int i = 0; i < 3; ++i)
                QVERIFY(folders.writePhoto("photo" + QByteArray::number(i) + ".jpg", i));
            QVERIFY(folders.remember());
            Desktop one(folders);
            Desktop other(folders);
            one.start({folders.sourceText()}); // a double click
            other.start({folders.sourceText()});

            QTRY_VERIFY_WITH_TIMEOUT(one.hasEndedWell() || other.hasEndedWell(), 20'000);
            Desktop &stays = one.hasEndedWell() ? other : one;
            QVERIFY(stays.isRunning());
            // One statement sees one state of the list: between two, the other one's drop may begin.
            const QString isOver = u"(SELECT 1) WHERE NOT EXISTS (SELECT 1 FROM queue_batches WHERE is_counted = 0) AND (SELECT count(*) FROM queue_items) = 3"
                                   " AND NOT EXISTS (SELECT 1 FROM queue_items WHERE state NOT IN ('succeeded', 'duplicate'))"
                                   " AND NOT EXISTS (SELECT 1 FROM outbox WHERE sent_ms IS NULL)"_s;
            QVERIFY(QTest::qWaitFor([&] { return folders.rows(isOver) == 1; }, EndMs));
            end(stays, folders);

            QCOMPARE(folders.rows(u"queue_items"_s), 3);
            QCOMPARE(faults::numberFrom(folders.server() + u"/server.sqlite"_s, u"SELECT count(*) FROM server_assets"_s), 3);
            QCOMPARE(FaultFolders::filesBelow(QFile::encodeName(folders.server() + u"/objects"_s)).size(), 3);
            QCOMPARE(folders.violations(), QString());
        }
    }

private:
    /// As a person sets it in the footer, before there is anything to send.
    static bool limitRate(const FaultFolders &folders)
    {
        support::CliRun cli(folders.data());
        const QString empty = QString::fromUtf8(folders.root()) + u"/empty"_s;
        return QDir().mkpath(empty) && cli.run({u"upload"_s, empty, u"--limit-rate"_s, QString::number(RateLimit)}).exitCode == 0;
    }

    static QStringList endedUploads(const FaultFolders &folders)
    {
        QStringList uploads;
        const auto rows = check::Rows::open(folders.data() + u"/photolift.db"_s);
        if (rows)
            (*rows)->each(u"SELECT client_upload_id FROM queue_items WHERE state = 'succeeded'"_s,
                          [&uploads](const QSqlQuery &row) { uploads << row.value(0).toString(); });
        return uploads;
    }

    /// Killed, too; the checker looks when the server has ended behind it.
    static void end(Desktop &program, const FaultFolders &folders)
    {
        program.kill();
        QTRY_COMPARE_WITH_TIMEOUT(serverProcess(folders), 0, 20'000);
    }
};

QTEST_GUILESS_MAIN(DesktopLivesTest)
#include "tst_desktoplives.moc"
