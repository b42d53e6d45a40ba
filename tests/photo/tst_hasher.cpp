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

QByteArray digest(DigestKind kind, QByteArrayView bytes)
{
    Digest hash(kind);
    hash.add(bytes);
    return hash.result();
}

QByteArray sha256(QByteArrayView bytes)
{
    return digest(DigestKind::Sha256, bytes);
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

    void knownAnswersOfMd5()
    {
        QCOMPARE(digest(DigestKind::Md5, {}).toHex(), QByteArray("d41d8cd98f00b204e9800998ecf8427e"));
        QCOMPARE(digest(DigestKind::Md5, "abc").toHex(), QByteArray("900150983cd24fb0d6963f7d28e17f72"));
    }

    void kindsAreKnownByTheNamesOfTheServersInfo()
    {
        QCOMPARE(digestKind(u"sha256"), std::optional(DigestKind::Sha256));
        QCOMPARE(digestKind(u"md5"), std::optional(DigestKind::Md5));
        QCOMPARE(digestKind(u"MD5"), std::optional<DigestKind>());
        QCOMPARE(digestKind(u""), std::optional<DigestKind>());
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
        QTest::addColumn<DigestKind>("kind");
        for (const auto &[kind, name] : {std::pair(DigestKind::Sha256, "SHA-256"), std::pair(DigestKind::Md5, "MD5")}) {
            QTest::addRow("%s: empty -> no part", name) << qint64(0) << kind;
            QTest::addRow("%s: one byte", name) << qint64(1) << kind;
            QTest::addRow("%s: one byte less than a part", name) << Part - 1 << kind;
            QTest::addRow("%s: exactly a part", name) << Part << kind;
            QTest::addRow("%s: one byte more", name) << Part + 1 << kind;
            QTest::addRow("%s: exactly three parts", name) << 3 * Part << kind;
            QTest::addRow("%s: three parts and a rest", name) << 3 * Part + 4711 << kind;
        }
    }
    void wholeAndPartsAgreeWithTheBytes()
    {
        QFETCH(qint64, size);
        QFETCH(DigestKind, kind);
        const QByteArray bytes = content(size);
        const std::unique_ptr<QTemporaryFile> file = fileWith(bytes);
        ::lseek(file->handle(), 17, SEEK_SET);

        const Result<FileHash> hash = hashFile(file->handle(), Part, m_notCancelled, kind);

        QVERIFY(hash);
        QCOMPARE(hash->size, size);
        QCOMPARE(hash->sha256, sha256(bytes));
        QCOMPARE(hash->partKind, kind);
        QCOMPARE(hash->partDigests.size(), (size + Part - 1) / Part);
        for (qsizetype i = 0; i < hash->partDigests.size(); ++i)
            QCOMPARE(hash->partDigests[i], digest(kind, QByteArrayView(bytes).sliced(i * Part, std::min(Part, size - i * Part))));
        QCOMPARE(::lseek(file->handle(), 0, SEEK_CUR), 17);
    }

    void partsNeedNotDivideTheReads()
    {
        const QByteArray bytes = content(700'001);
        const std::unique_ptr<QTemporaryFile> file = fileWith(bytes);

        const Result<FileHash> hash = hashFile(file->handle(), 99'991, m_notCancelled);

        QVERIFY(hash);
        QCOMPARE(hash->partDigests.size(), 8);
        QCOMPARE(hash->partDigests.last(), sha256(QByteArrayView(bytes).sliced(7 * 99'991)));
    }

    void cancelledBeforehandReadsNothing()
    {
        const std::unique_ptr<QTemporaryFile> file = fileWith(content(Part));
        const std::atomic<bool> cancelled = true;

        QCOMPARE(hashFile(file->handle(), Part, cancelled).error().code, ErrorCode::UserCancelled);
        QCOMPARE(hashFile(file->handle(), Part, cancelled, DigestKind::Md5).error().code, ErrorCode::UserCancelled);
    }

    void descriptorThatCannotBeReadIsAnError()
    {
        int ends[2];
        QCOMPARE(::pipe(ends), 0);
        const FileDescriptor reading(ends[0]), writing(ends[1]);

        QCOMPARE(hashFile(reading.get(), Part, m_notCancelled).error().code, ErrorCode::SelectionSkippedSpecial);
        QCOMPARE(hashFile(reading.get(), Part, m_notCancelled, DigestKind::Md5).error().code, ErrorCode::SelectionSkippedSpecial);
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
