#include "tests/server/apirig.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;

/// The server starts with no login of PostgreSQL for which its rights and policies are nothing (FAULTS C-3).
class TestServingLogins : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY2(m_engines.start(), qPrintable(m_engines.failure())); }
    void aLoginThatNothingHoldsForDoesNotServe_data();
    void aLoginThatNothingHoldsForDoesNotServe();

private:
    BothEngines m_engines;
};

void TestServingLogins::aLoginThatNothingHoldsForDoesNotServe_data()
{
    QTest::addColumn<QString>("login");
    QTest::addColumn<QString>("given");
    QTest::addColumn<QString>("taken");
    QTest::addColumn<QString>("said");
    for (const char *login : {"app", "worker", "retention"}) {
        const QString name = u"photolift_"_s + QLatin1StringView(login);
        const auto row = [&](const char *what, const QString &given, const QString &taken, const QString &said) {
            QTest::addRow("%s %s", login, what) << name << given << taken << said;
        };
        row("superuser", u"ALTER ROLE %1 SUPERUSER"_s.arg(name), u"ALTER ROLE %1 NOSUPERUSER"_s.arg(name), u"is a superuser"_s);
        row("BYPASSRLS", u"ALTER ROLE %1 BYPASSRLS"_s.arg(name), u"ALTER ROLE %1 NOBYPASSRLS"_s.arg(name), u"has BYPASSRLS"_s);
        row("owner", u"GRANT photolift_owner TO "_s + name, u"REVOKE photolift_owner FROM "_s + name, u"owns the tables"_s);
        row("becomes a superuser", u"GRANT photolift_test TO "_s + name, u"REVOKE photolift_test FROM "_s + name, u"can become a superuser"_s);
    }
}

void TestServingLogins::aLoginThatNothingHoldsForDoesNotServe()
{
    QFETCH(const QString, login);
    QFETCH(const QString, given);
    QFETCH(const QString, taken);
    QFETCH(const QString, said);
    const auto rig = m_engines.rig(store::Engine::PostgreSql);
    const auto start = [&rig] {
        server::UploadApi api(rig->options, rig->store);
        return api.start();
    };

    rig->change(given);
    const Result<> refused = start();
    rig->change(taken); // of all databases of this PostgreSQL
    const Result<> started = start();

    QVERIFY(!refused);
    QVERIFY2(refused.error().detail.startsWith(u"The login %1 %2"_s.arg(login, said)), qPrintable(refused.error().detail));
    QVERIFY2(started, qPrintable(started ? QString() : started.error().detail));
}

QTEST_GUILESS_MAIN(TestServingLogins)
#include "tst_servinglogins.moc"
