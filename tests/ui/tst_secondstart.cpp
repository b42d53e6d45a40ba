#include "app/desktop/secondstart.h"
#include "tests/support/diskwatch.h"

#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace photolift;
using namespace Qt::StringLiterals;

/// One data folder has one window: real processes of the program, started twice.
class SecondStartTest : public QObject
{
    Q_OBJECT

    struct Process : QProcess {
        explicit Process(const QString &dataFolder, const QStringList &paths = {}, const QString &from = {})
        {
            setProcessChannelMode(QProcess::ForwardedErrorChannel);
            setWorkingDirectory(from);
            start(qEnvironmentVariable("PHOTOLIFT_BIN") + u"/photolift"_s, QStringList{u"--data"_s, dataFolder} + paths);
        }
        ~Process() override
        {
            kill();
            waitForFinished(5000);
        }
        bool hasEnded() const { return state() == NotRunning; }
    };

    static constexpr int EndMs = 30'000; ///< also where a large program is read from a busy disk for the first time

private Q_SLOTS:
    void theSecondProcessAsksTheFirstToShowItselfAndEnds()
    {
        QTemporaryDir data;
        desktop::SecondStart first(data.path()); // what the first process holds
        QSignalSpy asked(&first, &desktop::SecondStart::raiseAsked);
        QVERIFY(QSignalSpy(&first, &desktop::SecondStart::listening).wait());

        Process second(data.path());

        QTRY_VERIFY_WITH_TIMEOUT(second.hasEnded(), EndMs);
        QCOMPARE(second.exitStatus(), QProcess::NormalExit);
        QCOMPARE(second.exitCode(), 0);
        QTRY_COMPARE(asked.count(), 1);
        QCOMPARE(asked.first().first().value<QByteArrayList>(), QByteArrayList());
    }

    void theSecondProcessHandsItsPathsToTheFirst()
    {
        QTemporaryDir data;
        QTemporaryDir card;
        desktop::SecondStart first(data.path());
        QSignalSpy asked(&first, &desktop::SecondStart::raiseAsked);
        QVERIFY(QSignalSpy(&first, &desktop::SecondStart::listening).wait());

        Process second(data.path(), {u"/photos/Zoë 100%"_s, u"./DCIM"_s, u"file:///photos/a%20b"_s}, card.path());

        QTRY_VERIFY_WITH_TIMEOUT(second.hasEnded(), EndMs);
        QCOMPARE(second.exitCode(), 0);
        QTRY_COMPARE(asked.count(), 1);
        QCOMPARE(asked.first().first().value<QByteArrayList>(),
                 (QByteArrayList{"/photos/Zoë 100%", card.path().toUtf8() + "/DCIM", "/photos/a b"}));
    }

    void whoTriesUntilTheFirstListensHandsItsPathsToo()
    {
        QTemporaryDir data;
        bool wasHeard = false;
        desktop::SecondStart::raiseFirstSoon(data.path(), {"/photos/not \xff text"}, this, [&](bool heard) { wasHeard = heard; });

        desktop::SecondStart first(data.path()); // later than the first try
        QSignalSpy asked(&first, &desktop::SecondStart::raiseAsked);

        QTRY_COMPARE(asked.count(), 1);
        QCOMPARE(asked.first().first().value<QByteArrayList>(), QByteArrayList{"/photos/not \xff text"});
        QTRY_VERIFY(wasHeard);
    }

    void theWindowsThreadIsNeverAtTheDiskForIt()
    {
        QTemporaryDir data;
        test::DiskWatch watch;
        {
            desktop::SecondStart first(data.path());
            QSignalSpy asked(&first, &desktop::SecondStart::raiseAsked);
            QVERIFY(QSignalSpy(&first, &desktop::SecondStart::listening).wait());
            QVERIFY(desktop::SecondStart::raiseFirst(data.path(), {"/photos"}));
            QTRY_COMPARE(asked.count(), 1);
        }
        QCOMPARE(watch.calls(), QStringList());
    }

    void ofTwoProcessesStartedAtOnceOneStays()
    {
        QTemporaryDir data;
        Process one(data.path());
        Process other(data.path());

        QTRY_VERIFY_WITH_TIMEOUT(one.hasEnded() || other.hasEnded(), 20'000);
        const Process &ended = one.hasEnded() ? one : other;
        const Process &stays = one.hasEnded() ? other : one;
        QCOMPARE(ended.exitStatus(), QProcess::NormalExit);
        QCOMPARE(ended.exitCode(), 0);
        QVERIFY(!stays.hasEnded());

        Process third(data.path());
        QTRY_VERIFY_WITH_TIMEOUT(third.hasEnded(), EndMs);
        QCOMPARE(third.exitCode(), 0);
        QVERIFY(!stays.hasEnded());
    }

    void everyWayToTheFolderLeadsToTheSameWindow()
    {
        QTemporaryDir data;
        QTemporaryDir elsewhere;
        const QString link = elsewhere.filePath(u"link"_s);
        QVERIFY(QFile::link(data.path(), link));
        const desktop::SecondStart first(data.path());
        QVERIFY(QSignalSpy(&first, &desktop::SecondStart::listening).wait());

        QVERIFY(desktop::SecondStart::raiseFirst(link, {}));
        QVERIFY(desktop::SecondStart::raiseFirst(data.path() + u"/./"_s, {}));
    }

    void aFolderWithALongNameHasOneWindowToo()
    {
        QTemporaryDir data;
        const QString folder = data.filePath(QString(200, u'n'));
        QVERIFY(QDir().mkpath(folder));
        const desktop::SecondStart first(folder);
        QVERIFY(QSignalSpy(&first, &desktop::SecondStart::listening).wait());

        QVERIFY(desktop::SecondStart::raiseFirst(folder, {}));
        QVERIFY(!desktop::SecondStart::raiseFirst(data.path(), {}));
    }

    void nobodyElseCanListenInItsPlace()
    {
        QTemporaryDir data;
        const desktop::SecondStart first(data.path());
        QVERIFY(QSignalSpy(&first, &desktop::SecondStart::listening).wait());
        const QFileInfo socket(data.filePath(u"window.socket"_s));

        QVERIFY(socket.exists());
        QVERIFY(!(socket.permissions() & (QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther)));
    }

    void anotherDataFolderIsAnotherProgram()
    {
        QTemporaryDir data;
        QTemporaryDir other;
        const desktop::SecondStart first(data.path());
        QVERIFY(QSignalSpy(&first, &desktop::SecondStart::listening).wait());

        QVERIFY(desktop::SecondStart::raiseFirst(data.path(), {}));
        QVERIFY(!desktop::SecondStart::raiseFirst(other.path(), {}));
    }
};

QTEST_MAIN(SecondStartTest)
#include "tst_secondstart.moc"
