#include "tests/server/apirig.h"

#include <QRegularExpression>
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
    void whatIsStillEverybodysIsNamedAtTheStart();

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

/// Packaging/server/photolift-database.sql was not run, or somebody gave one of its functions back.
void TestServingLogins::whatIsStillEverybodysIsNamedAtTheStart()
{
    const auto rig = m_engines.rig(store::Engine::PostgreSql);
    const auto start = [&rig] {
        server::UploadApi api(rig->options, rig->store);
        QVERIFY(api.start());
    };
    const auto warning = [](const QString &names) {
        return QRegularExpression(u"^every login of this database may call %1 of PostgreSQL: run packaging/server/photolift-database.sql"_s.arg(names));
    };

    rig->change(u"DO $$ DECLARE f regprocedure; BEGIN FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace"
                " AND proname ~ '^lo|advisory|emit' LOOP EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO PUBLIC', f); END LOOP; END $$"_s);
    QTest::ignoreMessage(QtWarningMsg, warning(u"lo_creat, lo_create, lo_from_bytea, lo_put, lo_truncate, lo_truncate64, lo_unlink, lowrite, pg_advisory_lock,"
                                               " pg_advisory_lock_shared, pg_advisory_xact_lock, pg_advisory_xact_lock_shared, pg_logical_emit_message,"
                                               " pg_try_advisory_lock, pg_try_advisory_lock_shared, pg_try_advisory_xact_lock,"
                                               " pg_try_advisory_xact_lock_shared"_s));
    start();
    const QString database = rig->options.postgres->database;
    QVERIFY2(m_engines.postgres().prepareForServers(database), qPrintable(m_engines.failure()));
    rig->change(u"GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC"_s);
    QTest::ignoreMessage(QtWarningMsg, warning(u"lo_create"_s));
    start();
    QVERIFY2(m_engines.postgres().prepareForServers(database), qPrintable(m_engines.failure()));
    QTest::failOnWarning(QRegularExpression(u"may call"_s));
    start();
}

QTEST_GUILESS_MAIN(TestServingLogins)
#include "tst_servinglogins.moc"
