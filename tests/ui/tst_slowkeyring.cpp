#include "app/desktop/tokenkeeper.h"
#include "tests/bench/turnmeter.h"
#include "tests/support/privatebus.h"

#include <QEventLoop>
#include <QTest>
#include <QTimer>

using namespace photolift;
using namespace photolift::desktop;
using namespace Qt::StringLiterals;
using bench::TurnMeter;

/// A keyring of KDE that is slow, or never answers: whoever asks it is told so, and the window is never kept waiting. A program of its
/// own, because QtKeychain looks for its keyring once in a process, and that look is what waits.
class SlowKeyringTest : public QObject
{
    Q_OBJECT

    static constexpr double MostBlockedMs = 100; // the first question waits for half a second
    static inline const QUrl Server{u"https://photos.example.org"_s};

    /// Asks from a turn of the event loop, and waits in it, as the window does: so the meter sees each turn end.
    Result<QByteArray> answer()
    {
        QEventLoop loop;
        Result<QByteArray> answer = Error{};
        const auto ask = [&] {
            m_tokens.read(Server, &loop, [&](const Result<QByteArray> &read) {
                answer = read;
                loop.quit();
            });
        };
        QMetaObject::invokeMethod(&loop, ask, Qt::QueuedConnection);
        m_meter.begin();
        loop.exec();
        return answer;
    }
    QString blocked()
    {
        const TurnMeter::Report turns = m_meter.report();
        return turns.turns > 0 && turns.blockedMostMs < MostBlockedMs ? QString() : u"a turn was blocked for %1 ms"_s.arg(turns.blockedMostMs);
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_bus.isRunning());
        qputenv("DBUS_SESSION_BUS_ADDRESS", m_bus.address().toLatin1());
        qputenv("XDG_CURRENT_DESKTOP", "KDE");
        qputenv("KDE_SESSION_VERSION", "5");
        const QString name = u"org.kde.kwalletd5"_s;
        const QString path = u"/modules/kwalletd5"_s;
        const QString wallet = u"org.kde.KWallet"_s;
        QVERIFY(m_bus.startEmpty(name, path, wallet));
        const QList<QVariantList> methods{{wallet, u"networkWallet"_s, u""_s, u"s"_s, u"ret = 'kdewallet'"_s},
                                          {wallet, u"open"_s, u"sxs"_s, u"i"_s, u"ret = 7"_s},
                                          {wallet, u"entryType"_s, u"isss"_s, u"i"_s, u"ret = 1"_s}, // a password
                                          {wallet, u"readPassword"_s, u"isss"_s, u"s"_s, u"ret = 'pld_kept'"_s}};
        for (const QVariantList &method : methods) {
            bool isFine = false;
            m_bus.call(name, path, u"AddMethod"_s, method, &isFine);
            QVERIFY(isFine);
        }
    }
    void init() { m_bus.freezeNewestActor(); }

    void theWindowGoesOnWhileTheKeyringIsSlow()
    {
        QTimer::singleShot(150, this, [this] { m_bus.thawNewestActor(); });

        const Result<QByteArray> token = answer();

        QVERIFY(token);
        QCOMPARE(*token, QByteArray("pld_kept"));
        QCOMPARE(blocked(), QString());
    }

    void theWindowGoesOnWhileTheKeyringDoesNotAnswer()
    {
        const Result<QByteArray> token = answer();

        QVERIFY(!token);
        QCOMPARE(token.error().code, ErrorCode::LocalKeyringUnavailable);
        QCOMPARE(token.error().detail, u"the keyring does not answer"_s);
        QCOMPARE(blocked(), QString());
    }

private:
    TurnMeter &m_meter = *static_cast<TurnMeter *>(QCoreApplication::instance());
    support::PrivateBus m_bus;
    TokenKeeper m_tokens{std::chrono::seconds(2)};
};

int main(int argc, char **argv)
{
    TurnMeter app(argc, argv);
    SlowKeyringTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_slowkeyring.moc"
