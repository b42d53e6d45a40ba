#include "tests/faults/faultfolders.h"

#include <QDir>
#include <QRegularExpression>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using support::CliAnswer;
using support::CliRun;

/// F48: a name is a column, never a path. Whatever photos and their folders are called, the server writes where it wants.
class TestF48Paths : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void namesThatLookLikePathsLeadNowhere()
    {
        FaultFolders folders;
        const QList<QByteArray> names{"..%2f..%2fescape.jpg", "%2e%2e/%2e%2e/escape.jpg", "....//escape.jpg", "... /x.jpg", ".. /x.jpg", "..\\..\\escape.jpg",
                                      "C:\\Windows\\escape.jpg", "C:/escape.jpg", "http:/evil.example/x.jpg", "file:/etc/passwd.jpg", "~root/x.jpg",
                                      "objects/aa/bb/x.jpg", "incoming/x.jpg", "\\\\?\\C:\\x.jpg", "%00/x.jpg", "x.jpg%00.exe", "etc/passwd", "tmp/../y.jpg"};
        int seed = 0;
        for (const QByteArray &name : names)
            QVERIFY2(folders.writePhoto(name, ++seed), name.constData());
        QVERIFY(folders.remember());
        const QStringList beside = QDir(QString::fromUtf8(folders.root())).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);

        CliRun cli(folders.data());
        const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText()});

        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
        QCOMPARE(answer.summary->succeeded, names.size());
        QStringList after = QDir(QString::fromUtf8(folders.root())).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
        after.removeAll(u"data"_s);
        QCOMPARE(after, beside);
        QCOMPARE(namesWeDidNotMake(folders), QList<QByteArray>());
        QCOMPARE(folders.violations(), QStringList());
    }

private:
    /// Files of the server's folder whose names are none that a server makes by itself.
    static QList<QByteArray> namesWeDidNotMake(const FaultFolders &folders)
    {
        static const QRegularExpression ours(uR"(^(objects/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}-\d+)"
                                             uR"(|derived/([0-9a-f]{2}/){0,2}[0-9a-f]{64}-\d+[./-][a-z.]+)"
                                             uR"(|incoming/[0-9a-f-]{36}/[a-z0-9.-]+)"
                                             uR"(|[a-z]+\.(db|sqlite)(-wal|-shm)?|[a-z0-9.-]+\.log|token|[a-z.]*(lock|key|probe)[a-z.]*)$)"_s);
        QList<QByteArray> strange;
        const QList<QByteArray> files = FaultFolders::filesBelow(QFile::encodeName(folders.server()));
        for (const QByteArray &file : files) {
            if (!ours.match(QString::fromLatin1(file)).hasMatch())
                strange.append(file);
        }
        return strange;
    }
};

QTEST_GUILESS_MAIN(TestF48Paths)
#include "tst_f48_paths.moc"
