#include "models/pipeline/rootnames.h"
#include "models/pipeline/walker.h"

#include <QDir>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

using namespace photolift;
using namespace photolift::pipeline;
using namespace Qt::StringLiterals;

/// What a drop finds: F22, F44, F47, F49.
class TestWalker : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_dir;

    QByteArray path(const char *name) const { return QFile::encodeName(m_dir->path()) + '/' + name; }
    void folder(const char *name) const { QVERIFY(QDir().mkpath(QFile::decodeName(path(name)))); }
    static void write(const QByteArray &file, const QByteArray &bytes)
    {
        FILE *target = ::fopen(file.constData(), "wb");
        QVERIFY(target);
        ::fwrite(bytes.constData(), 1, size_t(bytes.size()), target);
        ::fclose(target);
    }
    void file(const char *name, const QByteArray &bytes = "photo") const { write(path(name), bytes); }

    struct Walked {
        QList<FoundFile> files;
        QList<LeftOutPath> leftOut;
        QByteArrayList relative;
        QList<qsizetype> handOvers;
        bool isComplete = false;
    };
    static Walked walked(const QList<QByteArray> &roots, const QList<QByteArray> &ownFolders = {})
    {
        Walked result;
        const std::atomic<bool> cancelled = false;
        result.isComplete = walk(
            roots,
            [&result](WalkHarvest &&harvest) {
                result.handOvers.append(harvest.files.size());
                result.files += harvest.files;
                result.leftOut += harvest.leftOut;
            },
            cancelled, ownFolders);
        for (const FoundFile &found : std::as_const(result.files))
            result.relative.append(found.relativePath);
        return result;
    }

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }

    void findsEveryRegularFileInByteOrderHiddenOnesAndSidecarsToo()
    {
        folder("b/deep");
        file("b/deep/IMG_2.jpg");
        file("b/IMG_1.jpg");
        file("a.xmp");
        file(".hidden.jpg");
        file("empty.jpg", {});

        const Walked result = walked({path("")});

        QVERIFY(result.isComplete);
        QCOMPARE(result.relative, (QByteArrayList{".hidden.jpg", "a.xmp", "b/IMG_1.jpg", "b/deep/IMG_2.jpg", "empty.jpg"}));
        QCOMPARE(result.files.first().identity.size, 5);
        QVERIFY(result.files.first().identity.inode != 0);
    }

    void leavesOutLinksFifosAndLoops()
    {
        folder("photos");
        file("photos/real.jpg");
        QCOMPARE(::symlink("real.jpg", path("photos/link.jpg").constData()), 0);
        QCOMPARE(::symlink("..", path("photos/loop").constData()), 0);
        QCOMPARE(::mkfifo(path("photos/pipe.jpg").constData(), 0600), 0); // opening it would wait for ever

        const Walked result = walked({path("photos")});

        QCOMPARE(result.relative, QByteArrayList{"real.jpg"});
        QCOMPARE(result.leftOut.size(), 3);
        for (const LeftOutPath &left : result.leftOut)
            QCOMPARE(left.code, ErrorCode::SelectionSkippedSpecial);
    }

    void ownFoldersAreLeftOutOnceWhateverLeadsToThem_data()
    {
        QTest::addColumn<QByteArrayList>("roots");
        QTest::newRow("from above") << QByteArrayList{""};
        QTest::newRow("the folder itself and what is above") << QByteArrayList{"data", ""};
        QTest::newRow("what is above and the folder itself") << QByteArrayList{"", "data"};
    }
    void ownFoldersAreLeftOutOnceWhateverLeadsToThem()
    {
        QFETCH(QByteArrayList, roots);
        folder("data/server");
        folder("elsewhere");
        file("data/photolift.db-wal");
        file("elsewhere/object");
        file("a.jpg");
        QCOMPARE(::symlink(path("elsewhere").constData(), path("data/copies").constData()), 0);
        QCOMPARE(::symlink(path("data").constData(), path("link").constData()), 0);
        QList<QByteArray> absolute;
        for (const QByteArray &root : roots)
            absolute.append(root.isEmpty() ? QFile::encodeName(m_dir->path()) : path(root.constData()));

        const Walked result = walked(absolute, {path("link"), path("data/copies"), path("not made yet")});

        QCOMPARE(result.files.size(), 1);
        QCOMPARE(result.files.first().absolutePath, path("a.jpg"));
        QHash<QByteArray, ErrorCode> leftOut;
        for (const LeftOutPath &left : result.leftOut)
            leftOut.insert(left.path, left.code);
        QCOMPARE(leftOut.value(path("data")), ErrorCode::SelectionSkippedSpecial);
        QCOMPARE(leftOut.value(path("elsewhere")), ErrorCode::SelectionSkippedSpecial);
        QCOMPARE(result.leftOut.size(), 3); // and the link
    }

    void rootsOfOneNameStayApart()
    {
        for (const char *name : {"x/card/DCIM", "y/card/DCIM", "y/MISC"})
            folder(name);
        for (const char *name : {"x/card/DCIM/1.jpg", "y/card/DCIM/1.jpg", "y/MISC/1.jpg", "x/1.jpg", "1.jpg"})
            file(name);

        const Walked result = walked({path("x/card/DCIM"), path("y/card/DCIM"), path("y/MISC"), path("x/1.jpg"), path("1.jpg"), path("1.jpg")});

        const QByteArray above = QFile::encodeName(m_dir->path()).split('/').last();
        QCOMPARE(result.relative, (QByteArrayList{"x/card/DCIM/1.jpg", "y/card/DCIM/1.jpg", "MISC/1.jpg", "x/1.jpg", above + "/1.jpg"}));
        QCOMPARE(walked({path("x/card/DCIM")}).relative, QByteArrayList{"1.jpg"});
        QCOMPARE(walked({path("x/1.jpg")}).relative, QByteArrayList{"1.jpg"});
        QCOMPARE(rootNames({"/", "/a", "/b/a"}).value("/b/a"), QByteArray("b/a"));
    }

    void aHardLinkFanCountsOnce()
    {
        file("1.jpg");
        for (const char *name : {"2.jpg", "3.jpg", "4.jpg"})
            QCOMPARE(::link(path("1.jpg").constData(), path(name).constData()), 0);

        const Walked result = walked({path("")});

        QCOMPARE(result.relative, QByteArrayList{"1.jpg"});
        QCOMPARE(result.leftOut.size(), 3);
    }

    void aFolderAndItsParentInOneDropGiveEachFileOnce_data()
    {
        QTest::addColumn<QByteArrayList>("roots");
        QTest::newRow("parent first") << QByteArrayList{"", "inner", "inner/a.jpg"};
        QTest::newRow("child first") << QByteArrayList{"inner", ""};
        QTest::newRow("file first") << QByteArrayList{"inner/a.jpg", "inner", ""};
        QTest::newRow("twice the same") << QByteArrayList{"", ""};
    }
    void aFolderAndItsParentInOneDropGiveEachFileOnce()
    {
        QFETCH(QByteArrayList, roots);
        folder("inner");
        file("inner/a.jpg");
        file("b.jpg");
        QList<QByteArray> absolute;
        for (const QByteArray &root : roots)
            absolute.append(root.isEmpty() ? QFile::encodeName(m_dir->path()) : path(root.constData()));

        const Walked result = walked(absolute);

        QByteArrayList paths;
        for (const FoundFile &found : result.files)
            paths.append(found.absolutePath);
        std::sort(paths.begin(), paths.end());
        QCOMPARE(paths, (QByteArrayList{path("b.jpg"), path("inner/a.jpg")}));
        QVERIFY(result.leftOut.isEmpty());
    }

    void namesAreBytes()
    {
        const QByteArrayList names{"\xff\xfe not utf8.jpg", "e\xcc\x81.jpg", "new\nline.jpg", "\xc3\xa9.jpg"};
        for (const QByteArray &name : names)
            file(name.constData());

        QByteArrayList found = walked({path("")}).relative;

        std::sort(found.begin(), found.end());
        QByteArrayList expected = names;
        std::sort(expected.begin(), expected.end());
        QCOMPARE(found, expected);
    }

    void whatCannotBeReadIsNamed()
    {
        const Walked result = walked({path("gone")});

        QVERIFY(result.files.isEmpty());
        QCOMPARE(result.leftOut.size(), 1);
        QCOMPARE(result.leftOut.first().code, ErrorCode::SelectionFileMissing);
    }

    void theKernelsFilesAreNoPhotos()
    {
        const Walked result = walked({"/proc"});

        QVERIFY(result.files.isEmpty());
        QCOMPARE(result.leftOut.size(), 1);
    }

    void aBigFolderComesInBatchesWithTheFirstRowsSoon()
    {
        for (int i = 0; i < 2500; ++i)
            write(path("") + QByteArray::number(i) + ".jpg", {});

        const Walked result = walked({path("")});

        QCOMPARE(result.files.size(), 2500);
        QVERIFY(result.handOvers.first() <= WalkFirstRows);
        QVERIFY(*std::max_element(result.handOvers.begin(), result.handOvers.end()) <= WalkBatchRows);
    }

    void aCancelledWalkEndsAtOnce()
    {
        for (int i = 0; i < 500; ++i)
            write(path("") + QByteArray::number(i) + ".jpg", {});
        std::atomic<bool> cancelled = false;
        qsizetype seen = 0;

        const bool isComplete = walk(
            {path("")},
            [&](WalkHarvest &&harvest) {
                seen += harvest.files.size();
                cancelled = true;
            },
            cancelled);

        QVERIFY(!isComplete);
        QVERIFY(seen < 500);
    }
};

QTEST_APPLESS_MAIN(TestWalker)
#include "tst_walker.moc"
