#include "tests/faults/proxiedworld.h"

#include <QFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::ProxiedWorld;
using support::CliAnswer;

/// A token that the server does not take (any more): the queue waits for the next one, and nothing in it has failed.
class TestSignIn : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void photosWaitForTheNextTokenAndGoOnWithIt()
    {
        ProxiedWorld world;
        QVERIFY(world.folders.writePhoto("a.jpg", 1) && world.folders.writePhoto("b.jpg", 2));
        QVERIFY(world.folders.remember() && world.start());
        const QString oldToken = QString::fromUtf8(world.folders.root() + "/token-of-yesterday");
        QFile file(oldToken);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
        QVERIFY(file.write("0123456789abcdef0123456789abcdef\n") > 0);
        file.close();
        const QStringList right = world.upload(world.folders.source());
        QStringList wrong = right;
        wrong[wrong.indexOf(u"--token-file"_s) + 1] = oldToken;
        wrong[wrong.indexOf(u"--wait"_s) + 1] = u"2s"_s;

        const CliAnswer refused = world.client.run(wrong);

        QVERIFY2(refused.faults.isEmpty(), qPrintable(refused.toText()));
        QCOMPARE(refused.exitCode, 1);
        QCOMPARE(refused.photos.size(), 2);
        for (const support::CliPhoto &photo : refused.photos) {
            QCOMPARE(photo.status, u"failed"_s);
            QCOMPARE(photo.errorCode, u"INITIATION_TOKEN_EXPIRED"_s);
        }
        QCOMPARE(world.clientNumber(u"SELECT count(*) FROM fact_upload_attempts WHERE end_timestamp IS NOT NULL"_s), 0);

        const CliAnswer answer = world.client.run(right);

        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
        QCOMPARE(answer.count("succeeded"_L1), 2);
        QCOMPARE(world.violations(), QString());
    }
};

QTEST_GUILESS_MAIN(TestSignIn)
#include "tst_signin.moc"
