#include "models/vocabulary/pathtext.h"
#include "models/wire/messages.h"
#include "tests/faults/apiwords.h"
#include "tests/faults/faultfolders.h"
#include "tests/faults/servernames.h"

#include <QJsonDocument>
#include <QSet>
#include <QTest>

#include <random>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using support::CliAnswer;
using support::CliRun;

namespace {

constexpr int Names = 10'000;
constexpr int ThroughTheServer = 300;
constexpr quint32 Seed = 20261121;

/// Names out of what has led programs astray, and out of any bytes; never a '/' or a NUL, which no file system allows.
QList<QByteArray> fuzzedNames(int count)
{
    const QByteArrayList pieces{"..", ".", "%2e%2e", "%2f", "\\", "C:", "http:", "~", "$(x)", "`x`", "\r\n", "\x1b[2J", "\"", "'", "<b>", "&", ";", "|", "*", "?",
                                "\xe2\x80\xae", "\xef\xbf\xbd", "\xef\xbf\xbf", "\xc0\xaf", "\xed\xa0\x80", "\xff", "\x80", "e\xcc\x81", "\xc3\xa9", " ", "\t",
                                "%00", "%s", "{", "}", "=1+1", "aux", ".jpg", "objects", "incoming", "\xf0\x9f\x98\x80"};
    std::mt19937 random(Seed);
    QSet<QByteArray> seen;
    QList<QByteArray> names;
    while (names.size() < count) {
        QByteArray name;
        for (int piece = int(random() % 8); piece >= 0; --piece) {
            if (random() % 3 == 0)
                name += char(random() % 256);
            else
                name += pieces[qsizetype(random()) % pieces.size()];
        }
        name.replace('/', "%2f").replace('\0', "%00");
        name.truncate(240);
        if (name == "." || name == ".." || seen.contains(name))
            continue;
        seen.insert(name);
        names.append(name);
    }
    return names;
}

}

/// F48: 10,000 names from a seeded fuzzer through the code that makes text, JSON and questions of them; some of them as real files.
class TestF48Names : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachNameComesBackAsItsBytes()
    {
        QSet<QString> texts;
        for (const QByteArray &name : fuzzedNames(Names)) {
            const QString text = textFromPath(name);
            QVERIFY2(pathFromText(text) == name, name.toHex().constData());
            QVERIFY2(!texts.contains(text), name.toHex().constData());
            texts.insert(text);
            for (const QChar sign : displayName(text))
                QVERIFY2(sign.category() != QChar::Other_Control && sign != u'\u202e', name.toHex().constData());

            const wire::Question question = faults::questionFor("J", u"folder/"_s + text, text);
            const QByteArray json = QJsonDocument(wire::toJson(question)).toJson(QJsonDocument::Compact);
            const auto object = wire::parseObject(json);
            QVERIFY2(object, name.toHex().constData());
            const auto read = wire::questionFromJson(*object);
            QVERIFY2(read, name.toHex().constData());
            QVERIFY2(pathFromText(read->name) == name && pathFromText(read->attempt.relativePath) == "folder/" + name, name.toHex().constData());
        }
    }

    void asFilesTheyArriveAndLeadNowhere()
    {
        FaultFolders folders;
        int seed = 0;
        for (const QByteArray &name : fuzzedNames(ThroughTheServer))
            QVERIFY2(folders.writePhoto(name, ++seed), name.toHex().constData());
        QVERIFY(folders.remember());

        const CliAnswer answer = CliRun(folders.data()).run({u"upload"_s, folders.sourceText()});

        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText().left(4000)));
        QCOMPARE(answer.summary->succeeded, ThroughTheServer);
        for (const QByteArray &name : fuzzedNames(ThroughTheServer))
            QVERIFY2(answer.photo(folders.path(name)), name.toHex().constData());
        QCOMPARE(faults::namesWeDidNotMake(folders.server()), QList<QByteArray>());
        QCOMPARE(folders.violations(), QString());
    }
};

QTEST_GUILESS_MAIN(TestF48Names)
#include "tst_f48_names.moc"
