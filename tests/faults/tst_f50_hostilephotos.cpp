#include "tests/faults/faultfolders.h"
#include "tests/faults/proxiedworld.h"
#include "tests/faults/serverlives.h"
#include "tests/support/programprocesses.h"
#include "tests/support/serverrun.h"
#include "tests/support/smallphotos.h"

#include <QTemporaryFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using faults::ServerLives;
using support::CliAnswer;
using support::CliPhoto;
using support::CliRun;

namespace {

constexpr int Honest = 3;

}

/// F50, the part of it that no file of today does: a photo takes over the process that opens it. It ends as what it is, the others
/// arrive meanwhile, the server lives on, and nothing of the photo's process stays.
class TestF50HostilePhotos : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_tuning.open());
        QVERIFY(m_tuning.write(faults::testTuning()) > 0);
        QVERIFY(m_tuning.flush());
    }
    void hostilePhotoEndsAlone_data();
    void hostilePhotoEndsAlone();

private:
    const QString m_program = support::programFolder() + u"/hostilephoto"_s;
    QTemporaryFile m_tuning;
    ServerLives m_lives{m_program};
};

void TestF50HostilePhotos::hostilePhotoEndsAlone_data()
{
    QTest::addColumn<QByteArray>("deed");
    QTest::newRow("crashes") << QByteArray("crash");
    QTest::newRow("computes for ever") << QByteArray("spin");
#ifndef PHOTOLIFT_SANITIZED // no limit of the address space there
    QTest::newRow("eats memory") << QByteArray("memory");
#endif
    QTest::newRow("starts others and goes") << QByteArray("fork");
    QTest::newRow("fills the disk") << QByteArray("disk");
}

void TestF50HostilePhotos::hostilePhotoEndsAlone()
{
    QFETCH(QByteArray, deed);
    m_lives.reset();
    FaultFolders folders;
    QVERIFY(folders.write("0hostile.jpg", support::jpegBytes(100) + "HOSTILE:" + deed));
    for (int i = 0; i < Honest; ++i)
        QVERIFY(folders.writePhoto("photo" + QByteArray::number(i) + ".jpg", i));
    QVERIFY(folders.remember());

    const CliAnswer answer =
        CliRun(folders.data(), m_lives.client()).run({u"upload"_s, folders.sourceText(), u"--tuning"_s, m_tuning.fileName(), u"--wait"_s, u"60s"_s});

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 1, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->succeeded, Honest);
    const CliPhoto *hostile = answer.photo(folders.path("0hostile.jpg"));
    QVERIFY(hostile);
    QCOMPARE(hostile->status, u"failed"_s);
    QCOMPARE(hostile->errorCode, u"VALIDATION_CHECK_CRASHED"_s);
    QCOMPARE(m_lives.count(), 1); // the server was not taken along
#ifndef PHOTOLIFT_SANITIZED
    // Where there is a sandbox at all.
    QVERIFY2(folders.serverLog().contains(faults::InASandbox), folders.serverLog().constData());
#endif
    QCOMPARE(faults::numberFrom(folders.server() + u"/server.sqlite"_s, u"SELECT count(*) FROM server_objects WHERE state = 'quarantined'"_s), 1);
    if (deed == "crash") { // by which signal, in the records of both sides
        const QString signalled = u"fact_upload_errors WHERE error_code = 'VALIDATION_CHECK_CRASHED' AND json_extract(error_context, '$.signal') > 0"_s;
        QVERIFY(folders.rows(signalled) > 0);
        QVERIFY(faults::numberFrom(folders.server() + u"/server.sqlite"_s, u"SELECT count(*) FROM "_s + signalled) > 0);
    }
    QTRY_COMPARE(support::processesOf(m_program), QList<qint64>());
    QCOMPARE(folders.violations(), QString());
}

QTEST_GUILESS_MAIN(TestF50HostilePhotos)
#include "tst_f50_hostilephotos.moc"
