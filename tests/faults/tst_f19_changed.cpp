#include "tests/faults/proxiedworld.h"

#include "tests/support/smallphotos.h"

#include <QTest>

#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::ProxiedWorld;
using support::CliAnswer;

namespace {

constexpr int TrialsPerMoment = 9; ///< at three moments, and three more that change each time: n = 30
constexpr int HiddenTrials = 5;    ///< and of a change that size, time and inode do not show
constexpr qint64 Size = 1024 * 1024;
constexpr int MostRestarts = 3;

QByteArray fileOf(int trial)
{
    return "photo" + QByteArray::number(trial) + ".jpg";
}

/// Its picture is at its front; what is behind may change and it stays a photo.
QByteArray photoOf(int seed, qint64 size = Size)
{
    const QByteArray picture = support::jpegBytes(seed);
    return picture + QByteArray(size - picture.size(), 'x');
}

bool overwrite(const QByteArray &path, qint64 offset, int value)
{
    const int file = ::open(path.constData(), O_WRONLY | O_CLOEXEC);
    const char byte = static_cast<char>(value);
    const bool isWritten = file >= 0 && ::pwrite(file, &byte, 1, offset) == 1;
    return ::close(file) == 0 && isWritten;
}

bool append(const QByteArray &path)
{
    const int file = ::open(path.constData(), O_WRONLY | O_APPEND | O_CLOEXEC);
    const bool isWritten = file >= 0 && ::write(file, "more", 4) == 4;
    return ::close(file) == 0 && isWritten;
}

/// Another program saves the photo: it writes beside it and moves it over the old name.
bool replace(const ProxiedWorld &world, const QByteArray &name)
{
    QByteArray other = photoOf(100);
    std::error_code error;
    const bool isWritten = world.folders.write("saving.tmp", other.append(name));
    std::filesystem::rename(world.folders.path("saving.tmp").toStdString(), world.folders.path(name).toStdString(), error);
    return isWritten && !error;
}

/// The photo changes in one of the ways photos do, from a thread of its own as another program would.
bool change(const ProxiedWorld &world, const QByteArray &name, int way)
{
    const QByteArray path = world.folders.path(name);
    bool isDone = false;
    std::thread writer([&] {
        switch (way % 4) {
        case 0: isDone = overwrite(path, Size / 20, way + 1); break;   // what was sent already
        case 1: isDone = overwrite(path, Size - 1000, way + 1); break; // what comes last
        case 2: isDone = append(path); break;
        default: isDone = replace(world, name);
        }
    });
    writer.join();
    return isDone;
}

/// Other bytes under the same size, time and inode, as a program that puts the time back leaves them.
bool changeUnseen(const QByteArray &path, qint64 offset, int value)
{
    struct stat before = {};
    struct stat after = {};
    bool isDone = ::stat(path.constData(), &before) == 0 && overwrite(path, offset, value);
    const timespec times[2] = {before.st_atim, before.st_mtim};
    isDone &= ::utimensat(AT_FDCWD, path.constData(), times, 0) == 0 && ::stat(path.constData(), &after) == 0;
    return isDone && after.st_size == before.st_size && after.st_ino == before.st_ino && after.st_mtim.tv_sec == before.st_mtim.tv_sec
        && after.st_mtim.tv_nsec == before.st_mtim.tv_nsec;
}

qint64 bytesOfLastPut(const support::FaultProxy &proxy)
{
    const QList<support::SeenRequest> &requests = proxy.requests();
    const auto last = std::find_if(requests.rbegin(), requests.rend(), [](const auto &request) { return request.method == "PUT"; });
    return last == requests.rend() ? -1 : last->bodyBytes;
}

/// Starts nothing: waits until PUT number `number` has come so far and stands still, changes the photo, and lets it go on.
void changeUnderWay(ProxiedWorld &world, int number, qint64 bytes, const QByteArray &name, int way)
{
    QTRY_VERIFY_WITH_TIMEOUT(world.proxy.count("PUT") == number && bytesOfLastPut(world.proxy) == bytes, 30000);
    QVERIFY(change(world, name, way));
    world.proxy.release();
}

}

/// F19: a photo changes while it is sent, 35 times. What the server has is one of its states, whole: the last one.
class TestF19Changed : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theLastStateArrivesWhole_data()
    {
        QTest::addColumn<int>("percent");
        QTest::newRow("after 10 %") << 10;
        QTest::newRow("after 50 %") << 50;
        QTest::newRow("after 99 %") << 99;
    }

    void theLastStateArrivesWhole()
    {
        QFETCH(const int, percent);
        const qint64 bytes = Size * percent / 100;
        ProxiedWorld world;
        QVERIFY(world.start());
        for (int trial = 0; trial < TrialsPerMoment; ++trial) {
            const QByteArray name = fileOf(trial);
            QVERIFY(world.folders.write(name, photoOf(trial)));
            world.proxy.clearFaults();
            world.proxy.add({.method = "PUT", .pauseAfterBodyBytes = bytes});
            QVERIFY(world.client.start(world.upload(world.folders.path(name))));
            changeUnderWay(world, world.proxy.count("PUT") + 1, bytes, name, trial);
            if (QTest::currentTestFailed())
                return;
            const CliAnswer answer = world.client.finish();

            QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
            QCOMPARE(answer.summary->succeeded, 1);
            const QString now = support::sha256OfFile(QFile::decodeName(world.folders.path(name)));
            QCOMPARE(answer.photos.constFirst().sha256, now);
            QCOMPARE(world.serverNumber(u"SELECT count(*) FROM server_assets WHERE sha256 = '%1'"_s.arg(now)), 1);
            QCOMPARE(world.serverNumber(u"SELECT count(*) FROM server_assets"_s), trial + 1);
            QCOMPARE(world.objects(), trial + 1); // 0 mixed: each object is the last state of one photo
            QCOMPARE(world.clientNumber(u"SELECT count(DISTINCT upload_id) FROM fact_upload_errors WHERE error_code = 'SELECTION_FILE_CHANGED'"_s),
                     trial + 1);
        }
        QCOMPARE(world.clientNumber(u"SELECT count(*) FROM fact_upload_attempts"_s), TrialsPerMoment); // it restarts in its attempt
        QCOMPARE(world.violations(), QString());
    }

    /// Only the hash of the bytes that were sent shows it. What was hashed before is never published with other bytes in it.
    void whatLooksUnchangedIsSeenByTheBytesSent()
    {
        constexpr qint64 Large = 15 * Size; // the end of it is on no wire yet while the beginning arrives
        ProxiedWorld world;
        QVERIFY(world.start());
        for (int trial = 0; trial < HiddenTrials; ++trial) {
            const QByteArray name = fileOf(trial);
            QVERIFY(world.folders.write(name, photoOf(trial, Large)));
            world.proxy.clearFaults();
            world.proxy.add({.method = "PUT", .pauseAfterBodyBytes = Size / 2});
            QVERIFY(world.client.start(world.upload(world.folders.path(name))));
            const int puts = world.proxy.count("PUT") + 1;
            QTRY_VERIFY_WITH_TIMEOUT(world.proxy.count("PUT") == puts && bytesOfLastPut(world.proxy) == Size / 2, 30000);
            QVERIFY(changeUnseen(world.folders.path(name), Large - 1 - trial, trial));
            world.proxy.release();
            const CliAnswer answer = world.client.finish();

            QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
            QCOMPARE(answer.summary->succeeded, 1);
            const QString now = support::sha256OfFile(QFile::decodeName(world.folders.path(name)));
            QCOMPARE(answer.photos.constFirst().sha256, now);
            QCOMPARE(world.serverNumber(u"SELECT count(*) FROM server_assets WHERE sha256 = '%1'"_s.arg(now)), 1);
            QCOMPARE(world.objects(), trial + 1);
            QCOMPARE(world.clientNumber(u"SELECT count(DISTINCT upload_id) FROM fact_upload_errors WHERE error_code = 'PREPROCESSING_READS_DIFFER'"_s),
                     trial + 1);
        }
        QCOMPARE(world.clientNumber(u"SELECT count(*) FROM fact_upload_errors WHERE error_code = 'SELECTION_FILE_CHANGED'"_s), 0);
        QCOMPARE(world.violations(), QString());
    }

    void aPhotoThatNeverRestsFailsHonestly()
    {
        ProxiedWorld world;
        QVERIFY(world.start());
        for (int trial = 0; trial < 3; ++trial) {
            const QByteArray name = fileOf(trial);
            QVERIFY(world.folders.write(name, photoOf(trial)));
            world.proxy.clearFaults();
            world.proxy.add({.method = "PUT", .times = -1, .pauseAfterBodyBytes = Size / 2});
            const int before = world.proxy.count("PUT");
            QVERIFY(world.client.start(world.upload(world.folders.path(name), {u"--wait"_s, u"2s"_s})));
            for (int times = 0; times <= MostRestarts; ++times) {
                changeUnderWay(world, before + times + 1, Size / 2, name, times % 2);
                if (QTest::currentTestFailed())
                    return;
            }
            const CliAnswer answer = world.client.finish();

            QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 1, qPrintable(answer.toText()));
            QCOMPARE(answer.summary->failed, 1);
            QCOMPARE(answer.photos.constFirst().errorCode, u"SELECTION_FILE_CHANGED"_s);
        }
        QCOMPARE(world.objects(), 0);
        QCOMPARE(world.violations(), QString());
    }
};

QTEST_GUILESS_MAIN(TestF19Changed)
#include "tst_f19_changed.moc"
