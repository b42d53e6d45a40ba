#include "app/cli/commandline.h"
#include "app/client/datafolder.h"

#include <QTest>

using namespace photolift;
using namespace photolift::cli;
using namespace Qt::StringLiterals;

class TestCommandLine : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void uploadTakesPathsAndOptionsInAnyOrder()
    {
        const Command command = readCommandLine({"upload", "--json", "a", "--data", "/d", "--project=Lofoten winter", "-rf .JPG",
                                                 "--jobs", "2", "--limit-rate", "5M", "--wait", "90s", "--", "--b"});

        const auto *upload = std::get_if<UploadOptions>(&command);
        QVERIFY(upload);
        QCOMPARE(upload->paths, QList<QByteArray>({"a", "-rf .JPG", "--b"}));
        QVERIFY(upload->common.isJson);
        QCOMPARE(upload->common.dataFolder, u"/d"_s);
        QCOMPARE(upload->project, u"Lofoten winter"_s);
        QCOMPARE(upload->server.jobs, std::optional<int>(2));
        QCOMPARE(upload->server.rateLimit, 5'000'000);
        QCOMPARE(upload->server.waitMs, 90'000);
    }

    void eachServerHasAListOfItsOwn()
    {
        const auto folderOf = [](const QList<QByteArray> &more) {
            return std::get<UploadOptions>(readCommandLine(QList<QByteArray>{"upload", "a"} + more)).common.dataFolder;
        };
        const QList<QByteArray> server{"--server", "https://photos.example.org", "--token-file", "t"};
        const QString ofProgram = client::DataFolder::defaultPath();

        QCOMPARE(folderOf({}), ofProgram);
        QCOMPARE(folderOf(server), client::DataFolder::ofServer(ofProgram, QUrl(u"https://photos.example.org"_s)));
        QCOMPARE(folderOf(server + QList<QByteArray>{"--data", "/d"}), u"/d"_s);
    }

    void aPathNeedNotBeUtf8()
    {
        const Command command = readCommandLine({"upload", "\xe9t\xe9"});

        QCOMPARE(std::get<UploadOptions>(command).paths.first(), QByteArray("\xe9t\xe9"));
    }

    void wrongUsageIsSaidInWords_data()
    {
        QTest::addColumn<QList<QByteArray>>("arguments");
        QTest::addColumn<QString>("word");
        using Arguments = QList<QByteArray>;
        QTest::newRow("no command") << Arguments() << u"photolift-cli upload"_s;
        QTest::newRow("a command that is none") << Arguments{"send"} << u"send"_s;
        QTest::newRow("nothing to upload") << Arguments{"upload"} << u"folder"_s;
        QTest::newRow("a path without a letter") << Arguments{"upload", "a", ""} << u"empty"_s; // it would be the current folder
        QTest::newRow("an empty data folder") << Arguments{"attempts", "--data", ""} << u"--data"_s;
        QTest::newRow("an empty data folder, written together") << Arguments{"attempts", "--data="} << u"--data"_s;
        QTest::newRow("an unknown option") << Arguments{"upload", "a", "--force"} << u"--force"_s;
        QTest::newRow("a flag with a value") << Arguments{"upload", "a", "--json=yes"} << u"--json"_s;
        QTest::newRow("a value is missing") << Arguments{"upload", "a", "--data"} << u"--data"_s;
        QTest::newRow("no jobs") << Arguments{"upload", "a", "--jobs", "0"} << u"--jobs"_s;
        QTest::newRow("a rate that is none") << Arguments{"upload", "a", "--limit-rate", "fast"} << u"--limit-rate"_s;
        QTest::newRow("a server without a token") << Arguments{"upload", "a", "--server", "https://x.example"} << u"--token-file"_s;
        QTest::newRow("a far server without TLS")
            << Arguments{"upload", "a", "--server", "http://x.example", "--token-file", "t"} << u"https"_s;
        QTest::newRow("retry of nothing") << Arguments{"retry"} << u"--all"_s;
        QTest::newRow("retry of all and one") << Arguments{"retry", "--all", "0192f0c0-0000-7000-8000-000000000001"} << u"--all"_s;
        using Words = QList<QByteArray>;
        const Words server{"--server", "https://x.example", "--token-file", "t"};
        QTest::newRow("projects of this computer") << Words{"projects"} << u"--server"_s;
        QTest::newRow("projects and a word") << Words{"projects", "list"} + server << u"set ID"_s;
        QTest::newRow("a project without a state") << Words{"projects", "set", "0192f0c0-0000-7000-8000-000000000001"} + server << u"set ID"_s;
        QTest::newRow("a project that is none") << Words{"projects", "set", "12", "open"} + server << u"12"_s;
        QTest::newRow("a state that is none") << Words{"projects", "set", "0192f0c0-0000-7000-8000-000000000001", "done"} + server << u"done"_s;
        QTest::newRow("an id that is none") << Arguments{"retry", "12"} << u"12"_s;
    }
    void wrongUsageIsSaidInWords()
    {
        QFETCH(QList<QByteArray>, arguments);
        QFETCH(QString, word);

        const Command command = readCommandLine(arguments);

        const auto *message = std::get_if<Message>(&command);
        QVERIFY(message);
        QVERIFY(message->isError);
        QVERIFY2(message->text.contains(word), qPrintable(message->text));
    }

    void ratesAndTimesAreRead()
    {
        QCOMPARE(readRate(u"500K"), std::optional<qint64>(500'000));
        QCOMPARE(readRate(u"1.5MB/s"), std::optional<qint64>(1'500'000));
        QCOMPARE(readRate(u"0"), std::optional<qint64>(0));
        QVERIFY(!readRate(u"-5M"));
        QVERIFY(!readRate(u"5X"));
        QVERIFY(!readRate(u"nan"));
        QVERIFY(!readRate(u"0.5")); // cut off it would be no limit at all
        QCOMPARE(readRate(u"0.5K"), std::optional<qint64>(500));
        QCOMPARE(readDuration(u"15m"), std::optional<qint64>(900'000));
        QCOMPARE(readDuration(u"500ms"), std::optional<qint64>(500));
        QCOMPARE(readDuration(u"20"), std::optional<qint64>(20'000));
        QVERIFY(!readDuration(u"soon"));
        QVERIFY(!readDuration(u"-1s"));
    }
};

QTEST_GUILESS_MAIN(TestCommandLine)
#include "tst_commandline.moc"
