#include "tests/faults/faultfolders.h"

#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using support::CliAnswer;
using support::CliRun;

namespace {

/// The sqlite3 shell as another process that keeps a database for itself.
class ExclusiveHolder
{
public:
    explicit ExclusiveHolder(const QString &database)
    {
        m_shell.start(u"sqlite3"_s, {u"-bail"_s, database});
        m_shell.write(".timeout 20000\nBEGIN EXCLUSIVE;\nSELECT 'held';\n");
        while (!m_said.contains("held") && m_shell.waitForReadyRead(30000))
            m_said += m_shell.readAllStandardOutput();
    }
    bool isHolding() const { return m_said.contains("held") && m_shell.state() == QProcess::Running; }
    bool release()
    {
        m_shell.write("COMMIT;\n.quit\n");
        return m_shell.waitForFinished();
    }

private:
    QProcess m_shell;
    QByteArray m_said;
};

/// Beyond SQLite's own patience (busy_timeout 5 s), so that "locked" reaches the program.
constexpr int HoldMs = 7000;

}

/// F15: another process holds the local database. "Locked" is waited for, is no damage, and loses nothing.
class TestF15Locked : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aLockInTheMiddleIsWaitedFor()
    {
        FaultFolders folders;
        for (int i = 0; i < 20; ++i)
            QVERIFY(folders.writePhoto("photo" + QByteArray::number(i) + ".jpg", i));
        QVERIFY(folders.remember());
        CliRun cli(folders.data());
        QVERIFY(cli.start({u"upload"_s, folders.sourceText()}));
        QTRY_VERIFY_WITH_TIMEOUT(folders.rows(u"fact_upload_attempts"_s) > 0, 30000); // photos are under way, none need have ended

        ExclusiveHolder holder(folders.data() + u"/photolift.db"_s);
        QVERIFY(holder.isHolding());
        QElapsedTimer held;
        held.start();
        while (!held.hasExpired(HoldMs)) {
            cli.waitForOutput(1 << 30, 500); // reads on, so that the program never waits for us
            QVERIFY(cli.isRunning());
        }
        QVERIFY(holder.release());
        const CliAnswer answer = cli.finish();

        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
        QCOMPARE(answer.summary->succeeded, 20);
        QCOMPARE(folders.violations(), QString());
    }

    void aSecondUploadIntoOneFolderIsRefused()
    {
        FaultFolders folders;
        for (int i = 0; i < 20; ++i)
            QVERIFY(folders.writePhoto("photo" + QByteArray::number(i) + ".jpg", i));
        QVERIFY(folders.remember());
        CliRun first(folders.data());
        QVERIFY(first.start({u"upload"_s, folders.sourceText()}));
        QTRY_VERIFY_WITH_TIMEOUT(folders.rows(u"queue_items"_s) > 0, 30000);

        CliRun second(folders.data());
        const CliAnswer refused = second.run({u"upload"_s, folders.sourceText()});
        QCOMPARE(refused.exitCode, 4);
        CliRun reader(folders.data());
        QCOMPARE(reader.run({u"attempts"_s}).exitCode, 0); // reading needs no lock

        const CliAnswer answer = first.finish();
        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
        QCOMPARE(folders.violations(), QString());
    }
};

QTEST_GUILESS_MAIN(TestF15Locked)
#include "tst_f15_locked.moc"
