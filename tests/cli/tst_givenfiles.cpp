#include "app/cli/givenfiles.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <unistd.h>

using namespace photolift;
using cli::absolutePath;
using cli::existingPaths;

/// The paths of a command line: one file has one path, however it is typed.
class TestGivenFiles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void pathsAreMadeAbsoluteAndClean_data();
    void pathsAreMadeAbsoluteAndClean();
    void whatIsAboveALinkIsAboveItsTarget();
    void aLinkThatIsNamedIsFollowed();

private:
    QTemporaryDir m_folder;
    QByteArray m_root; ///< without links in it
};

void TestGivenFiles::initTestCase()
{
    m_root = QFile::encodeName(QDir(m_folder.path()).canonicalPath());
    QVERIFY(QDir(m_folder.path()).mkpath(QStringLiteral("far/photos")));
    QCOMPARE(::symlink("far/photos", QByteArray(m_root + "/link").constData()), 0);
    QCOMPARE(::symlink("nowhere", QByteArray(m_root + "/dangling").constData()), 0);
    QCOMPARE(::chdir(m_root.constData()), 0);
}

void TestGivenFiles::pathsAreMadeAbsoluteAndClean_data()
{
    QTest::addColumn<QByteArray>("given");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("here") << QByteArray(".") << m_root;
    QTest::newRow("below") << QByteArray("./far//photos/") << QByteArray(m_root + "/far/photos");
    QTest::newRow("absolute") << QByteArray("/a/./b//c/") << QByteArray("/a/b/c");
    QTest::newRow("the root") << QByteArray("/") << QByteArray("/");
    QTest::newRow("above") << QByteArray("far/photos/../photos") << QByteArray(m_root + "/far/photos");
    QTest::newRow("bytes that are no text") << QByteArray("/a/./\xe9t\xe9\xff") << QByteArray("/a/\xe9t\xe9\xff");
    QTest::newRow("like an option") << QByteArray("-rf .JPG") << QByteArray(m_root + "/-rf .JPG");
}

void TestGivenFiles::pathsAreMadeAbsoluteAndClean()
{
    QFETCH(const QByteArray, given);
    QFETCH(const QByteArray, expected);

    QCOMPARE(absolutePath(given), expected);
}

void TestGivenFiles::whatIsAboveALinkIsAboveItsTarget()
{
    QCOMPARE(absolutePath("link/.."), QByteArray(m_root + "/far"));
}

void TestGivenFiles::aLinkThatIsNamedIsFollowed()
{
    const auto paths = existingPaths({"link", "dangling"});

    QVERIFY(paths);
    QCOMPARE(*paths, QList<QByteArray>({m_root + "/far/photos", m_root + "/dangling"})); // of the second the walk says that it is left out
    QVERIFY(!existingPaths({"nowhere"}));
}

QTEST_GUILESS_MAIN(TestGivenFiles)
#include "tst_givenfiles.moc"
