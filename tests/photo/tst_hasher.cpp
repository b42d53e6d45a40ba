#include "models/photo/filedescriptor.h"
#include "models/photo/hasher.h"

#include <QTemporaryFile>
#include <QTest>

#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::photo;

namespace {

constexpr qint64 Part = 1024 * 1024;

QByteArray sha256(QByteArrayView bytes)
{
    Sha256 hash;
    hash.add(bytes);
    return hash.result();
}

/// Bytes that differ in every part.
QByteArray content(qsizetype size)
{
    QByteArray bytes(size, Qt::Uninitialized);
    quint32 state = 1;
    for (char &byte : bytes) {
        state = state * 1664525U + 1013904223U;
        byte = static_cast<char>(state >> 24);
    }
    return bytes;
}

} // namespace

class TestHasher final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knownAnswers()
    {
        QCOMPARE(sha256({}).toHex(), QByteArray("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        QCOMPARE(sha256("abc").toHex(), QByteArray("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    }

    void resultBeginsAnew()
    {
        Sha256 hash;
        hash.add("something else");
        hash.result();
        hash.add("a");
        QCOMPARE(hash.resultSoFar(), sha256("a"));
        hash.add("bc");
        QCOMPARE(hash.result(), sha256("abc"));
    }

    void movedHashGoesOn()
    {
        Sha256 first;
        first.add("ab");
        Sha256 second = std::move(first);
        second.add("c");
        QCOMPARE(second.result(), sha256("abc"));
    }

    void wholeAndPartsAgreeWithTheBytes_data()
    {
        QTest::addColumn<qint64>("size");
        QTest::newRow("empty -> no part") << qint64(0);
        QTest::newRow("one byte") << qint64(1);
        QTest::newRow("one byte less than a part") << Part - 1;
        QTest::newRow("exactly a part") << Part;
        QTest::newRow("one byte more") << Part + 1;
        QTest::newRow("exactly three parts") << 3 * Part;
        QTest::newRow("three parts and a rest") << 3 * Part + 4711;
    }
    void wholeAndPartsAgreeWithTheBytes()
    {
        QFETCH(qint64, size);
        const QByteArray bytes = content(size);
        const std::unique_ptr<QTemporaryFile> file = fileWith(bytes);
        ::lseek(file->handle(), 17, SEEK_SET);

        const Result<FileHash> hash = hashFile(file->handle(), Part, m_notCancelled);

        QVERIFY(hash);
        QCOMPARE(hash->size, size);
        QCOMPARE(hash->sha256, sha256(bytes));
        QCOMPARE(hash->partSha256.size(), (size + Part - 1) / Part);
        for (qsizetype i = 0; i < hash->partSha256.size(); ++i)
            QCOMPARE(hash->partSha256[i], sha256(QByteArrayView(bytes).sliced(i * Part, std::min(Part, size - i * Part))));
        QCOMPARE(::lseek(file->handle(), 0, SEEK_CUR), 17);
    }

    void partsNeedNotDivideTheReads()
    {
        const QByteArray bytes = content(700'001);
        const std::unique_ptr<QTemporaryFile> file = fileWith(bytes);

        const Result<FileHash> hash = hashFile(file->handle(), 99'991, m_notCancelled);

        QVERIFY(hash);
        QCOMPARE(hash->partSha256.size(), 8);
        QCOMPARE(hash->partSha256.last(), sha256(QByteArrayView(bytes).sliced(7 * 99'991)));
    }

    void cancelledBeforehandReadsNothing()
    {
        const std::unique_ptr<QTemporaryFile> file = fileWith(content(Part));
        const std::atomic<bool> cancelled = true;

        QCOMPARE(hashFile(file->handle(), Part, cancelled).error().code, ErrorCode::UserCancelled);
    }

    void descriptorThatCannotBeReadIsAnError()
    {
        int ends[2];
        QCOMPARE(::pipe(ends), 0);
        const FileDescriptor reading(ends[0]), writing(ends[1]);

        QCOMPARE(hashFile(reading.get(), Part, m_notCancelled).error().code, ErrorCode::SelectionSkippedSpecial);
    }

private:
    static std::unique_ptr<QTemporaryFile> fileWith(const QByteArray &bytes)
    {
        auto file = std::make_unique<QTemporaryFile>();
        if (!file->open() || file->write(bytes) != bytes.size() || !file->flush())
            qFatal("cannot write the test file");
        return file;
    }

    std::atomic<bool> m_notCancelled = false;
};

QTEST_APPLESS_MAIN(TestHasher)
#include "tst_hasher.moc"
