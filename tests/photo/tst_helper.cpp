#include "models/photo/filedescriptor.h"
#include "models/photo/helper.h"

#include <QDir>
#include <QElapsedTimer>
#include <QTemporaryFile>
#include <QTest>

#include <csignal>
#include <fcntl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::photo;

namespace {

Helper::Options misbehaving()
{
    Helper::Options options;
    options.program = qEnvironmentVariable("PHOTOLIFT_BIN") + u"/misbehavinghelper"_s;
    options.deadlineMs = 20000;
    return options;
}

qsizetype descriptorsOpen()
{
    return QDir(u"/proc/self/fd"_s).entryList(QDir::Files | QDir::System).size();
}

/// One letter of the kernel.
QByteArray stateOf(const QString &pid)
{
    QFile file(u"/proc/"_s + pid + u"/stat"_s);
    return file.open(QIODevice::ReadOnly) ? file.readAll().split(' ').value(2) : QByteArray();
}

/// The number behind --memory.
qint64 memoryIn(const QString &arguments)
{
    return arguments.section(u"--memory "_s, 1).section(u' ', 0, 0).toLongLong();
}

QStringList childrenOf(const QString &pid)
{
    QStringList found;
    for (const QString &name : QDir(u"/proc"_s).entryList({u"[0-9]*"_s}, QDir::Dirs)) {
        QFile file(u"/proc/"_s + name + u"/stat"_s);
        const QByteArray stat = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        if (QString::fromLatin1(stat.mid(stat.lastIndexOf(')') + 2).split(' ').value(1)) == pid)
            found.append(name);
    }
    return found;
}

bool isAlive(const QString &pid)
{
    return ::kill(pid.toInt(), 0) == 0;
}

} // namespace

class TestHelper final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_photo.open()); }

    void oneProcessServesManyPhotos()
    {
        Helper helper(misbehaving());

        const QString first = answerOf(helper, u"who are you"_s);

        QVERIFY(first.toInt() > 0);
        QCOMPARE(answerOf(helper, u"who are you"_s), first);
    }

    void photoThatKillsTheHelperFailsAlone_data()
    {
        QTest::addColumn<QString>("behaviour");
        QTest::addColumn<int>("order");
        QTest::addColumn<ErrorCode>("expected");
        const auto row = [](const char *name, const QString &behaviour, Order order, ErrorCode expected) {
            QTest::newRow(name) << behaviour << int(order) << expected;
        };
        row("crash while reading facts -> unreadable", u"crash"_s, Order::Facts, ErrorCode::MetadataUnreadable);
        row("crash while making a thumbnail -> no preview", u"crash"_s, Order::Thumbnail, ErrorCode::ProcessingDecodeFailed);
        row("crash while making a rendition -> no preview", u"crash"_s, Order::Rendition, ErrorCode::ProcessingDecodeFailed);
        row("crash while validating -> check crashed", u"crash"_s, Order::Validate, ErrorCode::ValidationCheckCrashed);
        row("garbage -> not believed", u"garbage"_s, Order::Facts, ErrorCode::MetadataUnreadable);
        row("announces 4 GiB -> not believed", u"endless picture"_s, Order::Thumbnail, ErrorCode::ProcessingDecodeFailed);
        row("says that the sign-in expired -> not believed", u"foreign code"_s, Order::Validate, ErrorCode::ValidationCheckCrashed);
    }
    void photoThatKillsTheHelperFailsAlone()
    {
        QFETCH(QString, behaviour);
        QFETCH(int, order);
        QFETCH(ErrorCode, expected);
        Helper helper(misbehaving());
        const QString before = answerOf(helper, u"who are you"_s);

        const Result<HelperAnswer> result = helper.run(Order(order), m_photo.handle(), behaviour).result();

        QVERIFY(!result);
        QCOMPARE(result.error().code, expected);
        QCOMPARE(result.error().cause.signal, behaviour == "crash"_L1 ? SIGKILL : 0);
        const QString after = answerOf(helper, u"who are you"_s);
        QVERIFY(after.toInt() > 0);
        QVERIFY(after != before);
        QVERIFY(!isAlive(before));
    }

    void deadlineEndsWhatHangs_data()
    {
        QTest::addColumn<QString>("behaviour");
        QTest::newRow("no answer") << u"hang"_s;
        QTest::newRow("half an answer") << u"half a frame"_s;
    }
    void deadlineEndsWhatHangs()
    {
        QFETCH(QString, behaviour);
        Helper::Options options = misbehaving();
        options.deadlineMs = 200;
        Helper helper(options);

        const Result<HelperAnswer> result = helper.run(Order::Validate, m_photo.handle(), behaviour).result();

        QVERIFY(!result);
        QCOMPARE(result.error().code, ErrorCode::ValidationCheckCrashed);
        QVERIFY(result.error().detail.contains("out of time"_L1));
        QCOMPARE(result.error().cause.signal, 0); // the one that ended it was ours
    }

    void helperKilledWhileIdleCostsNoPhoto()
    {
        Helper helper(misbehaving());
        const QString pid = answerOf(helper, u"who are you"_s);
        QCOMPARE(::kill(pid.toInt(), SIGKILL), 0);
        QTRY_COMPARE(stateOf(pid), "Z"_ba); // nobody has looked at it yet

        const QString after = answerOf(helper, u"who are you"_s);

        QVERIFY(after.toInt() > 0);
        QVERIFY(after != pid);
    }

    void crashInALaterStepKeepsTheEarlierOnes()
    {
        Helper helper(misbehaving());

        const Result<HelperAnswer> result = helper.run(Order::Everything, m_photo.handle(), u"crash after validation"_s).result();

        QVERIFY(result);
        QCOMPARE(result->steps.size(), 2);
        QCOMPARE(result->steps[0].stage, Stage::Validation);
        QVERIFY(!result->steps[0].error);
        QCOMPARE(result->steps[0].durationMs, 7);
        QCOMPARE(result->steps[1].stage, Stage::MetadataExtraction);
        QCOMPARE(result->steps[1].error->code, ErrorCode::MetadataUnreadable);
    }

    void endlessAnswerEnds()
    {
        Helper helper(misbehaving());

        const Result<HelperAnswer> result = helper.run(Order::Everything, m_photo.handle(), u"endless steps"_s).result();

        QVERIFY(result);
        QVERIFY(result->steps.size() <= 4);
    }

    void oneShotProcessSeesOnePhoto()
    {
        Helper::Options options = misbehaving();
        options.isOneShot = true;
        Helper helper(options);

        const QString first = answerOf(helper, u"who are you"_s);

        QVERIFY(answerOf(helper, u"who are you"_s) != first);
        QVERIFY(!isAlive(first));
    }

    void oneShotPhotoThatCrashesFailsAlone()
    {
        Helper::Options options = misbehaving();
        options.isOneShot = true;
        Helper helper(options);
        QVERIFY(answerOf(helper, u"who are you"_s).toInt() > 0);

        const Result<HelperAnswer> result = helper.run(Order::Validate, m_photo.handle(), u"crash"_s).result();

        QVERIFY(!result);
        QCOMPARE(result.error().code, ErrorCode::ValidationCheckCrashed);
        QVERIFY2(result.error().detail.contains("signal 9"_L1), qPrintable(result.error().detail)); // how, for support
        QVERIFY(answerOf(helper, u"who are you"_s).toInt() > 0);
    }

    void oneShotPhotoThatStaysIsEndedForTheNext()
    {
        Helper::Options options = misbehaving();
        options.isOneShot = true;
        Helper helper(options);

        const QString stays = answerOf(helper, u"answer and stay"_s);

        QVERIFY(stays.toInt() > 0);
        QVERIFY(answerOf(helper, u"who are you"_s).toInt() > 0);
        QVERIFY(!isAlive(stays));
    }

    void oneShotPhotoLeavesNobodyBehind()
    {
        Helper::Options options = misbehaving();
        options.isOneShot = true;
        Helper helper(options);

        QVERIFY(answerOf(helper, u"leave others behind"_s).toInt() > 0);
        const QString last = answerOf(helper, u"who are you"_s);

        QVERIFY(last.toInt() > 0);
        const QStringList nurseries = childrenOf(QString::number(::getpid()));
        QCOMPARE(nurseries.size(), 1);
        QTRY_COMPARE(childrenOf(nurseries.first()), QStringList());
    }

    void oneShotChildKnowsNoOrdersOfOthers()
    {
        Helper::Options options = misbehaving();
        options.isOneShot = true;
        Helper helper(options);

        QCOMPARE(answerOf(helper, u"descriptors"_s), u"0 1 2 3"_s); // 3 is the photo
        QCOMPARE(answerOf(helper, u"input"_s), u"/dev/null"_s);
    }

    void processWithoutTimeForAnotherPhotoIsReplaced()
    {
        Helper::Options options = misbehaving();
        options.lifeCpuSeconds = options.cpuSeconds; // one photo might take all of it
        Helper helper(options);

        const QString first = answerOf(helper, u"who are you"_s);

        QVERIFY(first.toInt() > 0);
        QVERIFY(answerOf(helper, u"who are you"_s) != first);
    }

    void photoThatAHardLimitWouldNotLetInGetsAProcessOfItsSize()
    {
        QTemporaryFile large;
        QVERIFY(large.open() && large.resize(300LL * 1024 * 1024)); // a hole: nothing is written
        Helper helper(misbehaving());
        const QString usual = answerOf(helper, u"arguments"_s);

        const Result<HelperAnswer> answer = helper.run(Order::Facts, large.handle(), u"arguments"_s).result();

        QVERIFY(answer);
        QCOMPARE(memoryIn(answer->facts.note) - memoryIn(usual), 44LL * 1024 * 1024); // 256 MiB are the usual room
        QCOMPARE(answerOf(helper, u"arguments"_s), answer->facts.note); // and it goes on with small ones
    }

    void childInheritsNothing()
    {
        const FileDescriptor secret(::open("/dev/null", O_RDONLY)); // deliberately without close-on-exec
        qputenv("PHOTOLIFT_TEST_SECRET", "1");
        Helper helper(misbehaving());

        QCOMPARE(answerOf(helper, u"descriptors"_s), u"0 1 2 3"_s); // 3 is the photo
        QVERIFY(!answerOf(helper, u"environment"_s).contains("PHOTOLIFT_TEST_SECRET"_L1));
    }

    void manyAtOnceAreAllAnswered()
    {
        Helper::Options options = misbehaving();
        options.processes = 8;
        Helper helper(options);
        QList<QFuture<Result<HelperAnswer>>> futures;

        for (int i = 0; i < 200; ++i)
            futures.append(helper.run(Order::Facts, m_photo.handle(), i % 10 == 0 ? u"crash"_s : u"who are you"_s));

        for (int i = 0; i < 200; ++i)
            QCOMPARE(bool(futures[i].result()), i % 10 != 0);
    }

    void nothingIsLeftOpen()
    {
        const qsizetype before = descriptorsOpen();
        QString pid;
        {
            Helper helper(misbehaving());
            for (const QString &behaviour : {u"crash"_s, u"garbage"_s, u"who are you"_s, u"crash"_s})
                helper.run(Order::Facts, m_photo.handle(), behaviour).waitForFinished();
            pid = answerOf(helper, u"who are you"_s);
        }
        QCOMPARE(descriptorsOpen(), before);
        QVERIFY(!isAlive(pid));
    }

    void endingAnswersWhatIsStillOpen()
    {
        QFuture<Result<HelperAnswer>> running, waiting;
        QElapsedTimer timer;
        timer.start();
        {
            Helper helper(misbehaving());
            running = helper.run(Order::Validate, m_photo.handle(), u"hang"_s);
            waiting = helper.run(Order::Validate, m_photo.handle(), u"hang"_s);
        }
        QVERIFY(timer.elapsed() < 5000); // far below the deadline of the order
        QCOMPARE(running.result().error().code, ErrorCode::UserCancelled);
        QCOMPARE(waiting.result().error().code, ErrorCode::UserCancelled);
    }

    void missingProgramIsSaid()
    {
        Helper::Options options;
        options.program = u"/nonexistent/photolift-photo"_s;
        Helper helper(options);

        QCOMPARE(helper.run(Order::Facts, m_photo.handle(), {}).result().error().code, ErrorCode::LocalResourcesLow);
        QCOMPARE(helper.run(Order::Facts, -1, {}).result().error().code, ErrorCode::LocalResourcesLow);
    }

private:
    /// The note that the misbehaving helper answers with.
    QString answerOf(Helper &helper, const QString &behaviour)
    {
        const Result<HelperAnswer> result = helper.run(Order::Facts, m_photo.handle(), behaviour).result();
        return result ? result->facts.note : QString();
    }

    QTemporaryFile m_photo;
};

QTEST_GUILESS_MAIN(TestHelper)
#include "tst_helper.moc"
