#include "tests/pipeline/enginerig.h"

#include <QDirIterator>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::pipeline;

namespace {

/// The one file of that name which the server keeps for uploads under way.
QString incoming(const EngineRig &rig, const QString &pattern)
{
    QDirIterator files(rig.serverFolder() + u"/incoming"_s, {pattern}, QDir::Files, QDirIterator::Subdirectories);
    return files.hasNext() ? files.next() : QString();
}

/// What happens to a part that the server has on its disk, before it is put together.
using Damage = void (*)(const EngineRig &rig);

void flipAByte(const EngineRig &rig)
{
    QFile file(incoming(rig, u"bytes-*"_s));
    QVERIFY(file.open(QIODevice::ReadWrite) && file.size() > 2 && file.seek(file.size() / 2));
    const QByteArray byte = file.peek(1);
    QVERIFY(byte.size() == 1 && file.putChar(char(byte[0] ^ 1)));
}

void loseIt(const EngineRig &rig)
{
    QVERIFY(QFile::remove(incoming(rig, u"part-*"_s)));
}

}

/// The server finds after the commit that it has not the bytes that were announced: the attempt comes back and they are sent again.
class TestGivenBack : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theSameAttemptSendsItsBytesAgain_data();
    void theSameAttemptSendsItsBytesAgain();
    void afterThreeRestartsItEnds();
    void aCancelThatCameTooLateIsHeardThen();

private:
    /// Lets the next PUT arrive, damages what it brought, and only then lets the client know that it has arrived.
    static void damageNext(EngineRig &rig, Damage damage);
};

void TestGivenBack::damageNext(EngineRig &rig, Damage damage)
{
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 30000);
    damage(rig);
}

void TestGivenBack::theSameAttemptSendsItsBytesAgain_data()
{
    QTest::addColumn<Damage>("damage");
    QTest::addColumn<QString>("code");
    QTest::newRow("another byte") << Damage(flipAByte) << u"VERIFICATION_HASH_MISMATCH"_s;
    QTest::newRow("lost") << Damage(loseIt) << u"RECEPTION_PARTS_MISSING"_s;
}

void TestGivenBack::theSameAttemptSendsItsBytesAgain()
{
    QFETCH(const Damage, damage);
    QFETCH(const QString, code);
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.proxy().add({.method = "PUT", .isAnswerHeld = true});
    rig.startEngine();
    rig.drop();
    damageNext(rig, damage);
    if (QTest::currentTestFailed())
        return;
    rig.proxy().release();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 30000);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList<Status>{Status::Succeeded});
    QCOMPARE(rig.errors(u"a.jpg"_s), QStringList{code});
    QVERIFY(rig.item(u"a.jpg"_s)->isSafe);
    QCOMPARE(rig.count("PUT", {}), 2);
    const AttemptRecord attempt = rig.attempts(u"a.jpg"_s).constFirst().attempt;
    QCOMPARE(attempt.metadata["file_restarts"_L1].toInt(), 1);
    QVERIFY(!attempt.metadata.contains("restarts"_L1)); // the program was not
}

void TestGivenBack::afterThreeRestartsItEnds()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.proxy().add({.method = "PUT", .isAnswerHeld = true});
    rig.startEngine();
    rig.drop();
    for (int i = 0; i < 4; ++i) {
        damageNext(rig, flipAByte);
        if (QTest::currentTestFailed())
            return;
        rig.proxy().clearFaults();
        if (i < 3)
            rig.proxy().add({.method = "PUT", .isAnswerHeld = true});
        rig.proxy().release();
    }

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::NeedsYou, 30000);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList<Status>{Status::Failed});
    const QString mismatch = u"VERIFICATION_HASH_MISMATCH"_s;
    QCOMPARE(rig.errors(u"a.jpg"_s), (QStringList{mismatch, mismatch, mismatch, mismatch, mismatch + u'!'}));
    QVERIFY(!rig.item(u"a.jpg"_s)->isSafe);
}

void TestGivenBack::aCancelThatCameTooLateIsHeardThen()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.proxy().add({.method = "PUT", .isAnswerHeld = true});
    rig.proxy().add({.method = "POST", .pathPart = "/commit", .isAnswerHeld = true});
    rig.startEngine();
    rig.drop();
    damageNext(rig, flipAByte);
    if (QTest::currentTestFailed())
        return;
    rig.proxy().release();
    QTRY_COMPARE_WITH_TIMEOUT(rig.count("POST", "/commit"), 1, 30000);
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 30000);

    rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});
    QTRY_VERIFY_WITH_TIMEOUT(rig.attempts(u"a.jpg"_s).constFirst().attempt.metadata.contains("cancel_asked_ms"_L1), 30000);
    rig.proxy().release();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Cancelled, 30000);
    QCOMPARE(rig.statuses(u"a.jpg"_s), QList<Status>{Status::Cancelled});
}

QTEST_GUILESS_MAIN(TestGivenBack)
#include "tst_givenback.moc"
