#include "tests/support/clirun.h"
#include "tests/support/smallphotos.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::support;

namespace {

struct Said {
    int exitCode = -1;
    QByteArray lines;
    QByteArray complaint;
};

/// `attempts` of somebody who may write nowhere below the folder.
Said attemptsOfAReader(const QString &dataFolder)
{
    QStringList command{qEnvironmentVariable("PHOTOLIFT_BIN") + u"/photolift-cli"_s, u"attempts"_s, u"--json"_s, u"--data"_s, dataFolder};
    if (::geteuid() == 0) // whom no mode of a file stops
        command = QStringList{u"/usr/bin/setpriv"_s, u"--reuid"_s, u"65534"_s, u"--regid"_s, u"65534"_s, u"--clear-groups"_s} + command;
    QProcess process;
    process.start(command.takeFirst(), command);
    if (!process.waitForFinished(30000) || process.exitStatus() != QProcess::NormalExit)
        return {};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

void setMode(const QString &path, mode_t mode)
{
    QCOMPARE(::chmod(QFile::encodeName(path).constData(), mode), 0);
}

}

/// A list that was put away where nothing can be written: reading it needs no lock and makes nothing.
class TestReadOnly : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void attemptsAreReadWhereNothingCanBeWritten();
    void aJournalThatCannotBeOpenedIsNotLookedPast();

private:
    QString database() const { return m_data + u"/photolift.db"_s; }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_data;
};

void TestReadOnly::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_data = m_folder->filePath(u"data"_s);
    QDir().mkpath(m_folder->filePath(u"photos"_s));
    QFile photo(m_folder->filePath(u"photos/a.jpg"_s));
    QVERIFY(photo.open(QIODevice::WriteOnly));
    photo.write(jpegBytes(1));
    photo.close();
    QCOMPARE(CliRun(m_data).run({u"upload"_s, m_folder->filePath(u"photos"_s)}).exitCode, 0);
    QVERIFY(QFile::exists(database()));

    setMode(m_folder->path(), 0555);
    for (QDirIterator all(m_data, QDir::AllEntries | QDir::NoDotAndDotDot | QDir::Hidden, QDirIterator::Subdirectories); all.hasNext();) {
        const QFileInfo entry(all.next());
        setMode(entry.filePath(), entry.isDir() ? 0755 : 0444);
    }
    setMode(m_data, 0555);
}

void TestReadOnly::cleanup()
{
    setMode(m_data, 0755);
    setMode(m_folder->path(), 0755);
}

void TestReadOnly::attemptsAreReadWhereNothingCanBeWritten()
{
    const QStringList before = QDir(m_data).entryList();

    const Said said = attemptsOfAReader(m_data);

    QVERIFY2(said.exitCode == 0, said.complaint.constData());
    QCOMPARE(said.lines.count('\n'), 1);
    QVERIFY(said.lines.contains("a.jpg"));
    QCOMPARE(QDir(m_data).entryList(), before);
}

void TestReadOnly::aJournalThatCannotBeOpenedIsNotLookedPast()
{
    setMode(m_data, 0755);
    QFile journal(database() + u"-wal"_s);
    QVERIFY(journal.open(QIODevice::WriteOnly));
    journal.write("what the file lacks");
    journal.close();
    setMode(journal.fileName(), 0000);
    setMode(m_data, 0555);

    const Said said = attemptsOfAReader(m_data);

    QCOMPARE(said.exitCode, 1);
    QVERIFY(said.lines.isEmpty());
    QVERIFY2(said.complaint.contains("(LOCAL_DISK_ERROR)"), said.complaint.constData());
}

QTEST_GUILESS_MAIN(TestReadOnly)
#include "tst_readonly.moc"
