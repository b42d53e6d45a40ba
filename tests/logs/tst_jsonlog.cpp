#include "models/logs/jsonlog.h"
#include "models/vocabulary/correlation.h"
#include "models/vocabulary/ids.h"
#include "tests/support/diskwatch.h"

#include <QDeadlineTimer>
#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLoggingCategory>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <array>
#include <thread>

#include <sys/stat.h>
#include <utime.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using logs::JsonLog;

Q_LOGGING_CATEGORY(lcTest, "photolift.test")

namespace {

QList<QByteArray> linesOf(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QList<QByteArray> lines = file.readAll().split('\n');
    if (!lines.isEmpty() && lines.last().isEmpty())
        lines.removeLast();
    return lines;
}

/// Every line, or nothing at all when one of them is no JSON object.
QList<QJsonObject> eventsOf(const QString &path)
{
    QList<QJsonObject> events;
    const QList<QByteArray> lines = linesOf(path);
    for (const QByteArray &line : lines) {
        const QJsonObject event = QJsonDocument::fromJson(line).object();
        if (event.isEmpty())
            return {};
        events.append(event);
    }
    return events;
}

mode_t modeOf(const QString &path)
{
    struct stat status = {};
    return ::stat(QFile::encodeName(path).constData(), &status) == 0 ? status.st_mode & 0777 : 0;
}

void makeOld(const QString &path, int days)
{
    utimbuf times = {};
    times.actime = times.modtime = nowMs() / 1000 - days * 86400LL;
    QCOMPARE(::utime(QFile::encodeName(path).constData(), &times), 0);
}

constexpr auto Quiet = JsonLog::Echo::Nothing;
constexpr JsonLog::Limits SmallAndMany{1000, 400, 90};

}

class TestJsonLog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void messagesBecomeLines()
    {
        {
            JsonLog log(folder(), Quiet);
            qCInfo(lcTest) << "the walk has ended";
            qCWarning(lcTest) << "no space left";
        }

        const QList<QJsonObject> events = eventsOf(current());
        QCOMPARE(events.size(), 2);
        QCOMPARE(events[0].value(u"level"_s), u"info"_s);
        QCOMPARE(events[0].value(u"category"_s), u"photolift.test"_s);
        QCOMPARE(events[0].value(u"message"_s), u"the walk has ended"_s);
        QCOMPARE(events[1].value(u"level"_s), u"warning"_s);
        const qint64 ageMs = nowMs() - QDateTime::fromString(events[0].value(u"ts"_s).toString(), Qt::ISODateWithMs).toMSecsSinceEpoch();
        QVERIFY(ageMs >= 0 && ageMs < 60000);
    }

    void whoBeginsALogNeverWaitsForTheDisk()
    {
        test::DiskWatch watch;
        {
            const JsonLog log(folder() + u"/below"_s, Quiet);
            qCInfo(lcTest) << "begun";
            QCOMPARE(watch.calls(), QStringList());
        }
        QCOMPARE(modeOf(folder() + u"/below"_s), mode_t(0700));
        QCOMPARE(eventsOf(folder() + u"/below/photolift.log"_s).size(), 1);

        QVERIFY(QDir(folder()).mkdir(u"seen"_s));
        QCOMPARE(watch.calls(), QStringList{u"mkdir "_s + folder() + u"/seen"_s});
    }

    void folderIsItsOwnersAloneFromTheFirstMoment()
    {
        const mode_t before = ::umask(022);
        QList<mode_t> first;
        for (int i = 0; i < 200; ++i) {
            const QString path = folder() + (i % 2 == 0 ? u"/%1"_s : u"/%1/"_s).arg(i); // as it is typed
            const JsonLog log(path, Quiet);
            const QDeadlineTimer most(10'000);
            mode_t mode = 0;
            while (mode == 0 && !most.hasExpired())
                mode = modeOf(path); // as soon as it is there
            first.append(mode);
        }
        ::umask(before);

        QCOMPARE(first, QList<mode_t>(200, 0700));
    }

    void linesAboutAnAttemptBearItsId()
    {
        const QUuid attempt = newUuid7();
        {
            JsonLog log(folder(), Quiet);
            qCInfo(lcTest) << "before";
            {
                const CorrelationScope scope(attempt);
                qCInfo(lcTest) << "part 1 acknowledged";
            }
            qCInfo(lcTest) << "after";
        }

        const QList<QJsonObject> events = eventsOf(current());
        QCOMPARE(events.size(), 3);
        QVERIFY(events[0].value(u"correlation"_s).isNull());
        QCOMPARE(events[1].value(u"correlation"_s), idText(attempt));
        QVERIFY(events[2].value(u"correlation"_s).isNull());
    }

    void aForgedLineStaysInItsMessage() // F59
    {
        {
            JsonLog log(folder(), Quiet);
            qCWarning(lcTest).noquote() << u"name\r\n{\"level\":\"critical\"}\u2028\x1b[31m"_s;
            qCWarning(lcTest).noquote() << QString(1 << 20, u'x');
        }

        const QList<QJsonObject> events = eventsOf(current());
        QCOMPARE(events.size(), 2);
        QVERIFY(events[1].value(u"message"_s).toString().toUtf8().size() <= 8192);
    }

    void manyThreadsLoseAndMixNothing()
    {
        constexpr int threads = 8, each = 500;
        {
            JsonLog log(folder(), Quiet);
            std::vector<std::thread> writers;
            for (int t = 0; t < threads; ++t) {
                writers.emplace_back([t] {
                    for (int i = 0; i < each; ++i)
                        qCInfo(lcTest) << t << i;
                });
            }
            for (std::thread &writer : writers)
                writer.join();
        }

        QSet<QString> messages;
        for (const QJsonObject &event : eventsOf(current()))
            messages.insert(event.value(u"message"_s).toString());
        QCOMPARE(messages.size(), threads * each);
    }

    void filesAreForTheOwnerAlone()
    {
        QDir().mkpath(folder());
        QFile leftBehind(current());
        QVERIFY(leftBehind.open(QIODevice::WriteOnly));
        leftBehind.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ReadGroup | QFile::ReadOther);
        leftBehind.close();

        JsonLog log(folder(), Quiet, {2000, 3, 90});
        for (int i = 0; i < 100; ++i)
            qCInfo(lcTest) << "line" << i;
        log.flush();

        QCOMPARE(modeOf(current()), 0600u);
        QCOMPARE(modeOf(folder() + u"/photolift.1.log"_s), 0600u);
        QCOMPARE(modeOf(folder()), 0700u);
    }

    void smallFilesAndNoMoreThanFive()
    {
        {
            JsonLog log(folder(), Quiet, {5000, 5, 90});
            for (int i = 0; i < 1000; ++i)
                qCInfo(lcTest) << "line" << i;
        }

        const QFileInfoList files = QDir(folder()).entryInfoList(QDir::Files, QDir::Name);
        QCOMPARE(files.size(), 5);
        int last = 1000;
        for (const QString &name : {u"photolift.log"_s, u"photolift.1.log"_s, u"photolift.2.log"_s, u"photolift.3.log"_s, u"photolift.4.log"_s}) {
            const QString path = folder() + u'/' + name;
            QVERIFY(QFileInfo(path).size() <= 5000);
            const QList<QJsonObject> events = eventsOf(path);
            QVERIFY(!events.isEmpty());
            // Newest file first, and no line lost between two files.
            QCOMPARE(events.last().value(u"message"_s), QString(u"line "_s + QString::number(last - 1)));
            last -= static_cast<int>(events.size());
        }
    }

    void nothingOlderThanNinetyDaysStays()
    {
        QDir().mkpath(folder());
        for (const QString &name : {u"photolift.1.log"_s, u"photolift.2.log"_s, u"somebody-elses.log"_s}) {
            QFile file(folder() + u'/' + name);
            QVERIFY(file.open(QIODevice::WriteOnly));
        }
        makeOld(folder() + u"/photolift.1.log"_s, 89);
        makeOld(folder() + u"/photolift.2.log"_s, 91);
        makeOld(folder() + u"/somebody-elses.log"_s, 91);

        {
            const JsonLog log(folder(), Quiet);
        }

        QVERIFY(QFile::exists(folder() + u"/photolift.1.log"_s));
        QVERIFY(!QFile::exists(folder() + u"/photolift.2.log"_s));
        QVERIFY(QFile::exists(folder() + u"/somebody-elses.log"_s));
    }

    void aFileThatGrowsSlowlyIsRotatedByAge()
    {
        QDir().mkpath(folder());
        QFile file(current());
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("{\"ts\":\"" + QDateTime::currentDateTimeUtc().addDays(-19).toString(Qt::ISODateWithMs).toLatin1() + "\"}\n");
        file.close();
        {
            JsonLog log(folder(), Quiet);
            qCInfo(lcTest) << "today";
        }

        QCOMPARE(eventsOf(current()).size(), 1);
        QCOMPARE(eventsOf(folder() + u"/photolift.1.log"_s).size(), 1);
    }

    void processesThatComeAndGoShareAFolder()
    {
        constexpr int each = 200, others = 5;
        // Plain processes: this program again, asked to write (see main()). Each looks for old files while the rest rename them.
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"JSONLOG_WRITE_TO"_s, folder());
        environment.insert(u"JSONLOG_LINES"_s, QString::number(each));
        std::array<QProcess, others> processes;
        for (QProcess &other : processes) {
            other.setProcessEnvironment(environment);
            other.start(QCoreApplication::applicationFilePath());
        }
        {
            JsonLog log(folder(), Quiet, SmallAndMany);
            for (int i = 0; i < each; ++i)
                qCInfo(lcTest) << "here" << i;
        }
        for (QProcess &other : processes) {
            QVERIFY(other.state() == QProcess::NotRunning || other.waitForFinished());
            QVERIFY(other.exitStatus() == QProcess::NormalExit && other.exitCode() == 0);
        }

        qsizetype count = 0;
        const QFileInfoList files = QDir(folder()).entryInfoList(QDir::Files);
        for (const QFileInfo &file : files) {
            const QList<QJsonObject> events = eventsOf(file.filePath());
            QVERIFY(!events.isEmpty());
            count += events.size();
        }
        QCOMPARE(count, (others + 1) * each);
    }

    void aFatalMessageIsInTheFileBeforeTheEnd()
    {
        QProcess other;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"JSONLOG_WRITE_TO"_s, folder());
        environment.insert(u"JSONLOG_LINES"_s, u"fatal"_s);
        other.setProcessEnvironment(environment);
        other.start(QCoreApplication::applicationFilePath());
        QVERIFY(other.waitForFinished());

        const QList<QJsonObject> events = eventsOf(current());
        QCOMPARE(events.size(), 1);
        QCOMPARE(events[0].value(u"level"_s), u"fatal"_s);
    }

    void aFolderThatCannotBeWrittenStopsNobody()
    {
        QFile file(folder());
        QVERIFY(file.open(QIODevice::WriteOnly)); // a file where the folder should be

        JsonLog log(folder(), Quiet);
        qCInfo(lcTest) << "goes on";
        log.flush();
    }

    void afterItsEndMessagesGoWhereTheyWentBefore()
    {
        {
            JsonLog log(folder(), Quiet);
        }
        QTest::ignoreMessage(QtWarningMsg, "seen by the test again");
        qWarning("seen by the test again");
        QCOMPARE(linesOf(current()).size(), 0);
    }

private:
    QString folder() const { return m_folder->filePath(u"log"_s); }
    QString current() const { return folder() + u"/photolift.log"_s; }

    std::unique_ptr<QTemporaryDir> m_folder;
};

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    if (const QString folder = qEnvironmentVariable("JSONLOG_WRITE_TO"); !folder.isEmpty()) {
        JsonLog log(folder, Quiet, SmallAndMany);
        for (int i = 0; i < qEnvironmentVariableIntValue("JSONLOG_LINES"); ++i)
            qCInfo(lcTest) << "there" << i;
        if (qEnvironmentVariable("JSONLOG_LINES") == "fatal"_L1)
            qFatal("the end");
        return 0;
    }
    TestJsonLog test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_jsonlog.moc"
