#include "tests/faults/bombs.h"
#include "tests/faults/faultfolders.h"
#include "tests/faults/proxiedworld.h"
#include "tests/faults/serverlives.h"
#include "tests/support/programprocesses.h"
#include "tests/support/serverrun.h"

#include <QFile>
#include <QHash>
#include <QTemporaryDir>
#include <QTemporaryFile>
#include <QTest>
#include <QTimer>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::Bomb;
using faults::FaultFolders;
using faults::ServerLives;
using support::CliAnswer;
using support::CliPhoto;
using support::CliRun;

namespace {

constexpr int Honest = 20;
constexpr qint64 MostBytes = qint64(2) << 30; ///< that one photo's process may take
constexpr qint64 MostMs = 30'000;             ///< and how long it may compute
constexpr qint64 MostOfServer = qint64(150) << 20;

/// What each process that runs a program takes, by looking again and again.
class Watch
{
public:
    explicit Watch(QString program)
        : m_program(std::move(program))
    {
        QObject::connect(&m_looks, &QTimer::timeout, &m_looks, [this] { look(); });
        m_looks.start(10);
    }
    qsizetype count() const { return m_lives.size(); }
    qint64 mostBytes() const { return std::ranges::max(m_lives, {}, &Life::bytes).bytes; }
    qint64 mostCpuMs() const { return std::ranges::max(m_lives, {}, &Life::cpuMs).cpuMs; }

private:
    struct Life {
        qint64 bytes = 0;
        qint64 cpuMs = 0;
    };

    void look()
    {
        const QList<qint64> processes = support::processesOf(m_program);
        for (const qint64 process : processes) {
            Life &life = m_lives[process];
            life.bytes = std::max(life.bytes, support::peakResidentBytes(process));
            life.cpuMs = std::max(life.cpuMs, support::cpuMs(process));
        }
    }

    const QString m_program;
    QHash<qint64, Life> m_lives; ///< by process
    QTimer m_looks;
};

}

/// F50: photos that ask for far more than they are, through the whole server. Each ends as what it is, and neither the other photos nor
/// the server nor the machine's memory feel it.
class TestF50Bombs : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyBombEndsAsWhatItIs();
};

void TestF50Bombs::everyBombEndsAsWhatItIs()
{
    QTemporaryFile tuning;
    QVERIFY(tuning.open() && tuning.write(faults::testTuning()) > 0 && tuning.flush());
    FaultFolders folders;
    const QList<Bomb> bombs = faults::bombs();
    for (const Bomb &bomb : bombs) {
        QVERIFY2(bomb.content.size() < 4'000'000, bomb.name.constData()); // or it would be a plain large photo
        QVERIFY(folders.write(bomb.name, bomb.content));
    }
    for (int i = 0; i < Honest; ++i)
        QVERIFY(folders.writePhoto("photo" + QByteArray::number(i) + ".jpg", i));
    QVERIFY(folders.remember());

    // Programs of its own: those of other tests run beside it.
    QTemporaryDir programs;
    const auto all = QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner | QFileDevice::ReadGroup | QFileDevice::ExeGroup
        | QFileDevice::ReadOther | QFileDevice::ExeOther;
    QVERIFY(QFile::setPermissions(programs.path(), all)); // the sandbox of root's runs as nobody, who has to get at it
    const QString helper = programs.filePath(u"photolift-photo"_s);
    QVERIFY(QFile::copy(support::programFolder() + u"/photolift-photo"_s, helper));
    const ServerLives lives(helper);
    const Watch helpers(helper);
    const Watch servers(lives.server());
    const CliAnswer answer = CliRun(folders.data(), lives.client()).run({u"upload"_s, folders.sourceText(), u"--tuning"_s, tuning.fileName(), u"--wait"_s, u"120s"_s});

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 1 && answer.summary, qPrintable(answer.toText()));
    for (const Bomb &bomb : bombs) {
        const CliPhoto *photo = answer.photo(folders.path(bomb.name));
        QVERIFY2(photo, bomb.name.constData());
        QCOMPARE(QString::fromLatin1(bomb.name) + u' ' + photo->status + u' ' + photo->errorCode,
                 QString::fromLatin1(bomb.name) + u' ' + bomb.status + u' ' + bomb.code);
    }
    const auto arriving = std::ranges::count(bombs, u"succeeded"_s, &Bomb::status);
    QCOMPARE(answer.summary->succeeded, Honest + arriving);

#ifndef PHOTOLIFT_SANITIZED // the shadow counts as memory there
    QVERIFY2(helpers.mostBytes() > 0 && helpers.mostBytes() <= MostBytes, qPrintable(u"%1 bytes"_s.arg(helpers.mostBytes())));
    QVERIFY2(servers.mostBytes() > 0 && servers.mostBytes() <= MostOfServer, qPrintable(u"%1 bytes"_s.arg(servers.mostBytes())));
#endif
    QVERIFY2(helpers.mostCpuMs() <= MostMs, qPrintable(u"%1 ms"_s.arg(helpers.mostCpuMs())));
    QCOMPARE(lives.count(), 1); // none of them took it along
#ifndef PHOTOLIFT_SANITIZED
    // Where there is a sandbox at all.
    QVERIFY2(folders.serverLog().contains(faults::InASandbox), folders.serverLog().constData());
#endif
    qInfo("%lld processes for %lld photos: at most %lld MB and %lld ms of CPU; the server %lld MB", static_cast<long long>(helpers.count()),
          static_cast<long long>(answer.photos.size()), helpers.mostBytes() >> 20, helpers.mostCpuMs(), servers.mostBytes() >> 20);
    QCOMPARE(folders.violations(), QString());
}

QTEST_GUILESS_MAIN(TestF50Bombs)
#include "tst_f50_bombs.moc"
