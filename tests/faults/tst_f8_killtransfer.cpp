#include "tests/faults/proxiedworld.h"

#include "tests/support/smallphotos.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::ProxiedWorld;
using support::CliAnswer;
using support::Fault;

namespace {

constexpr qint64 MiB = 1024 * 1024;
constexpr qint64 PartBytes = 16 * MiB;
constexpr qint64 SmallPhoto = MiB;
constexpr qint64 LargePhoto = 2 * PartBytes + MiB; ///< three parts

enum class Moment { NoByte, FirstByte, Half, AllButTheLast, BeforeTheAnswer };

/// A photo of that size: what is behind its end is not looked at, while so much inside would be refused as metadata.
QByteArray photoOf(int seed, qint64 size)
{
    QByteArray photo = support::jpegBytes(seed);
    return photo.append(size - photo.size(), 'x');
}

/// How many bytes of a part of `size` have arrived when the kill comes.
qint64 bytesAt(Moment moment, qint64 size)
{
    switch (moment) {
    case Moment::NoByte: return 0;
    case Moment::FirstByte: return 1;
    case Moment::Half: return size / 2;
    case Moment::AllButTheLast: return size - 1;
    case Moment::BeforeTheAnswer: break;
    }
    return size;
}

/// Runs the command until that moment of the given PUT (counted over the whole test), then kill -9.
void killAt(ProxiedWorld &world, const QStringList &command, Moment moment, qint64 partSize, int passesBefore)
{
    const int before = world.proxy.count("PUT");
    world.proxy.clearFaults();
    Fault fault{.method = "PUT", .skip = passesBefore};
    if (moment == Moment::BeforeTheAnswer)
        fault.isAnswerHeld = true;
    else
        fault.silentAfterBodyBytes = bytesAt(moment, partSize);
    world.proxy.add(fault);

    QVERIFY(world.client.start(command));
    QTRY_VERIFY_WITH_TIMEOUT(world.proxy.count("PUT") == before + passesBefore + 1 || !world.client.isRunning(), 30000);
    if (moment == Moment::BeforeTheAnswer) {
        QTRY_VERIFY_WITH_TIMEOUT(world.proxy.heldAnswers() == 1 || !world.client.isRunning(), 30000);
    } else {
        const auto arrived = [&world] {
            const QList<support::SeenRequest> &requests = world.proxy.requests();
            const auto last = std::find_if(requests.rbegin(), requests.rend(), [](const auto &request) { return request.method == "PUT"; });
            return last->bodyBytes;
        };
        QTRY_VERIFY_WITH_TIMEOUT(arrived() >= bytesAt(moment, partSize) || !world.client.isRunning(), 30000);
        QCOMPARE(arrived(), bytesAt(moment, partSize));
    }
    QVERIFY(world.client.isRunning());
    world.client.kill();
    world.proxy.drop();
    world.proxy.clearFaults();
}

}

/// F8: kill -9 in the middle of the transfer, 20 kills. The next start goes on with the same attempt and sends what is missing.
/// Of a photo at most one part is sent twice.
class TestF8KillTransfer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void thePhotoArrivesAfterAKill_data();
    void thePhotoArrivesAfterAKill();
    void aSecretThatIsWrittenDownIsFound();
};

void TestF8KillTransfer::thePhotoArrivesAfterAKill_data()
{
    QTest::addColumn<Moment>("moment");
    QTest::addColumn<qint64>("size");
    QTest::addColumn<QList<int>>("partsBefore"); // per kill: so many PUTs pass first

    static constexpr std::array Moments{std::pair{"no byte", Moment::NoByte}, std::pair{"the first byte", Moment::FirstByte},
                                        std::pair{"half of it", Moment::Half}, std::pair{"all but the last byte", Moment::AllButTheLast},
                                        std::pair{"all of it, unanswered", Moment::BeforeTheAnswer}};
    for (const auto &[name, moment] : Moments) {
        QTest::addRow("one part, %s", name) << moment << SmallPhoto << QList<int>{0};
        QTest::addRow("three parts, %s of the first", name) << moment << LargePhoto << QList<int>{0};
        QTest::addRow("three parts, %s of the first, then of the next", name) << moment << LargePhoto << QList<int>{0, 0};
    }
}

void TestF8KillTransfer::thePhotoArrivesAfterAKill()
{
    QFETCH(const Moment, moment);
    QFETCH(const qint64, size);
    QFETCH(const QList<int>, partsBefore);
    ProxiedWorld world;
    QVERIFY(world.folders.write("photo.jpg", photoOf(int(moment), size)) && world.folders.remember());
    QVERIFY(world.start());
    const QStringList command = world.upload(world.folders.source());

    for (const int passing : partsBefore) {
        killAt(world, command, moment, std::min(size, PartBytes), passing);
        if (QTest::currentTestFailed())
            return;
    }
    const CliAnswer answer = world.client.run(command);

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->found, 1);
    QCOMPARE(answer.summary->succeeded, 1);
    const qint64 wasted = world.proxy.bodyBytes("PUT") - size;
    QVERIFY2(wasted <= partsBefore.size() * PartBytes, qPrintable(u"%1 bytes sent twice"_s.arg(wasted)));
    if (moment == Moment::BeforeTheAnswer)
        QCOMPARE(wasted, 0); // the server has it and says so
    QCOMPARE(world.clientNumber(u"SELECT count(*) FROM fact_upload_attempts"_s), 1);
    QCOMPARE(world.clientNumber(u"SELECT max(attempt_number) FROM fact_upload_attempts"_s), 1);
    QCOMPARE(world.serverNumber(u"SELECT count(*) FROM server_assets"_s), 1);
    QCOMPARE(world.objects(), 1);
    QCOMPARE(world.violations(), QString());
}

/// That nothing of them is found above means something: the checker knows the token and the links of this very run (I9).
void TestF8KillTransfer::aSecretThatIsWrittenDownIsFound()
{
    ProxiedWorld world;
    QVERIFY(world.folders.write("photo.jpg", photoOf(1, LargePhoto)) && world.folders.remember());
    QVERIFY(world.start());
    QCOMPARE(world.client.run(world.upload(world.folders.source())).exitCode, 0);
    QVERIFY(world.drain(world.client));
    QCOMPARE(world.violations(), QString());
    const QByteArrayList secrets = world.secrets();
    QCOMPARE(secrets.size(), 1 + world.proxy.count("PUT"));
    QVERIFY(secrets.size() >= 1 + 3); // the token, and a link for each part

    for (const QByteArray &secret : secrets) {
        QFile log(world.client.dataFolder() + u"/leak.log"_s);
        QVERIFY(secret.size() >= 32 && log.open(QIODevice::WriteOnly | QIODevice::Truncate) && log.write("so: " + secret + '.') > 0);
        log.close();
        const QString found = world.violations();
        QVERIFY2(found.startsWith(u"I9: 1 of "_s) && found.contains(u"leak.log holds a token"_s), qPrintable(found));
    }
}

QTEST_GUILESS_MAIN(TestF8KillTransfer)
#include "tst_f8_killtransfer.moc"
