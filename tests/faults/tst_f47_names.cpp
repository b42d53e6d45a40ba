#include "models/vocabulary/pathtext.h"
#include "tests/faults/checker/rows.h"
#include "tests/faults/faultfolders.h"
#include "tests/faults/hostilenames.h"

#include <QDir>
#include <QSet>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using check::Rows;
using faults::FaultFolders;
using support::CliAnswer;
using support::CliRun;

namespace {

/// The names below the dropped folder, as a database has them.
QSet<QByteArray> namesIn(const QString &folder, const QString &question)
{
    QSet<QByteArray> names;
    const QFileInfoList files = QDir(folder).entryInfoList({u"*.db"_s, u"*.sqlite"_s}, QDir::Files);
    for (const QFileInfo &file : files) {
        const auto rows = Rows::open(file.filePath());
        if (rows) {
            (*rows)->each(question, [&names](const QSqlQuery &row) {
                const QVariant value = row.value(0);
                names.insert(value.metaType() == QMetaType::fromType<QByteArray>() ? value.toByteArray() : pathFromText(value.toString()));
            });
        }
    }
    return names;
}

/// What is in one of them only: 242 names say nothing when printed.
QSet<QByteArray> difference(const QSet<QByteArray> &one, const QSet<QByteArray> &other)
{
    return (one - other) | (other - one);
}

}

/// F47: names are data. More than 200 of them travel and come back byte for byte.
class TestF47Names : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyNameKeepsItsBytes()
    {
        const QList<QByteArray> names = faults::hostileNames();
        QVERIFY(names.size() >= 200);
        FaultFolders folders;
        QSet<QByteArray> wanted;
        int seed = 0;
        for (const QByteArray &name : names) {
            QVERIFY2(folders.writePhoto(name, ++seed), name.constData());
            wanted.insert(name);
        }
        QCOMPARE(wanted.size(), names.size());
        QVERIFY(folders.remember());

        CliRun cli(folders.data());
        const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText()}, 300000);

        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
        QCOMPARE(answer.summary->succeeded, names.size());
        QSet<QByteArray> told;
        for (const support::CliPhoto &photo : answer.photos)
            told.insert(photo.path.mid(folders.source().size() + 1));
        QCOMPARE(difference(told, wanted), QSet<QByteArray>());
        QCOMPARE(difference(namesIn(folders.data(), u"SELECT relative_path FROM queue_items"_s), wanted), QSet<QByteArray>());
        QCOMPARE(difference(namesIn(folders.data(), u"SELECT relative_path FROM fact_upload_attempts"_s), wanted), QSet<QByteArray>());
        QCOMPARE(difference(namesIn(folders.server(), u"SELECT relative_path FROM fact_upload_attempts"_s), wanted), QSet<QByteArray>());
        QCOMPARE(difference(namesIn(folders.server(), u"SELECT relative_path FROM server_assets"_s), wanted), QSet<QByteArray>());
        QCOMPARE(folders.violations(), QString());
    }
};

QTEST_GUILESS_MAIN(TestF47Names)
#include "tst_f47_names.moc"
