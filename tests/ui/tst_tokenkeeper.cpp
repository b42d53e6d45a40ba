#include "app/desktop/tokenkeeper.h"
#include "tests/support/privatebus.h"

#include <QDirIterator>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <optional>

#include <csignal>

using namespace photolift;
using namespace photolift::desktop;
using namespace Qt::StringLiterals;

/// Device tokens in a real keyring, on a bus of the test's own: kept for each server apart, and nowhere in the clear.
class TokenKeeperTest : public QObject
{
    Q_OBJECT

    static inline const QUrl Server{u"https://photos.example.org"_s};

    std::optional<Result<>> keep(const QUrl &server, const QByteArray &token)
    {
        m_kept.reset();
        m_tokens.keep(server, token, this, [this](const Result<> &kept) { m_kept = kept; });
        (void)QTest::qWaitFor([this] { return m_kept.has_value(); }, 20'000);
        return m_kept;
    }
    std::optional<Result<QByteArray>> read(const QUrl &server)
    {
        m_read.reset();
        m_tokens.read(server, this, [this](const Result<QByteArray> &read) { m_read = read; });
        (void)QTest::qWaitFor([this] { return m_read.has_value(); }, 20'000);
        return m_read;
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_bus.isRunning());
        qputenv("DBUS_SESSION_BUS_ADDRESS", m_bus.address().toLatin1());
        qputenv("HOME", QFile::encodeName(m_home.path()));
        qputenv("XDG_DATA_HOME", QFile::encodeName(m_home.filePath(u"data"_s)));
        qputenv("XDG_RUNTIME_DIR", QFile::encodeName(m_home.path()));
        qputenv("XDG_CURRENT_DESKTOP", "GNOME");
        m_keyring.start(u"gnome-keyring-daemon"_s, {u"--foreground"_s, u"--unlock"_s, u"--components=secrets"_s});
        QVERIFY(m_keyring.waitForStarted());
        m_keyring.write("password of the keyring\n");
        m_keyring.closeWriteChannel();
        QTRY_VERIFY_WITH_TIMEOUT(read(Server).value_or(Error{}), 20'000); // it is up
    }

    void aTokenIsKeptForItsServerAlone()
    {
        QCOMPARE(**read(Server), QByteArray());

        QVERIFY(*keep(Server, "pld_first"));
        QVERIFY(*keep(Server, "pld_second"));
        QVERIFY(*keep(QUrl(u"https://photos.example.org:8443"_s), "pld_other"));

        QCOMPARE(**read(Server), QByteArray("pld_second"));
        QCOMPARE(**read(QUrl(u"https://Photos.example.org/"_s)), QByteArray("pld_second"));
        QCOMPARE(**read(QUrl(u"https://photos.example.org:8443"_s)), QByteArray("pld_other"));
        QCOMPARE(**read(QUrl(u"https://example.org"_s)), QByteArray());
        QDirIterator files(m_home.path(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            QVERIFY(!file.open(QIODevice::ReadOnly) || !file.readAll().contains("pld_second"));
        }
    }

    void aKeyringThatDoesNotAnswerIsSaidAndItsTokenTakenAfterAll()
    {
        QVERIFY(*keep(Server, "pld_kept"));
        ::kill(static_cast<pid_t>(m_keyring.processId()), SIGSTOP);

        const auto known = read(Server);
        const auto kept = keep(Server, "pld_late");

        QVERIFY(known && !*known);
        QCOMPARE(known->error().code, ErrorCode::LocalKeyringUnavailable);
        QVERIFY(kept && !*kept);
        QCOMPARE(kept->error().code, ErrorCode::LocalKeyringUnavailable);

        ::kill(static_cast<pid_t>(m_keyring.processId()), SIGCONT);

        QTRY_VERIFY_WITH_TIMEOUT(*m_read, 20'000);
        QCOMPARE(**m_read, QByteArray("pld_kept"));
        QVERIFY(!*m_kept); // it was said that it is not kept
    }

    void aKeyringThatIsGoneIsSaid()
    {
        m_keyring.kill();
        QVERIFY(m_keyring.waitForFinished());

        const auto known = read(Server);
        const auto kept = keep(Server, "pld_third");

        QVERIFY(known && !*known);
        QCOMPARE(known->error().code, ErrorCode::LocalKeyringUnavailable);
        QVERIFY(kept && !*kept);
        QCOMPARE(kept->error().code, ErrorCode::LocalKeyringUnavailable);
    }

    void cleanupTestCase()
    {
        m_keyring.kill();
        m_keyring.waitForFinished();
    }

private:
    support::PrivateBus m_bus;
    QTemporaryDir m_home;
    QProcess m_keyring;
    TokenKeeper m_tokens{std::chrono::seconds(3)};
    std::optional<Result<>> m_kept;
    std::optional<Result<QByteArray>> m_read;
};

QTEST_GUILESS_MAIN(TokenKeeperTest)
#include "tst_tokenkeeper.moc"
