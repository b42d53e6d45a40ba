#include "models/photo/filelook.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <filesystem>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::photo;

namespace {
const QByteArray Jpeg("\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0", 20);
}

class TestFileLook final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_folder.emplace(); }
    // QTemporaryDir does not find names again that are not UTF-8.
    void cleanup() { std::filesystem::remove_all(m_folder->path().toStdString()); }

    void photoIsSeenWithItsIdentity()
    {
        const QByteArray path = write("a.jpg", Jpeg);

        const Result<FileLook> look = lookAt(path);

        QVERIFY(look);
        QCOMPARE(look->firstBytes, Jpeg);
        QCOMPARE(look->identity.size, Jpeg.size());
        QCOMPARE(look->kind.mediaType, u"image/jpeg"_s);
        QVERIFY(!refusalOf(*look));
        QCOMPARE(*identityOf(path), look->identity);
        QCOMPARE(*identityOf(look->descriptor.get()), look->identity);
    }

    void nameMayBeAnyBytes()
    {
        const QByteArray path = write("caf\xe9 \n\x01.jpg", Jpeg);

        QVERIFY(lookAt(path));
    }

    void pathMayBeLongerThanTheSystemTakes()
    {
        const QByteArray name(250, 'd');
        QByteArray path = m_folder->path().toLocal8Bit();
        FileDescriptor folder(::open(path.constData(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        while (path.size() < 2 * PATH_MAX) {
            QCOMPARE(::mkdirat(folder.get(), name.constData(), 0700), 0);
            folder = FileDescriptor(::openat(folder.get(), name.constData(), O_PATH | O_DIRECTORY | O_CLOEXEC));
            path += '/' + name;
        }
        path += "/a.jpg";
        QCOMPARE(identityOf(path).error().code, ErrorCode::SelectionFileMissing);
        const FileDescriptor file(::openat(folder.get(), "a.jpg", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        QCOMPARE(::write(file.get(), Jpeg.constData(), size_t(Jpeg.size())), Jpeg.size());

        const Result<FileLook> look = lookAt(path);

        QVERIFY2(look, look ? "" : qPrintable(look.error().detail));
        QCOMPARE(look->firstBytes, Jpeg);
        QCOMPARE(*identityOf(path), look->identity);
    }

    void changedFileHasAnotherIdentity()
    {
        const QByteArray path = write("a.jpg", Jpeg);
        const FileIdentity before = *identityOf(path);

        const timespec later[2] = {{0, UTIME_OMIT}, {before.mtimeNs / 1'000'000'000, before.mtimeNs % 1'000'000'000 + 1}};
        QCOMPARE(::utimensat(AT_FDCWD, path.constData(), later, 0), 0);

        QVERIFY(*identityOf(path) != before);
    }

    void whatCannotBeTried_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<ErrorCode>("expected");
        QTest::newRow("no bytes -> empty") << QByteArray("a.jpg") << QByteArray() << ErrorCode::SelectionFileEmpty;
        QTest::newRow("text named .jpg -> not accepted") << QByteArray("a.jpg") << QByteArray("hello") << ErrorCode::SelectionNotAccepted;
    }
    void whatCannotBeTried()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, content);
        QFETCH(ErrorCode, expected);

        const Result<FileLook> look = lookAt(write(name, content));

        QVERIFY(look);
        const std::optional<Error> refusal = refusalOf(*look);
        QVERIFY(refusal);
        QCOMPARE(refusal->code, expected);
    }

    void sizeLimitIsExact()
    {
        const QByteArray path = write("large.jpg", Jpeg);
        QCOMPARE(::truncate(path.constData(), LargestPhotoBytes), 0);
        QVERIFY(!refusalOf(*lookAt(path)));

        QCOMPARE(::truncate(path.constData(), LargestPhotoBytes + 1), 0);
        QCOMPARE(refusalOf(*lookAt(path))->code, ErrorCode::SelectionNotAccepted);
    }

    void specialFilesAreLeftOutWithoutWaiting()
    {
        const QByteArray photo = write("a.jpg", Jpeg);
        const QByteArray link = pathOf("link.jpg");
        const QByteArray fifo = pathOf("fifo.jpg");
        const QByteArray socketPath = pathOf("socket.jpg");
        QCOMPARE(::symlink(photo.constData(), link.constData()), 0);
        QCOMPARE(::mkfifo(fifo.constData(), 0600), 0);
        const FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un address = {};
        address.sun_family = AF_UNIX;
        qstrncpy(address.sun_path, socketPath.constData(), sizeof address.sun_path);
        QCOMPARE(::bind(socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);

        for (const QByteArray &path : {link, fifo, socketPath, m_folder->path().toUtf8(), QByteArray("/dev/null")}) {
            const Result<FileLook> look = lookAt(path);
            QVERIFY2(!look, path.constData());
            QCOMPARE(look.error().code, ErrorCode::SelectionSkippedSpecial);
        }
        for (const QByteArray &path : {link, fifo, socketPath})
            QCOMPARE(identityOf(path).error().code, ErrorCode::SelectionSkippedSpecial);
    }

    void missingFileSaysSo()
    {
        QCOMPARE(lookAt(pathOf("gone.jpg")).error().code, ErrorCode::SelectionFileMissing);
        QCOMPARE(lookAt(pathOf("gone.jpg")).error().cause.osErrno, ENOENT);
        QCOMPARE(identityOf(pathOf("gone.jpg")).error().code, ErrorCode::SelectionFileMissing);
        const QByteArray photo = write("a.jpg", Jpeg);
        QCOMPARE(lookAt(photo + "/below").error().code, ErrorCode::SelectionFileMissing);
    }

    void systemErrorsHaveTheirCodes_data()
    {
        QTest::addColumn<int>("systemError");
        QTest::addColumn<ErrorCode>("expected");
        QTest::newRow("EACCES -> no permission") << EACCES << ErrorCode::SelectionNoPermission;
        QTest::newRow("EPERM -> no permission") << EPERM << ErrorCode::SelectionNoPermission;
        QTest::newRow("ENODEV -> card removed") << ENODEV << ErrorCode::SelectionCardRemoved;
        QTest::newRow("ESTALE -> card removed") << ESTALE << ErrorCode::SelectionCardRemoved;
        QTest::newRow("EIO -> cannot be read") << EIO << ErrorCode::PreprocessingReadFailed;
        QTest::newRow("EMFILE -> resources") << EMFILE << ErrorCode::LocalResourcesLow;
        QTest::newRow("any other -> cannot be read") << ENOTRECOVERABLE << ErrorCode::PreprocessingReadFailed;
    }
    void systemErrorsHaveTheirCodes()
    {
        QFETCH(int, systemError);
        QFETCH(ErrorCode, expected);

        const Error error = fileError(systemError, "read"_L1);

        QCOMPARE(error.code, expected);
        QCOMPARE(error.cause.osErrno, systemError);
    }

private:
    QByteArray pathOf(const QByteArray &name) const { return m_folder->path().toUtf8() + '/' + name; }
    QByteArray write(const QByteArray &name, const QByteArray &content)
    {
        const QByteArray path = pathOf(name);
        FileDescriptor file(::open(path.constData(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (::write(file.get(), content.constData(), static_cast<std::size_t>(content.size())) != content.size())
            qFatal("cannot write the test file");
        return path;
    }

    std::optional<QTemporaryDir> m_folder;
};

QTEST_APPLESS_MAIN(TestFileLook)
#include "tst_filelook.moc"
