#include "app/server/objects/s3/keptbytes.h"

#include <QTemporaryFile>
#include <QTest>

#include <unistd.h>

using namespace std::chrono_literals;
using namespace photolift;
using photolift::server::KeptBytes;

class TestKeptBytes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatIsKeptIsGivenOnce();
    void sumAndNumberAreBounded();
    void whatWasReadLongAgoIsNotGivenAndLeavesItsRoom();

private:
    photo::FileDescriptor file() const { return photo::FileDescriptor(::dup(m_file.handle())); }
    KeptBytes::Options options()
    {
        return {.mostBytes = 100, .mostFiles = 3, .keptFor = 60s, .now = [this] { return m_now; }};
    }
    bool keep(KeptBytes &bytes, const QUuid &id, qint64 size)
    {
        const bool hasRoom = bytes.reserve(size);
        if (hasRoom)
            bytes.keep(id, file(), size);
        return hasRoom;
    }

    QTemporaryFile m_file;
    KeptBytes::Clock::time_point m_now{1h};
    const QUuid m_one = QUuid::createUuid();
    const QUuid m_other = QUuid::createUuid();
};

void TestKeptBytes::whatIsKeptIsGivenOnce()
{
    QVERIFY(m_file.open());
    KeptBytes bytes(options());
    QVERIFY(keep(bytes, m_one, 60));

    QVERIFY(!bytes.take(m_other).isOpen());
    QVERIFY(bytes.take(m_one).isOpen());
    QVERIFY(!bytes.take(m_one).isOpen());
}

void TestKeptBytes::sumAndNumberAreBounded()
{
    KeptBytes bytes(options());
    QVERIFY(keep(bytes, m_one, 60));
    QVERIFY(!bytes.reserve(41));
    QVERIFY(keep(bytes, m_one, 40)); // of the same, read once more
    QVERIFY(bytes.reserve(60));      // so the first 60 are free
    bytes.giveUp(60);
    QVERIFY(keep(bytes, m_other, 1));
    QVERIFY(bytes.reserve(1));
    QVERIFY(!bytes.reserve(1)); // three files
}

void TestKeptBytes::whatWasReadLongAgoIsNotGivenAndLeavesItsRoom()
{
    KeptBytes bytes(options());
    QVERIFY(keep(bytes, m_one, 100));
    m_now += 60s;
    QVERIFY(!bytes.reserve(1));
    m_now += 1s;
    QVERIFY(keep(bytes, m_other, 100)); // the first one's job went elsewhere

    QVERIFY(!bytes.take(m_one).isOpen());
    m_now += 61s;
    QVERIFY(!bytes.take(m_other).isOpen());
    QVERIFY(bytes.reserve(100));
}

QTEST_GUILESS_MAIN(TestKeptBytes)
#include "tst_keptbytes.moc"
