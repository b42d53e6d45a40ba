#include "app/server/work/databasethreads.h"
#include "models/store/database.h"
#include "tests/server/apitest.h"
#include "tests/server/expectedrights.h"

#include <QSqlError>
#include <QSqlQuery>
#include <QSqlRecord>
#include <QTest>

#include <atomic>
#include <thread>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;

/// What each login of PostgreSQL may do, table by table, and what happens to one that tries more.
class TestDatabaseRights : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void everyTableIsAsExpected();
    void everyColumnIsForThoseWhoNeedIt();
    void everyFunctionIsForThoseWhoNeedIt();
    void loginsAreNobodySpecial();
    void whatIsForbiddenIsRefused_data();
    void whatIsForbiddenIsRefused();
    void onlyTheAccountActedForIsSeen();
    void rowsOfAnotherAccountCannotBeWritten();
    void ofProjectsOnlyANamelessOneMayGo();
    void nothingStaysOfTheJobBefore();
    void aNewMonthIsGuardedToo();
    void aNewMonthWaitsForWhatIsBeingWritten();
    void aNewMonthHasTimeToMoveWhatItHolds();
    void analystReadsMarts();
    void analystAsksForHalfAMinuteAtMost();

private:
    using Rows = QList<QStringList>;
    /// As this login (empty: the administrator), acting for this account; the error in m_failure.
    Rows rows(const QString &statement, const QString &login = {}, const QString &account = {});
    QString value(const QString &statement, const QString &login = {}, const QString &account = {})
    {
        return rows(statement, login, account).value(0).value(0);
    }

    BothEngines m_engines;
    std::unique_ptr<ApiRig> m_rig;
    QString m_failure;
};

void TestDatabaseRights::initTestCase()
{
    QVERIFY2(m_engines.start(), qPrintable(m_engines.failure()));
    m_rig = m_engines.rig(store::Engine::PostgreSql);
    m_rig->start();
    for (const QString &account : {u"a"_s, u"b"_s}) {
        rows(u"INSERT INTO server_accounts (account_id, account_name, account_type, created_ms) VALUES ('%1', '%1', 'organisation', 0)"_s.arg(account));
        rows(u"INSERT INTO server_users (user_id, account_id, user_name, role, created_ms) VALUES ('of %1', '%1', 'of %1', 'photographer', 0)"_s
                 .arg(account));
        rows(u"INSERT INTO server_device_tokens (token_id, user_id, token_hash, label, created_ms, expires_ms)"
             " VALUES ('token %1', 'of %1', '%1', '', 0, 0)"_s.arg(account));
        m_rig->caller = {account, u"of "_s + account, Role::Photographer, {}};
        Photo photo = photoOf(account == u"a"_s ? 1 : 2);
        photo.question.project.projectId = QUuid::createUuid();
        photo.question.batch.batchId = QUuid::createUuid();
        photo.question.batch.projectId = photo.question.attempt.projectId = photo.question.project.projectId;
        photo.question.attempt.batchId = photo.question.batch.batchId;
        QCOMPARE(m_rig->upload(photo).status, Status::Succeeded);
        rows(u"INSERT INTO fact_upload_errors (upload_id, date_key, error_code, error_type, error_severity, error_timestamp, is_fatal, error_uid)"
             " SELECT a.upload_id, a.date_key, 'TRANSFER_TIMEOUT', 'network', 2, now(), false, gen_random_uuid() FROM fact_upload_attempts a"
             " JOIN dim_users d ON d.user_key = a.user_key WHERE d.user_id = 'of %1'"_s.arg(account));
        QVERIFY2(m_failure.isEmpty(), qPrintable(m_failure));
        QCOMPARE(m_rig->call("POST", "/v1/events", "no event").status, 400); // set aside
    }
}

TestDatabaseRights::Rows TestDatabaseRights::rows(const QString &statement, const QString &login, const QString &account)
{
    Rows found;
    m_failure.clear();
    m_rig->onDatabase([&](const QSqlDatabase &database) {
        QSqlQuery query(database);
        bool isDone = login.isEmpty() || query.exec(u"SET SESSION AUTHORIZATION photolift_"_s + login);
        if (!account.isEmpty())
            isDone = isDone && query.exec(u"SELECT set_config('photolift.account', '%1', false)"_s.arg(account));
        isDone = isDone && query.exec(statement);
        if (!isDone)
            m_failure = query.lastError().nativeErrorCode() + u' ' + query.lastError().text();
        while (isDone && query.next()) {
            QStringList row;
            for (int i = 0; i < query.record().count(); ++i)
                row.append(query.value(i).toString());
            found.append(row);
        }
    });
    return found;
}

void TestDatabaseRights::everyTableIsAsExpected()
{
    QStringList expected;
    for (const Expected &table : Tables) {
        const char *const privileges[] = {table.app, table.worker, table.retention, table.analyst};
        QString line = QString::fromLatin1(table.table) + (table.isGuarded ? u" guarded"_s : u" open"_s);
        for (int i = 0; i < 4; ++i)
            line += u" %1:%2"_s.arg(QLatin1StringView(Logins[i]), QLatin1StringView(privileges[i]));
        expected.append(line + u" %1:"_s.arg(QLatin1StringView(Reader)));
    }
    expected.sort();
    QStringList found;
    // Partitions are their owner's alone: no login is granted one, and of each the rows are guarded.
    QString privileges;
    for (const char *login : {Logins[0], Logins[1], Logins[2], Logins[3], Reader}) {
        privileges += u" || ' %1:' || (SELECT coalesce(string_agg(letter, '' ORDER BY place), '') FROM (VALUES (1, 'SELECT', 's'),"
                      " (2, 'INSERT', 'i'), (3, 'UPDATE', 'u'), (4, 'DELETE', 'd'), (5, 'TRUNCATE', 't'), (6, 'REFERENCES', 'r'),"
                      " (7, 'TRIGGER', 'g')) AS p (place, privilege, letter)"
                      " WHERE has_table_privilege('photolift_%1', c.oid, p.privilege))"_s.arg(QLatin1StringView(login));
    }
    for (const QStringList &row : rows(u"SELECT n.nspname || '.' || c.relname || CASE WHEN c.relrowsecurity AND c.relforcerowsecurity THEN ' guarded'"
                                       " WHEN c.relrowsecurity OR c.relforcerowsecurity THEN ' half' ELSE ' open' END"_s
                                       + privileges + u", c.relispartition FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                                                      " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%'"
                                                      " AND n.nspname <> 'information_schema'"_s)) {
        if (row.value(1) == u"true"_s)
            QVERIFY2(row.value(0).endsWith(u" guarded app: worker: retention: analyst: reader:"_s), qPrintable(row.value(0)));
        else
            found.append(row.value(0));
    }
    QVERIFY2(m_failure.isEmpty(), qPrintable(m_failure));
    found.sort();
    QCOMPARE(found.join(u'\n'), expected.join(u'\n'));
}

/// Of tables that a login has no right to as a whole.
void TestDatabaseRights::everyColumnIsForThoseWhoNeedIt()
{
    QStringList found;
    for (const QStringList &row : rows(u"SELECT replace(x.grantee::regrole::text, 'photolift_', '') || ' ' || lower(x.privilege_type) || ' ' || c.relname"
                                       " || ': ' || string_agg(a.attname, ' ' ORDER BY a.attname COLLATE \"C\")"
                                       " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid CROSS JOIN aclexplode(a.attacl) x"
                                       " WHERE x.grantee::regrole::text LIKE 'photolift\\_%' GROUP BY x.grantee, x.privilege_type, c.relname"_s))
        found.append(row.value(0));
    QVERIFY2(m_failure.isEmpty(), qPrintable(m_failure));
    found.sort();
    QCOMPARE(found.join(u'\n'),
             u"reader select dim_batches: batch_key num_photos project_key total_bytes\n"
              "reader select dim_projects: is_active owner_user_key project_id project_key project_name state\n"
              "reader select dim_upload_status: is_success_state upload_status_key\n"
              "reader select dim_users: user_id user_key\n"
              "reader select fact_upload_attempts: batch_key file_size_bytes item_id row_version upload_status_key user_key\n"
              "reader select server_arrived: batch_key bytes item_id\n"
              "reader select server_users: account_id user_id user_name\n"
              "retention select dim_batches: batch_id batch_key batch_name project_key source_label\n"
              "retention select dim_photos: date_key upload_id\n"
              "retention select dim_projects: owner_user_key project_key\n"
              "retention select dim_users: user_id user_key\n"
              "retention select fact_upload_attempts: batch_key client_upload_id date_key item_id project_key relative_path start_timestamp upload_id"
              " upload_metadata user_key\n"
              "retention select fact_upload_errors: date_key error_context error_id upload_id\n"
              "retention select fact_upload_stages: date_key stage_metadata stage_name upload_id\n"
              "retention select server_accounts: account_id account_type\n"
              "retention select server_device_tokens: user_id\n"
              "retention select server_users: account_id user_id\n"
              "retention update dim_batches: batch_name source_label\n"
              "retention update dim_photos: created_timestamp extracted_metadata has_location_data height_pixels processing_parameters width_pixels\n"
              "retention update dim_projects: project_name\n"
              "retention update dim_users: user_preferences\n"
              "retention update fact_upload_attempts: relative_path upload_metadata\n"
              "retention update fact_upload_errors: error_context error_message\n"
              "retention update fact_upload_stages: stage_metadata\n"
              "retention update server_accounts: account_name\n"
              "retention update server_device_tokens: label\n"
              "retention update server_users: user_name"_s);
}

void TestDatabaseRights::everyFunctionIsForThoseWhoNeedIt()
{
    QStringList found;
    for (const QStringList &row :
         rows(u"SELECT p.proname || CASE WHEN p.prosecdef THEN ' as owner:' ELSE ':' END || coalesce(string_agg(' ' || login, '' ORDER BY login), '')"
              " FROM pg_proc p CROSS JOIN unnest(ARRAY['app', 'worker', 'retention', 'analyst', 'reader']) AS login"
              " WHERE p.pronamespace IN ('public'::regnamespace, 'ops'::regnamespace, 'staging'::regnamespace, 'marts'::regnamespace)"
              " AND has_function_privilege('photolift_' || login, p.oid, 'EXECUTE')"
              " GROUP BY p.oid, p.proname, p.prosecdef ORDER BY p.proname COLLATE \"C\""_s))
        found.append(row.value(0));
    QCOMPARE(found.join(u'\n'),
             u"acting_account: app reader retention worker\ndetach_month as owner: retention\ndetail_floor: retention\ndrop_month as owner: retention\n"
              "ensure_month as owner: worker\nids_of_other_accounts as owner: app\ningest_events: app\nis_only_account as owner: app\nmerge_dirty_days as owner: retention\n"
              "months_to_trim: retention\nmonths_without_marts as owner: retention\nms: app retention worker\ntrim_attempts as owner: retention\ntrim_rows as owner: retention\nunix_ms: app retention worker\n"
              "user_ids_acted_for as owner: app reader\nusers_acted_for as owner: app reader\nwait_for_standbys as owner: app retention worker"_s);
}

void TestDatabaseRights::loginsAreNobodySpecial()
{
    QCOMPARE(value(u"SELECT count(*) FROM pg_roles WHERE rolname LIKE 'photolift\\_%' AND rolname <> 'photolift_test'"
                   " AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)"_s),
             u"0"_s);
    QCOMPARE(value(u"SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname LIKE 'photolift\\_%'"_s), u"0"_s);
    QCOMPARE(value(u"SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
                   " AND c.relowner <> 'photolift_owner'::regrole"_s),
             u"0"_s);
}

void TestDatabaseRights::whatIsForbiddenIsRefused_data()
{
    QTest::addColumn<QString>("login");
    QTest::addColumn<QString>("statement");
    const auto row = [](const char *login, const QByteArray &statement) {
        QTest::addRow("%s: %s", login, statement.constData()) << QString::fromLatin1(login) << QString::fromLatin1(statement);
    };
    for (const char *login : Logins) {
        row(login, "CREATE TABLE public.mine (x int)");
        row(login, "CREATE TABLE marts.mine (x int)");
        row(login, "CREATE TEMPORARY TABLE mine (x int)");
        row(login, "CREATE SCHEMA mine");
        row(login, "ALTER TABLE public.server_uploads DISABLE ROW LEVEL SECURITY");
        row(login, "CREATE POLICY mine ON public.server_uploads USING (true)");
        row(login, "TRUNCATE public.server_audit");
        row(login, "UPDATE public.server_audit SET actor = 'x'");
        row(login, "DELETE FROM public.fact_upload_attempts");
        row(login, "SELECT * FROM public.fact_upload_attempts_default");
        row(login, "SELECT * FROM public.server_objects_h0");
        row(login, "SET ROLE photolift_owner");
        row(login, "COPY public.server_uploads TO PROGRAM 'true'");
    }
    for (const char *login : {"worker", "retention", "analyst"}) {
        row(login, "SELECT * FROM public.server_device_tokens");
        row(login, "SELECT * FROM public.server_token_keys");
        row(login, "SELECT * FROM public.server_users");
        row(login, "SELECT public.ingest_events('{}')");
    }
    for (const char *login : {"app", "worker", "analyst"}) {
        row(login, "SELECT public.detach_month('fact_upload_stages', 202001, 30, '2026-11-01', false)");
        row(login, "SELECT public.drop_month('fact_upload_stages', 202001)");
        row(login, "SELECT public.trim_rows('fact_upload_stages', 30, '2026-11-01', false, 1)");
        row(login, "SELECT public.merge_dirty_days(1)");
        row(login, "SELECT public.trim_attempts(400, '2026-11-01', false, 0, 0, 1)");
    }
    // Neither what is young nor what is no detail, whatever day it says it is.
    row("retention", "SELECT public.detach_month('fact_upload_stages', to_char(now(), 'YYYYMM')::integer, 30, '2099-01-01', false)");
    row("retention", "SELECT public.detach_month('fact_upload_stages', 202001, 6, '2026-11-01', false)");
    row("retention", "SELECT public.detach_month('fact_upload_attempts', 202001, 30, '2026-11-01', false)");
    row("retention", "SELECT public.trim_rows('fact_upload_errors', 6, '2026-11-01', false, 1)");
    row("retention", "SELECT public.trim_attempts(6, '2026-11-01', false, 0, 0, 1)");
    row("retention", "SELECT public.trim_rows('dim_photos', 30, '2026-11-01', false, 1)");
    row("retention", "DROP TABLE public.fact_upload_stages_default");
    row("retention", "ALTER TABLE public.fact_upload_stages DETACH PARTITION public.fact_upload_stages_default");
    row("retention", "DELETE FROM public.fact_upload_stages");
    row("retention", "DELETE FROM public.server_trims");
    row("retention", "SELECT * FROM ops.dirty_day");
    row("app", "SELECT public.ensure_month('2030-01-01')");
    row("app", "DELETE FROM public.server_jobs");
    row("retention", "SELECT * FROM public.fact_upload_attempts");
    row("retention", "SELECT device_key FROM public.fact_upload_attempts");
    row("retention", "SELECT user_name FROM public.server_users");
    row("retention", "UPDATE public.server_users SET role = 'admin'");
    row("retention", "UPDATE public.server_users SET is_active = true");
    row("retention", "SELECT token_hash FROM public.server_device_tokens");
    row("retention", "UPDATE public.server_device_tokens SET revoked_ms = NULL");
    row("retention", "INSERT INTO public.server_erasures VALUES ('x', '*', 1, 0)");
    row("retention", "DELETE FROM public.server_erasures");
    row("app", "UPDATE public.server_erasures SET erased_ms = 0");
    row("retention", "UPDATE public.fact_upload_attempts SET upload_status_key = 5");
    row("retention", "SELECT error_message FROM public.fact_upload_errors");
    row("retention", "DELETE FROM public.dim_photos");
    row("retention", "DELETE FROM public.server_purged_ids");
    row("worker", "SELECT * FROM public.server_purged_ids");
    row("app", "INSERT INTO public.server_purged_ids VALUES ('x', '*', 0, 0)");
    row("retention", "INSERT INTO public.server_requests VALUES ('k', '', 0)");
    row("analyst", "SELECT * FROM public.fact_upload_attempts");
    row("analyst", "SELECT * FROM staging.batch");
    row("analyst", "SELECT * FROM public.dim_dates");
    // What PostgreSQL lets everybody do until its administrator takes it away.
    for (const char *login : {"analyst", Reader}) {
        row(login, "SELECT lo_creat(-1)");
        row(login, "SELECT lo_create(0)");
        row(login, "SELECT lo_from_bytea(0, 'x')");
        row(login, "SELECT lo_put(1, 0, 'x')");
        row(login, "SELECT lo_truncate(0, 0)");
        row(login, "SELECT lo_truncate64(0, 0)");
        row(login, "SELECT lo_unlink(1)");
        row(login, "SELECT lowrite(0, 'x')");
        row(login, "SELECT pg_logical_emit_message(true, 'x', 'y')");
        row(login, "SELECT pg_logical_emit_message(false, 'x', '\\x00'::bytea)");
        for (const char *function : {"pg_advisory_lock", "pg_advisory_lock_shared", "pg_advisory_xact_lock", "pg_advisory_xact_lock_shared",
                                     "pg_try_advisory_lock", "pg_try_advisory_lock_shared", "pg_try_advisory_xact_lock", "pg_try_advisory_xact_lock_shared"}) {
            row(login, "SELECT " + QByteArray(function) + "(hashtext('photolift.retention'))");
            row(login, "SELECT " + QByteArray(function) + "(1, 2)");
        }
    }
    row("app", "SELECT pg_try_advisory_lock(hashtext('photolift.retention'))");
    row("app", "SELECT lo_from_bytea(0, 'x')");
}

void TestDatabaseRights::whatIsForbiddenIsRefused()
{
    QFETCH(const QString, login);
    QFETCH(const QString, statement);

    (void)rows(statement, login, u"*"_s);

    QVERIFY2(m_failure.startsWith(u"42501"_s), qPrintable(m_failure));
}

void TestDatabaseRights::onlyTheAccountActedForIsSeen()
{
    const auto seen = [this](const QString &table, const QString &account) {
        const QString count = value(u"SELECT count(*) FROM "_s + table, u"app"_s, account);
        return count.isEmpty() ? -1 : count.toInt();
    };
    for (const Expected &table : Tables) {
        const QString name = QString::fromLatin1(table.table);
        if (!table.isGuarded || !QByteArray(table.app).contains('s'))
            continue;
        QVERIFY2(seen(name, {}) == 0, qPrintable(name + u": seen without an account"_s + m_failure));
    }
    for (const QString &name : {u"server_uploads"_s, u"server_objects"_s, u"server_assets"_s, u"server_search"_s, u"server_device_tokens"_s,
                                u"server_users"_s, u"server_accounts"_s, u"dim_projects WHERE project_key <> 0"_s, u"dim_batches WHERE batch_key <> 0"_s,
                                u"fact_upload_attempts"_s}) {
        QVERIFY2(seen(name, u"a"_s) == 1 && seen(name, u"b"_s) == 1, qPrintable(name + m_failure));
        QCOMPARE(seen(name, u"c"_s), 0);
        QVERIFY(seen(name, u"*"_s) >= 2);
    }
    for (const QString &name : {u"fact_upload_errors"_s, u"dim_photos"_s, u"dim_users WHERE user_key <> 0"_s, u"server_requests"_s,
                                u"staging.batch"_s}) {
        const int own = seen(name, u"a"_s);
        QVERIFY2(own > 0 && seen(name, u"b"_s) == own, qPrintable(name + m_failure));
        QCOMPARE(seen(name, u"c"_s), 0);
        QVERIFY2(seen(name, u"*"_s) >= 2 * own, qPrintable(name));
    }
    QCOMPARE(value(u"SELECT user_name FROM server_users"_s, u"app"_s, u"b"_s), u"of b"_s);
    QCOMPARE(seen(u"server_token_keys"_s, u"a"_s), 0);
    QVERIFY(seen(u"server_token_keys"_s, u"*"_s) > 0);
}

void TestDatabaseRights::rowsOfAnotherAccountCannotBeWritten()
{
    const QString ofB = value(u"SELECT a.upload_id || ', ' || a.date_key FROM fact_upload_attempts a JOIN dim_users d ON d.user_key = a.user_key"
                              " WHERE d.user_id = 'of b'"_s);
    const QStringList statements{
        u"INSERT INTO server_assets (account_id, sha256, size, project_id, relative_path, client_upload_id, created_ms)"
        " VALUES ('b', 'x', 1, 'p', 'r', 'c', 0)"_s,
        u"UPDATE server_uploads SET account_id = 'b'"_s,
        u"UPDATE fact_upload_attempts SET user_key = (SELECT user_key FROM dim_users WHERE user_id = 'of b')"_s,
        u"INSERT INTO server_audit (account_id, number, at_ms, actor, action, subject, detail_json, chain) VALUES ('b', 99, 0, '', '', '', '', '')"_s,
        u"INSERT INTO server_requests (request_key, body_hash, created_ms, account_id) VALUES ('x', '', 0, 'b')"_s,
        u"INSERT INTO staging.batch (batch_id, user_id, received_at, payload) VALUES ('x', 'of b', now(), '')"_s,
        u"INSERT INTO dim_users (user_id, account_type) VALUES ('of nobody', 'person')"_s,
        u"INSERT INTO dim_photos (upload_id, date_key) VALUES (%1) ON CONFLICT (date_key, upload_id) DO UPDATE SET mime_type = 'x'"_s.arg(ofB),
        u"INSERT INTO fact_upload_errors (upload_id, date_key, error_code, error_type, error_severity, error_timestamp, is_fatal, error_uid)"
        " VALUES (%1, 'TRANSFER_TIMEOUT', 'network', 2, now(), false, gen_random_uuid())"_s.arg(ofB)};
    for (const QString &statement : statements) {
        (void)rows(statement, u"app"_s, u"a"_s);
        QVERIFY2(m_failure.startsWith(u"42501"_s), qPrintable(statement + m_failure));
    }
    (void)rows(u"UPDATE server_users SET role = 'admin' WHERE account_id = 'b'"_s, u"app"_s, u"a"_s);
    QCOMPARE(value(u"SELECT role FROM server_users WHERE account_id = 'b'"_s), u"photographer"_s);
}

void TestDatabaseRights::ofProjectsOnlyANamelessOneMayGo()
{
    rows(u"INSERT INTO dim_projects (project_id) VALUES (gen_random_uuid())"_s);
    QCOMPARE(value(u"SELECT count(*) FROM dim_projects"_s), u"4"_s); // of nobody, and of both accounts

    (void)rows(u"DELETE FROM dim_projects"_s, u"app"_s, u"a"_s);

    QCOMPARE(value(u"SELECT count(*) FROM dim_projects"_s), u"3"_s);
    QCOMPARE(value(u"SELECT count(*) FROM dim_projects WHERE project_key > 0 AND project_name IS NULL"_s), u"0"_s);
}

/// Connections are shared: two accounts in turn, as many times as can be in a moment (FAULTS C-4).
void TestDatabaseRights::nothingStaysOfTheJobBefore()
{
    server::DatabaseThreads::Options options;
    options.postgres = m_rig->options.postgres;
    options.writers = 1;
    options.readers = 1;
    const auto opened = server::DatabaseThreads::open(options);
    QVERIFY(opened);
    std::atomic<int> wrong = 0;
    std::atomic<int> done = 0;
    constexpr int Rounds = 1000;
    for (int i = 0; i < Rounds; ++i) {
        const QString account = i % 3 == 0 ? u"a"_s : i % 3 == 1 ? u"b"_s : QString();
        const auto look = [&wrong, account](const QSqlDatabase &database) {
            QSqlQuery query(database);
            if (!query.exec(u"SELECT coalesce(string_agg(account_id, ','), '') FROM server_users"_s) || !query.next()
                || query.value(0).toString() != account)
                ++wrong;
        };
        QVERIFY((*opened)->read({account}, [look, &done](const QSqlDatabase &database) {
            look(database);
            ++done;
        }));
        QVERIFY((*opened)->write({account}, [look](server::Writing &writing) -> Result<> {
            look(writing.database);
            return {};
        }, [&done](const Result<> &written) { done += written ? 1 : 0; }));
    }
    QTRY_COMPARE_WITH_TIMEOUT(done.load(), 2 * Rounds, 30000);
    QCOMPARE(wrong.load(), 0);
    (*opened)->stop();
}

void TestDatabaseRights::aNewMonthIsGuardedToo()
{
    (void)rows(u"SELECT ensure_month('2031-05-01')"_s, u"worker"_s);
    QVERIFY2(m_failure.isEmpty(), qPrintable(m_failure));
    QCOMPARE(value(u"SELECT count(*) FROM pg_class WHERE relname LIKE '%\\_p203105' AND relrowsecurity AND relforcerowsecurity"_s), u"4"_s);
    everyTableIsAsExpected();
}

void TestDatabaseRights::aNewMonthWaitsForWhatIsBeingWritten()
{
    const auto writing = store::Connection::open(as(*m_rig->options.postgres, support::PostgresRun::user()));
    QVERIFY(writing);
    QSqlQuery write((*writing)->database());
    QVERIFY(write.exec(u"BEGIN"_s));
    QVERIFY(write.exec(u"INSERT INTO fact_upload_attempts (client_upload_id, date_key, start_timestamp)"
                       " VALUES (gen_random_uuid(), 20310615, '2031-06-15')"_s));
    QString failure;
    std::thread month([&] {
        m_rig->onDatabase([&failure](const QSqlDatabase &database) {
            QSqlQuery make(database);
            if (!make.exec(u"SET SESSION AUTHORIZATION photolift_worker"_s) || !make.exec(u"SELECT ensure_month('2031-06-01')"_s))
                failure = make.lastError().text();
        });
    });
    const auto isWaiting = [this] { return value(u"SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"_s) == u"1"_s; };
    const bool hasWaited = QTest::qWaitFor(isWaiting, 10000);

    const bool isCommitted = write.exec(u"COMMIT"_s);
    month.join();

    QVERIFY(hasWaited && isCommitted);
    QVERIFY2(failure.isEmpty(), qPrintable(failure));
    QCOMPARE(value(u"SELECT count(*) FROM fact_upload_attempts_p203106"_s), u"1"_s);
}

/// As the scheduler makes it, though each of its tables takes longer than others may work: in all more than the 5 s of any other statement.
void TestDatabaseRights::aNewMonthHasTimeToMoveWhatItHolds()
{
    const QString next = QDate::currentDate().addMonths(1).toString(u"yyyyMM"_s);
    const auto tell = [this](const QString &statement) {
        (void)rows(statement);
        QVERIFY2(m_failure.isEmpty(), qPrintable(m_failure));
    };
    m_rig->stop();
    for (const char *table : {"fact_upload_attempts", "fact_upload_stages", "fact_upload_errors", "dim_photos"})
        tell(u"DROP TABLE %1_p%2"_s.arg(QLatin1StringView(table), next));
    tell(u"CREATE FUNCTION ops.much_to_move() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1.5); END $$"_s);
    tell(u"CREATE EVENT TRIGGER much_to_move ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION ops.much_to_move()"_s);

    m_rig->start();
    const auto isThere = [&] { return value(u"SELECT to_regclass('dim_photos_p%1') IS NOT NULL"_s.arg(next)) == u"true"_s; };
    const bool isMade = QTest::qWaitFor(isThere, 30'000);

    tell(u"DROP EVENT TRIGGER much_to_move"_s);
    tell(u"DROP FUNCTION ops.much_to_move()"_s);
    QVERIFY(isMade);
}

void TestDatabaseRights::analystReadsMarts()
{
    (void)rows(u"CREATE VIEW marts.probe AS SELECT count(*) AS attempts FROM fact_upload_attempts"_s, u"owner"_s);
    QVERIFY2(m_failure.isEmpty(), qPrintable(m_failure));
    QCOMPARE(value(u"SELECT attempts FROM marts.probe"_s, u"analyst"_s), QString());
    (void)rows(u"GRANT SELECT ON ALL TABLES IN SCHEMA marts TO photolift_analyst"_s, u"owner"_s); // as migrate does
    QCOMPARE(value(u"SELECT attempts FROM marts.probe"_s, u"analyst"_s), value(u"SELECT count(*) FROM fact_upload_attempts"_s));
    (void)rows(u"DROP VIEW marts.probe"_s, u"owner"_s);
}

void TestDatabaseRights::analystAsksForHalfAMinuteAtMost()
{
    store::PostgresAddress address = as(*m_rig->options.postgres, u"photolift_analyst"_s);
    const QString name = u"analyst"_s;
    QString limit;
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(u"QPSQL"_s, name); // as their own tools log in
        database.setHostName(address.host);
        database.setPort(address.port);
        database.setUserName(address.user);
        database.setPassword(address.password);
        database.setDatabaseName(address.database);
        QVERIFY2(database.open(), qPrintable(database.lastError().text()));
        QSqlQuery query(database);
        if (query.exec(u"SHOW statement_timeout"_s) && query.next())
            limit = query.value(0).toString();
    }
    QSqlDatabase::removeDatabase(name);
    QCOMPARE(limit, u"30s"_s);
}

QTEST_GUILESS_MAIN(TestDatabaseRights)
#include "tst_databaserights.moc"
