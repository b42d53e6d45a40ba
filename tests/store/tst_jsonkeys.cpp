#include "models/store/jsonkeys.h"

#include <QFile>
#include <QtTest>

using namespace Qt::StringLiterals;
using namespace photolift::store;

/// The list in the README and the list in the program are one list.
class JsonKeysTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readmeAndProgramAgree();
    void everyKeyStandsOnceAndHasAUnit();
    void unknownKeysAreNamed();
};

void JsonKeysTest::readmeAndProgramAgree()
{
    QFile readme(qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/models/store/README.md"_s);
    QVERIFY(readme.open(QIODevice::ReadOnly));
    QStringList inReadme;
    const QStringList lines = QString::fromUtf8(readme.readAll()).split(u'\n');
    const qsizetype head = lines.indexOf(u"| column | key | unit | meaning |"_s);
    QVERIFY(head >= 0);
    for (qsizetype i = head + 2; i < lines.size() && lines.at(i).startsWith(u'|'); ++i) {
        const QStringList cells = lines.at(i).split(u'|');
        QCOMPARE(cells.size(), 6);
        QVERIFY2(!cells.at(4).trimmed().isEmpty(), "a key without a meaning");
        inReadme << QStringList{cells.at(1).trimmed(), cells.at(2).trimmed(), cells.at(3).trimmed()}.join(u'|');
    }

    QStringList inProgram;
    for (const JsonKey &key : documentedKeys())
        inProgram << QStringList{columnName(key.column), key.name, key.unit}.join(u'|');

    QCOMPARE(inReadme, inProgram);
}

void JsonKeysTest::everyKeyStandsOnceAndHasAUnit()
{
    QSet<QString> seen;
    for (const JsonKey &key : documentedKeys()) {
        const QString name = columnName(key.column) + u'.' + key.name;
        QVERIFY2(!seen.contains(name), qPrintable(name + u" stands twice"_s));
        QVERIFY2(!key.unit.isEmpty(), qPrintable(name + u" has no unit"_s));
        seen.insert(name);
    }
}

void JsonKeysTest::unknownKeysAreNamed()
{
    const QJsonObject context{{u"http"_s, 503}, {u"colour"_s, u"red"_s}};

    QCOMPARE(undocumentedKeys(JsonColumn::ErrorContext, context), QStringList{u"colour"_s});
    QCOMPARE(undocumentedKeys(JsonColumn::Metrics, {}), QStringList{});
}

QTEST_GUILESS_MAIN(JsonKeysTest)
#include "tst_jsonkeys.moc"
