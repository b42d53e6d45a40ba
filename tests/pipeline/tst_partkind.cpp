#include "tests/pipeline/enginerig.h"
#include "tests/support/smallphotos.h"

#include <QCryptographicHash>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::pipeline;
using support::Fault;
using support::FaultProxy;

namespace {

constexpr qint64 Part = wire::PartBytes;

/// With bytes behind the picture, as phones add films: as many in front of it would be too much metadata.
QByteArray photoOfTwoParts()
{
    return support::jpegBytes(1) + QByteArray(Part + 100'000, 'x');
}

/// No attempt ends while the server is down.
Tuning patientTuning()
{
    Tuning tuning = quickTuning();
    tuning.longForMs = 60'000;
    return tuning;
}

/// A server whose store takes MD5: so it says of itself, so often.
Fault infoOfAnMd5Server(int times)
{
    wire::Info info;
    info.serverVersion = u"1"_s;
    info.serverTimeMs = QDateTime::currentMSecsSinceEpoch();
    info.epoch = u"01a1fc3c-13bc-7b1c-84a0-dc48b1a41f6f"_s;
    info.partChecksum = u"md5"_s;
    info.maxFileBytes = wire::MaxFileBytes;
    info.maxLinksPerCall = wire::MaxLinksPerCall;
    const QByteArray json = QJsonDocument(wire::toJson(info)).toJson(QJsonDocument::Compact);
    return {.method = "GET", .pathPart = "/v1/info", .times = times, .answerAtOnce = FaultProxy::ourAnswer(200, json)};
}

/// Number and checksum of each part that a request of this kind named, in the order of the requests.
QStringList partsNamed(EngineRig &rig, const std::function<bool(const QByteArray &)> &isMeant)
{
    QStringList named;
    for (const support::SeenRequest &request : rig.proxy().requests()) {
        if (request.method != "POST" || !isMeant(request.target))
            continue;
        const QJsonArray parts = QJsonDocument::fromJson(request.body)["parts"_L1].toArray();
        for (const QJsonValue &part : parts)
            named.append(QString::number(part["number"_L1].toInt()) + u' ' + part["checksum"_L1].toString());
    }
    return named;
}

QStringList askedWith(EngineRig &rig)
{
    return partsNamed(rig, [](const QByteArray &target) { return target == "/v1/uploads"; });
}

QStringList linksFor(EngineRig &rig)
{
    return partsNamed(rig, [](const QByteArray &target) { return target.endsWith("/links"); });
}

/// What the same bytes have by another hand than ours.
QStringList expectedParts(const EngineRig &rig, const QString &name, QCryptographicHash::Algorithm algorithm)
{
    QFile file(rig.source(name));
    QStringList expected;
    if (!file.open(QIODevice::ReadOnly))
        return expected;
    for (int number = 1; !file.atEnd(); ++number)
        expected.append(QString::number(number) + u' ' + QString::fromLatin1(QCryptographicHash::hash(file.read(Part), algorithm).toHex()));
    return expected;
}

QList<store::PartAcknowledged> recordedParts(const EngineRig &rig, const QString &name)
{
    const auto list = store::WorkList::open(rig.database());
    const auto item = rig.item(name);
    if (!list || !item || item->clientUploadId.isNull())
        return {};
    const auto progress = (*list)->progress(item->clientUploadId);
    return progress ? progress->parts : QList<store::PartAcknowledged>();
}

} // namespace

/// The server's info says of what kind a part's checksum is. What was hashed for a store of another kind is hashed again, never sent.
class TestPartKind final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void serverThatSaysMd5IsGivenMd5();
    void hashedForMd5AndFoundToBeSha256();
    void storeThatChangedUnnoticedIsAskedWhatItWants();
    void listWithPartsOfAnotherKindIsHashedAgain();
};

void TestPartKind::serverThatSaysMd5IsGivenMd5()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.file(u"a.jpg"_s, photoOfTwoParts());
    rig.proxy().add(infoOfAnMd5Server(-1));
    rig.startEngine();
    rig.drop();

    // The server behind it takes SHA-256 and refuses to sign these links.
    QTRY_COMPARE_WITH_TIMEOUT(rig.errors(u"a.jpg"_s), QStringList{u"API_REQUEST_REFUSED!"_s}, 15000);
    QCOMPARE(askedWith(rig), expectedParts(rig, u"a.jpg"_s, QCryptographicHash::Md5));
    QCOMPARE(linksFor(rig), askedWith(rig));
    QCOMPARE(rig.count("PUT", {}), 0);
}

void TestPartKind::hashedForMd5AndFoundToBeSha256()
{
    EngineRig rig(patientTuning());
    QVERIFY(rig.startServer());
    rig.file(u"a.jpg"_s, photoOfTwoParts());
    rig.proxy().add(infoOfAnMd5Server(-1));
    rig.proxy().add({.method = "POST", .pathPart = "/v1/uploads", .isAnswerHeld = true});
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 15000);
    const QStringList md5 = expectedParts(rig, u"a.jpg"_s, QCryptographicHash::Md5);
    QCOMPARE(askedWith(rig), md5);

    rig.proxy().setDown(true); // and behind the same address another store comes up
    QTRY_COMPARE(rig.queueState().hold, QueueState::Hold::ServerUnreachable);
    rig.proxy().clearFaults();
    rig.proxy().setDown(false);

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 15000);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList<Status>{Status::Succeeded});
    // The attempt may have asked once more before the server had said anew what it wants; then it was asked again.
    QCOMPARE(askedWith(rig).last(2), expectedParts(rig, u"a.jpg"_s, QCryptographicHash::Sha256));
    QCOMPARE(rig.count("PUT", {}), 2);
    QVERIFY(!rig.errors(u"a.jpg"_s).contains(u"API_REQUEST_REFUSED"_s));
}

void TestPartKind::storeThatChangedUnnoticedIsAskedWhatItWants()
{
    EngineRig rig(patientTuning());
    QVERIFY(rig.startServer());
    rig.file(u"a.jpg"_s, photoOfTwoParts());
    rig.proxy().add(infoOfAnMd5Server(-1));
    rig.proxy().add({.method = "POST", .pathPart = "/v1/uploads", .isAnswerHeld = true});
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 15000);

    rig.proxy().clearFaults(); // no connection broke: only the refused links can tell
    rig.proxy().release();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 15000);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList<Status>{Status::Succeeded});
    QCOMPARE(rig.errors(u"a.jpg"_s), QStringList());
    const QStringList md5 = expectedParts(rig, u"a.jpg"_s, QCryptographicHash::Md5);
    QCOMPARE(linksFor(rig).first(2), md5);
    QCOMPARE(askedWith(rig), md5 + expectedParts(rig, u"a.jpg"_s, QCryptographicHash::Sha256));
    QCOMPARE(rig.count("PUT", {}), 2);
}

void TestPartKind::listWithPartsOfAnotherKindIsHashedAgain()
{
    EngineRig rig(patientTuning());
    QVERIFY(rig.startServer());
    rig.file(u"a.jpg"_s, photoOfTwoParts());
    rig.proxy().add({.method = "PUT", .skip = 1, .pauseAfterBodyBytes = 1});
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(recordedParts(rig, u"a.jpg"_s).size(), 1, 15000);
    const store::PartAcknowledged recorded = recordedParts(rig, u"a.jpg"_s).constFirst();
    QVERIFY(expectedParts(rig, u"a.jpg"_s, QCryptographicHash::Sha256).contains(QString::number(recorded.number) + u' ' + recorded.checksum));
    const int sent = rig.count("PUT", {});
    const QStringList askedBefore = askedWith(rig);
    const QStringList linksBefore = linksFor(rig);

    rig.proxy().setDown(true);
    rig.stopEngine();
    rig.proxy().clearFaults();
    rig.proxy().add(infoOfAnMd5Server(-1));
    rig.proxy().setDown(false);
    rig.startEngine();

    QTRY_COMPARE_WITH_TIMEOUT(rig.errors(u"a.jpg"_s).value(rig.errors(u"a.jpg"_s).size() - 1), u"API_REQUEST_REFUSED!"_s, 15000);
    const QStringList md5 = expectedParts(rig, u"a.jpg"_s, QCryptographicHash::Md5);
    QCOMPARE(askedWith(rig).mid(askedBefore.size()), md5);
    // The part that the server holds by its SHA-256 is not taken for the one whose MD5 it would have to name.
    QCOMPARE(linksFor(rig).mid(linksBefore.size()), md5);
    QCOMPARE(rig.count("PUT", {}), sent);
}

QTEST_GUILESS_MAIN(TestPartKind)
#include "tst_partkind.moc"
