#include "app/client/client.h"
#include "models/store/archive.h"
#include "tests/faults/checker/rows.h"
#include "tests/support/databaseholder.h"
#include "tests/support/smallphotos.h"

#include <QDir>
#include <QDirIterator>
#include <QElapsedTimer>
#include <QFile>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using check::Rows;
using client::Client;

namespace {

constexpr int LongestStopMs = 3000;
constexpr int LongestLockedStopMs = 5000;

/// One running client, as a program has it.
class Running
{
public:
    explicit Running(const QString &folder, const QUrl &server = {})
    {
        Client::Options options;
        options.dataFolder = folder;
        options.server = server;
        options.tuning.stableLookMs = 10;
        auto opened = Client::open(options);
        if (!opened)
            qFatal("%s", qPrintable(opened.error().detail));
        m_client = *std::move(opened);
        m_client->start();
    }

    Client &operator*() const { return *m_client; }
    Client *operator->() const { return m_client.get(); }

    void drop(const QString &folder)
    {
        pipeline::Drop drop;
        drop.batchId = QUuid::createUuid();
        drop.paths = {QFile::encodeName(folder)};
        m_client->engine().accept(drop);
    }
    /// How the only drop stands.
    store::BatchView batch() const
    {
        const auto batches = m_client->archive().batches(true).result();
        return batches ? batches->value(0) : store::BatchView();
    }
    /// Stops in order; how long it took in ms.
    qint64 stop()
    {
        QSignalSpy stopped(m_client.get(), &Client::stopped);
        QElapsedTimer time;
        time.start();
        m_client->stop();
        if (!stopped.wait(30000))
            return time.elapsed();
        const qint64 taken = time.elapsed();
        m_client.reset();
        return taken;
    }

private:
    std::unique_ptr<Client> m_client;
};

/// The embedded server of this process; 0 when there is none.
pid_t serverProcess()
{
    const QStringList processes = QDir(u"/proc"_s).entryList(QDir::Dirs);
    for (const QString &process : processes) {
        QFile stat(u"/proc/%1/stat"_s.arg(process));
        if (!stat.open(QIODevice::ReadOnly))
            continue;
        const QByteArray line = stat.readAll(); // PID (NAME) STATE PARENT ...
        const QList<QByteArray> behindName = line.mid(line.lastIndexOf(')') + 2).split(' ');
        if (line.contains("(photolift-serve") && behindName.value(0) != "Z" && behindName.value(1).toLongLong() == ::getpid())
            return process.toInt();
    }
    return 0;
}

qint64 count(const QString &database, const QString &tableAndCondition)
{
    const auto rows = Rows::open(database);
    return rows ? (*rows)->number(u"SELECT count(*) FROM "_s + tableAndCondition) : -1;
}

/// What somebody else could read below a folder: files that are not 0600, folders that are not 0700.
QStringList openToOthers(const QString &folder)
{
    QStringList found;
    QDirIterator each(folder, QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot, QDirIterator::Subdirectories);
    while (each.hasNext()) {
        each.next();
        struct stat status {};
        if (::lstat(QFile::encodeName(each.filePath()).constData(), &status) != 0)
            continue; // a journal that went meanwhile
        if ((status.st_mode & 0077) != 0)
            found.append(u"%1 0%2"_s.arg(each.filePath().sliced(folder.size()), QString::number(status.st_mode & 0777, 8)));
    }
    return found;
}

}

/// A client without a face over its real parts: the embedded server, the engine, the mirror, the heartbeat.
class TestClient : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_root = std::make_unique<QTemporaryDir>();
        QVERIFY(m_root->isValid());
    }

    void aPhotoGoesToTheServerItStarted()
    {
        writePhotos(1);
        Running client(data());

        client.drop(photos());
        QTRY_COMPARE_WITH_TIMEOUT(client.batch().done, 1, 60000);

        QVERIFY(client->sentBytes() > 0);
        const QString sha256 = support::sha256OfFile(photos() + u"/IMG_0.jpg"_s);
        const QStringList objects = QDir(data() + u"/server/objects/%1/%2"_s.arg(sha256.left(2), sha256.mid(2, 2))).entryList(QDir::Files);
        QVERIFY2(objects.size() >= 1 && objects.first().startsWith(sha256), qPrintable(objects.join(u' ')));
        QCOMPARE(support::sha256OfFile(data() + u"/server/objects/%1/%2/%3"_s.arg(sha256.left(2), sha256.mid(2, 2), objects.first())), sha256);
    }

    void theHeartbeatsOfStartAndStopAreOnTheServer()
    {
        Running client(data());
        QSignalSpy drained(&*client, &Client::outboxDrained);
        QTRY_COMPARE_WITH_TIMEOUT(count(local(), u"fact_client_heartbeats"_s), 1, 30000);
        QTRY_VERIFY_WITH_TIMEOUT(!drained.isEmpty(), 30000);

        const qint64 stopMs = client.stop();

        QVERIFY2(stopMs < LongestStopMs, qPrintable(u"%1 ms"_s.arg(stopMs)));
        QCOMPARE(count(local(), u"fact_client_heartbeats"_s), 2);
        QCOMPARE(count(server(), u"fact_client_heartbeats"_s), 2);
        QCOMPARE(count(server(), u"fact_client_heartbeats WHERE json_extract(metrics, '$.is_start') = 1"_s), 1);
        QCOMPARE(count(server(), u"fact_client_heartbeats WHERE json_extract(metrics, '$.is_stop') = 1"_s), 1);
        QCOMPARE(serverProcess(), 0);
    }

    void theStopWaitsForNoServerThatIsNotThere()
    {
        Running client(data(), QUrl(u"http://127.0.0.1:9"_s)); // the discard port: nobody listens
        QTRY_COMPARE_WITH_TIMEOUT(count(local(), u"fact_client_heartbeats"_s), 1, 30000);

        const qint64 stopMs = client.stop();

        QVERIFY2(stopMs < LongestStopMs, qPrintable(u"%1 ms"_s.arg(stopMs)));
        QCOMPARE(count(local(), u"fact_client_heartbeats"_s), 2);
    }

    void theStopWaitsForNoListThatIsLocked_data()
    {
        QTest::addColumn<bool>("isKnown");
        QTest::newRow("since a moment ago") << false;
        QTest::newRow("as was told") << true;
    }

    void theStopWaitsForNoListThatIsLocked()
    {
        QFETCH(const bool, isKnown);
        Running client(data());
        QTRY_COMPARE_WITH_TIMEOUT(count(server(), u"fact_client_heartbeats"_s), 1, 30000);
        QSignalSpy troubled(&*client, &Client::troubled);
        support::DatabaseHolder holder(local(), "BEGIN EXCLUSIVE;");
        QVERIFY(holder.isHolding());
        const QSignalSpy states(&client->engine(), &pipeline::Engine::queueStateChanged);
        client->engine().setRateLimit(1'000'000); // something to be written
        QVERIFY(!isKnown || troubled.wait(30000));
        QTest::ignoreMessage(QtCriticalMsg, QRegularExpression(u"^ended while nothing could be written: LOCAL_LIST_BUSY"_s));

        QElapsedTimer time;
        time.start();
        (void)client.stop(); // and its end

        QVERIFY2(time.elapsed() < LongestLockedStopMs, qPrintable(u"%1 ms"_s.arg(time.elapsed())));
        for (const QList<QVariant> &said : states)
            QCOMPARE(said.first().value<pipeline::QueueState>().rateLimit, 0); // it is lost, and nobody saw it accepted
        QVERIFY(holder.release());
        QCOMPARE(serverProcess(), 0);
    }

    void whatWaitsForALockedListIsWrittenBeforeTheEnd()
    {
        Running client(data());
        QTRY_COMPARE_WITH_TIMEOUT(count(server(), u"fact_client_heartbeats"_s), 1, 30000);
        support::DatabaseHolder holder(local(), "BEGIN EXCLUSIVE;");
        QVERIFY(holder.isHolding());
        client->engine().pauseAll();

        client->stop();
        QVERIFY(holder.release());
        (void)client.stop();

        QCOMPARE(count(local(), u"settings WHERE key = 'paused' AND value = '1'"_s), 1);
    }

    void aSecondClientOnTheFolderIsRefused()
    {
        const Running first(data());
        Client::Options options;
        options.dataFolder = data();

        const auto second = Client::open(options);

        QVERIFY(!second);
        QCOMPARE(second.error().code, ErrorCode::LocalListBusy);
    }

    void aServerThatWasKilledComesBackAndTheUploadEndsWell()
    {
        constexpr int many = 30;
        writePhotos(many);
        Running client(data());
        QSignalSpy died(&*client, &Client::serverDied);
        client->engine().setRateLimit(200'000); // some seconds of work
        client.drop(photos());
        QTRY_VERIFY_WITH_TIMEOUT(client.batch().done > 0, 60000);
        QVERIFY(client.batch().done < many);
        const pid_t before = serverProcess();
        QVERIFY(before > 0);

        QCOMPARE(::kill(before, SIGKILL), 0);

        QTRY_VERIFY_WITH_TIMEOUT(!died.isEmpty(), 10000);
        client->engine().setRateLimit(0);
        QTRY_COMPARE_WITH_TIMEOUT(client.batch().done, many, 180000); // pictures are made when nobody else wants the processor
        QCOMPARE(client.batch().needsYou, 0);
        QVERIFY(serverProcess() != before);
    }

    void measurementsOfTheNetworkOutliveTheProgram()
    {
        constexpr int lives = 2;
        for (int life = 1; life <= lives; ++life) {
            const QString photo = support::writeJpeg(m_root->filePath(u"%1.jpg"_s.arg(life)), life, 100'000);
            Running client(data());
            client.drop(photo);
            QTRY_COMPARE_WITH_TIMEOUT(count(local(), u"queue_items WHERE state = 'succeeded'"_s), life, 60000);
            client.stop();
        }

        // What the second measured stands beside what the first did.
        const auto rows = Rows::open(local());
        QVERIFY(rows);
        QCOMPARE((*rows)->number(u"SELECT json_array_length(value, '$.kbps') FROM settings WHERE key = 'measured/local'"_s), lives);
    }

    void aDropOfManyFilesIsCancelledWithinASecond()
    {
        QVERIFY(QDir().mkpath(photos()));
        for (int i = 0; i < 20000; ++i)
            QVERIFY(QFile(photos() + u"/%1.txt"_s.arg(i)).open(QIODevice::WriteOnly));
        Running client(data());
        QSignalSpy progress(&client->engine(), &pipeline::Engine::walkProgressed);
        client.drop(photos());
        QTRY_VERIFY_WITH_TIMEOUT(!progress.isEmpty(), 30000); // the first rows are there
        QElapsedTimer time;
        time.start();

        client->engine().cancelBatch(client.batch().batch.batchId);

        QTRY_VERIFY_WITH_TIMEOUT(client.batch().isCounted && client.batch().waiting + client.batch().moving == 0, 30000);
#ifdef PHOTOLIFT_SANITIZED
        constexpr int MostMs = 4000; // sanitizers take several times as long
#else
        constexpr int MostMs = 1000;
#endif
        QVERIFY2(time.elapsed() <= MostMs, qPrintable(u"%1 ms"_s.arg(time.elapsed())));
    }

    void everythingInTheDataFolderIsTheOwnersAlone()
    {
        writePhotos(1);
        const mode_t before = ::umask(0); // the widest there is; the server and the helper inherit it
        Running client(data());
        client.drop(photos());
        QTRY_COMPARE_WITH_TIMEOUT(client.batch().done, 1, 60000);

        const QStringList whileRunning = openToOthers(data());
        client.stop();
        ::umask(before);

        QCOMPARE(whileRunning, QStringList());
        QCOMPARE(openToOthers(data()), QStringList());
        struct stat status {};
        QCOMPARE(::stat(QFile::encodeName(data()).constData(), &status), 0);
        QCOMPARE(status.st_mode & 0777, 0700U);
    }

private:
    QString data() const { return m_root->filePath(u"data"_s); }
    QString photos() const { return m_root->filePath(u"photos"_s); }
    QString local() const { return data() + u"/photolift.db"_s; }
    QString server() const { return data() + u"/server/server.sqlite"_s; }
    void writePhotos(int number) const
    {
        for (int i = 0; i < number; ++i)
            support::writeJpeg(photos() + u"/IMG_%1.jpg"_s.arg(i), i + 1, 50'000);
    }

    std::unique_ptr<QTemporaryDir> m_root;
};

QTEST_GUILESS_MAIN(TestClient)
#include "tst_client.moc"
