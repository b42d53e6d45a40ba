#include "tests/support/clirun.h"

#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift::support;

namespace {
const QByteArray Photo = R"({"path":"/s/a.jpg","client_upload_id":"u","status":"succeeded","sha256":"ab","size":5,"error_code":null,"stages":{}})";
const QByteArray Skipped = R"({"path":"/s/b.txt","client_upload_id":null,"status":"skipped","sha256":null,"size":1,"error_code":"SELECTION_NOT_ACCEPTED","stages":null})";
const QByteArray Summary = R"({"event":"summary","found":2,"succeeded":1,"duplicate":0,"failed":0,"skipped":1,"cancelled":0,"bytes":5,"verified_s":0.5})";
}

/// The harness of the fault tests, against a program that says what the test tells it to.
class TestCliRun : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void aSoundAnswerHasNoFaults()
    {
        const CliAnswer answer = answerTo("cat <<'X'\n" + Photo + '\n' + R"({"event":"left_out","path":"/s/l","error_code":"SELECTION_SKIPPED_SPECIAL"})" + '\n'
                                          + Skipped + '\n' + Summary + "\nX\nexit 0\n");

        QCOMPARE(answer.faults, QStringList());
        QCOMPARE(answer.exitCode, 0);
        QCOMPARE(answer.photos.size(), 2);
        QCOMPARE(answer.photo("/s/a.jpg")->size, 5);
        QCOMPARE(answer.photo("/s/b.txt")->errorCode, u"SELECTION_NOT_ACCEPTED"_s);
        QCOMPARE(answer.leftOut.value("/s/l"), u"SELECTION_SKIPPED_SPECIAL"_s);
        QCOMPARE(answer.summary->skipped, 1);
        QCOMPARE(answer.summary->verifiedSeconds, 0.5);
    }

    void namesKeepTheirBytes()
    {
        const CliAnswer answer = answerTo(R"(echo '{"path":"/s/\ufffd.jpg","path_base64":"L3Mv/y5qcGc=","client_upload_id":"u","status":"queued","sha256":null,"size":1,"error_code":null,"stages":null}')");

        QVERIFY(answer.photo("/s/\xff.jpg"));
    }

    void brokenAnswers_data()
    {
        QTest::addColumn<QByteArray>("output");
        QTest::newRow("the sum is wrong") << QByteArray(Photo + '\n' + Skipped + '\n' + QByteArray(Summary).replace("\"found\":2", "\"found\":3"));
        QTest::newRow("a photo was not told of") << QByteArray(Photo + '\n' + Summary);
        QTest::newRow("counted elsewhere") << QByteArray(Photo + '\n' + Skipped + '\n' + QByteArray(Summary).replace("\"succeeded\":1,\"duplicate\":0", "\"succeeded\":0,\"duplicate\":1"));
        QTest::newRow("a photo told twice") << QByteArray(Photo + '\n' + Photo);
        QTest::newRow("a line that is no JSON") << QByteArray("uploading...");
        QTest::newRow("a field left out") << QByteArray(R"({"path":"/s/a.jpg","status":"queued"})");
        QTest::newRow("a line behind the summary") << QByteArray(Photo + '\n' + Skipped + '\n' + Summary + '\n' + Photo);
        QTest::newRow("a status of its own") << QByteArray(QByteArray(Photo).replace("succeeded", "done"));
    }
    void brokenAnswers()
    {
        QFETCH(QByteArray, output);

        QVERIFY(!answerTo("cat <<'X'\n" + output + "\nX\n").faults.isEmpty());
    }

    void argumentsAndEnvironmentArrive()
    {
        m_environment = {u"WHAT=a fault"_s};
        const CliAnswer answer = answerTo("echo \"{\\\"event\\\":\\\"seen\\\",\\\"what\\\":\\\"$WHAT $*\\\"}\"");

        QCOMPARE(answer.others.value(0).value(u"what"_s).toString(), QString(u"a fault upload /s --data "_s + m_folder->path() + u" --json"_s));
    }

    void oneThatHangsIsEnded()
    {
        const CliAnswer answer = answerTo("exec sleep 1000", 200);

        QVERIFY(answer.wasKilled);
        QCOMPARE(answer.exitCode, -1);
        QCOMPARE(answer.faults.size(), 1);
    }

    void theCheckerMustSayNineThings()
    {
        QVERIFY(!violations({m_folder->path()}).isEmpty()); // no database there
    }

private:
    CliAnswer answerTo(const QByteArray &script, int timeoutMs = 30000)
    {
        QFile file(m_folder->filePath(u"program"_s));
        if (!file.open(QIODevice::WriteOnly))
            return {};
        file.write("#!/bin/sh\n" + script + '\n');
        file.close();
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        CliRun run(m_folder->path(), file.fileName());
        run.setEnvironment(m_environment);
        return run.run({u"upload"_s, u"/s"_s}, timeoutMs);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QStringList m_environment;
};

QTEST_GUILESS_MAIN(TestCliRun)
#include "tst_clirun.moc"
