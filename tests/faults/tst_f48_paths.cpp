#include "tests/faults/faultfolders.h"
#include "tests/faults/servernames.h"

#include <QDir>
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
        QCOMPARE(faults::namesWeDidNotMake(folders.server()), QList<QByteArray>());
        QCOMPARE(folders.violations(), QString());
    }
};

QTEST_GUILESS_MAIN(TestF48Paths)
#include "tst_f48_paths.moc"
