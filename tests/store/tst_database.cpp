#include "models/store/database.h"
#include "models/store/sqlscript.h"

#include "models/vocabulary/ids.h"
#include "models/vocabulary/status.h"

#include "tests/store/queuesamples.h"
#include "tests/store/starfixture.h"

#include <QDir>
#include <QSqlError>
#include <QSqlRecord>
#include <QtTest>

#include <sys/stat.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::store;

/// Migrations, the contents a fresh schema comes with, and what SQLite's complaints are called. The series "trial" is in this
/// test's own resources: two steps that work and, in "broken", one that fails half way.
class DatabaseTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void statementsAreFoundInAScript_data();
    void statementsAreFoundInAScript();
    void freshDatabaseHasEverySeries();
    void migratingAgainDoesNothing();
    void newSeriesIsRunAfterACopyWasMade();
    void stepThatFailsLeavesNothing();
    void newerDatabaseIsRefusedUntouched();
    void upgradeThatWasCutOffGoesOn();
    void listOfTheFirstVersionKeepsItsPhotos();
    void everyTableAndColumnOfTheStarIsThere_data();
    void everyTableAndColumnOfTheStarIsThere();
    void everyDimensionKnowsTheUnknown();
    void statusesAreThoseOfTheVocabulary();
    void calendarIsRight_data();
    void calendarIsRight();
    void writerIsDurable();
    void filesAreTheOwnersAlone();
    void filesOfEarlierVersionsBecomeTheOwnersAlone();
    void transactionRollsBackByItself();
    void complaintsHaveCodes_data();
    void complaintsHaveCodes();
};

void DatabaseTest::statementsAreFoundInAScript_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<QStringList>("statements");
    QTest::newRow("nothing but a comment") << u"-- only; this\n"_s << QStringList{};
    QTest::newRow("two, the last without semicolon") << u"SELECT 1; SELECT 2"_s << QStringList{u"SELECT 1"_s, u"SELECT 2"_s};
    QTest::newRow("semicolon inside a text") << u"INSERT INTO t VALUES ('a;b''c;'); SELECT 2;"_s
                                             << QStringList{u"INSERT INTO t VALUES ('a;b''c;')"_s, u"SELECT 2"_s};
    QTest::newRow("comment with a quote") << u"SELECT 1 -- don't; stop\n+ 2;"_s << QStringList{u"SELECT 1 \n+ 2"_s};
    QTest::newRow("trigger with CASE") << u"CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; SELECT 3; END; SELECT 4;"_s
                                       << QStringList{u"CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; SELECT 3; END"_s,
                                                      u"SELECT 4"_s};
    QTest::newRow("CASE outside of a trigger") << u"SELECT CASE 1 WHEN 1 THEN 2 END; SELECT 3"_s
                                               << QStringList{u"SELECT CASE 1 WHEN 1 THEN 2 END"_s, u"SELECT 3"_s};
}

void DatabaseTest::statementsAreFoundInAScript()
{
    QFETCH(QString, script);
    QFETCH(QStringList, statements);

    QCOMPARE(sqlStatements(script), statements);
}

void DatabaseTest::freshDatabaseHasEverySeries()
{
    StarFixture star({u"star"_s, u"client"_s});

    QCOMPARE(star.rows(u"SELECT series, version FROM schema_versions ORDER BY series, version"_s), (QStringList{u"client|1"_s, u"client|2"_s, u"client|3"_s, u"client|4"_s, u"client|5"_s, u"client|6"_s, u"client|7"_s, u"star|1"_s}));
    QCOMPARE(QDir(QFileInfo(star.path()).path()).entryList({u"*before*"_s}, QDir::Files), QStringList{});
}

void DatabaseTest::migratingAgainDoesNothing()
{
    StarFixture star;
    const QString applied = star.value(u"SELECT applied_ms FROM schema_versions"_s);

    VERIFY_OK(migrate(star.database(), {u"star"_s}));

    QCOMPARE(star.rows(u"SELECT applied_ms FROM schema_versions"_s), QStringList{applied});
}

void DatabaseTest::newSeriesIsRunAfterACopyWasMade()
{
    StarFixture star;

    VERIFY_OK(migrate(star.database(), {u"star"_s, u"trial"_s}));

    QCOMPARE(star.value(u"SELECT b FROM trial"_s), u"second"_s);
    QVERIFY(QFile::exists(star.path() + u".before-trial-001"_s));
    const auto copy = Connection::open(star.path() + u".before-trial-001"_s, Connection::Use::Read);
    VERIFY_OK(copy);
    QCOMPARE(StarFixture::rowsOf((*copy)->database(), u"SELECT series FROM schema_versions"_s), QStringList{u"star"_s});
    QCOMPARE(StarFixture::rowsOf((*copy)->database(), u"SELECT count(*) FROM sqlite_master WHERE name = 'trial'"_s), QStringList{u"0"_s});
}

void DatabaseTest::stepThatFailsLeavesNothing()
{
    StarFixture star;

    const Result<> broken = migrate(star.database(), {u"star"_s, u"broken"_s});

    QVERIFY(!broken);
    QVERIFY2(broken.error().detail.contains(u"002_second.sql"_s), qPrintable(broken.error().detail));
    QCOMPARE(star.value(u"SELECT count(*) FROM sqlite_master WHERE name = 'half'"_s), u"0"_s);
    QCOMPARE(star.rows(u"SELECT version FROM schema_versions WHERE series = 'broken'"_s), QStringList{u"1"_s}); // the first one stands
}

void DatabaseTest::newerDatabaseIsRefusedUntouched()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(u"photolift.sqlite"_s);
    {
        auto connection = Connection::open(path, Connection::Use::Write);
        VERIFY_OK(connection);
        VERIFY_OK(migrate((*connection)->database(), {u"star"_s, u"client"_s}));
        QSqlQuery newer((*connection)->database());
        QVERIFY(newer.exec(u"INSERT INTO schema_versions VALUES ('client', 99, '099_future.sql', 0)"_s));
    }
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray before = file.readAll();

    const auto recorder = Recorder::open(path);

    QVERIFY(!recorder);
    QCOMPARE(recorder.error().code, ErrorCode::LocalListTooNew);
    QVERIFY(file.seek(0));
    QVERIFY2(file.readAll() == before, "not a byte may change");
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList{u"photolift.sqlite"_s});
}

void DatabaseTest::upgradeThatWasCutOffGoesOn()
{
    StarFixture star;
    // As a kill leaves it: a copy half written, the first step done.
    QFile unfinished(star.path() + u".before-trial-002.unfinished"_s);
    QVERIFY(unfinished.open(QIODevice::WriteOnly));
    unfinished.write("half a copy");
    unfinished.close();
    QSqlQuery query(star.database());
    QVERIFY(query.exec(u"CREATE TABLE trial (a TEXT)"_s));
    QVERIFY(query.exec(u"INSERT INTO schema_versions VALUES ('trial', 1, '001_first.sql', 0)"_s));
    query.finish();

    VERIFY_OK(migrate(star.database(), {u"star"_s, u"trial"_s}));

    QCOMPARE(star.value(u"SELECT max(version) FROM schema_versions WHERE series = 'trial'"_s), u"2"_s);
    QVERIFY(QFile::exists(star.path() + u".before-trial-002"_s));
    QVERIFY(!unfinished.exists());
}

void DatabaseTest::listOfTheFirstVersionKeepsItsPhotos()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(u"list.db"_s);
    {
        const auto connection = Connection::open(path, Connection::Use::Write);
        VERIFY_OK(connection);
        QSqlQuery old((*connection)->database());
        QVERIFY(old.exec(u"CREATE TABLE schema_versions (series TEXT NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL, "
                         "applied_ms BIGINT NOT NULL, PRIMARY KEY (series, version))"_s));
        for (const QString &name : {u"star/001_star.sql"_s, u"client/001_queue.sql"_s}) {
            QFile script(u":/sql/sqlite/"_s + name);
            QVERIFY(script.open(QIODevice::ReadOnly));
            for (const QString &statement : sqlStatements(QString::fromUtf8(script.readAll())))
                QVERIFY2(old.exec(statement), qPrintable(old.lastError().text()));
            QVERIFY(old.exec(u"INSERT INTO schema_versions VALUES ('%1', 1, '%2', 0)"_s.arg(name.section(u'/', 0, 0), name.section(u'/', 1))));
        }
        QVERIFY(old.exec(u"INSERT INTO queue_batches (batch_id, roots) VALUES ('b', x'2f00')"_s));
        QVERIFY(old.exec(u"INSERT INTO queue_items (item_id, batch_row, ordinal, absolute_path, relative_path, search_name, size, modified_ns, inode, "
                         "device, state, sha256, waits_for_item) VALUES ('i', 1, 0, x'2f61', x'61', 'a', 5, 1, 1, 1, 'queued', 'cafe', 7)"_s));
    }

    const auto connection = Connection::open(path, Connection::Use::Write);
    VERIFY_OK(connection);
    VERIFY_OK(migrate((*connection)->database(), {u"star"_s, u"client"_s}));

    const QSqlDatabase database = (*connection)->database();
    QVERIFY(!database.record(u"queue_items"_s).contains(u"waits_for_item"_s));
    QSqlQuery rows(database);
    QVERIFY(rows.exec(u"SELECT item_id, state, sha256 FROM queue_items"_s) && rows.next());
    QCOMPARE(rows.value(0).toString() + rows.value(1).toString() + rows.value(2).toString(), u"iqueuedcafe"_s);
    QVERIFY(rows.exec(u"SELECT num_items FROM queue_counts WHERE state = 'queued'"_s) && rows.next());
    QCOMPARE(rows.value(0).toInt(), 1);
    QVERIFY(QFile::exists(path + u".before-client-002"_s));
}

void DatabaseTest::everyTableAndColumnOfTheStarIsThere_data()
{
    QTest::addColumn<QString>("columns");
    const auto table = [](const char *name, const QString &columns) { QTest::newRow(name) << columns; };
    table("fact_upload_attempts",
          u"upload_id user_key device_key app_version_key network_connection_key date_key upload_status_key start_timestamp end_timestamp "
          "total_duration_ms file_size_bytes num_photos_in_batch is_batch_upload is_background_upload client_upload_id upload_metadata "
          "project_key batch_key item_id attempt_number relative_path row_version event_id"_s);
    table("fact_upload_stages", u"stage_id upload_id stage_name stage_start_timestamp stage_end_timestamp stage_duration_ms is_successful "
                                "retry_count stage_metadata date_key row_version event_id"_s);
    table("fact_upload_errors", u"error_id upload_id stage_id error_code error_message error_type error_severity error_timestamp "
                                "error_context is_fatal date_key error_uid event_id"_s);
    table("dim_upload_status", u"upload_status_key status_name status_description status_category is_terminal_state is_success_state status_priority"_s);
    table("dim_users", u"user_key user_id user_created_at account_type is_test_account user_preferences"_s);
    table("dim_devices", u"device_key device_id device_model device_manufacturer device_type os_name os_version camera_megapixels "
                         "processor_type memory_mb has_low_power_mode"_s);
    table("dim_app_versions", u"app_version_key app_version_number build_number release_date platform is_beta_version feature_flags"_s);
    table("dim_network_connections", u"network_connection_key connection_type carrier_name network_subtype signal_strength "
                                     "typical_bandwidth_kbps typical_latency_ms"_s);
    table("dim_dates", u"date_key full_date year quarter month month_name iso_year iso_week day_of_month day_of_week day_name is_weekend "
                       "is_holiday week_start_date month_start_date"_s);
    table("dim_photos", u"photo_key upload_id photo_id photo_type_key storage_location_key created_timestamp width_pixels height_pixels "
                        "file_size_bytes mime_type has_location_data extracted_metadata processing_parameters date_key row_version event_id"_s);
    table("dim_photo_types", u"photo_type_key photo_type_name file_extension supports_transparency is_animated max_supported_resolution "
                             "type_specific_attributes"_s);
    table("dim_storage_locations", u"storage_location_key storage_provider storage_region storage_tier access_pattern storage_cost_per_gb "
                                   "retrieval_cost_per_gb"_s);
    table("dim_projects", u"project_key project_id project_name owner_user_key state is_active"_s);
    table("dim_batches", u"batch_key batch_id batch_name project_key source_kind source_label created_timestamp num_photos total_bytes"_s);
    table("dim_device_groups", u"group_key group_name region is_active"_s);
    table("dim_device_group_members", u"group_key device_key user_key valid_from valid_to"_s);
    table("fact_client_heartbeats", u"heartbeat_id device_key app_version_key network_connection_key user_key captured_timestamp "
                                    "received_timestamp metrics"_s);
    table("staging_batch", u"batch_id client_id received_at payload error"_s);
    table("ops_dirty_day", u"date_key"_s);
}

void DatabaseTest::everyTableAndColumnOfTheStarIsThere()
{
    QFETCH(QString, columns);
    StarFixture star;

    const QStringList present = star.rows(u"SELECT name FROM pragma_table_info('%1')"_s.arg(QString::fromLatin1(QTest::currentDataTag())));

    const QStringList wanted = columns.split(u' ');
    for (const QString &column : wanted)
        QVERIFY2(present.contains(column), qPrintable(column + u" is missing"_s));
}

void DatabaseTest::everyDimensionKnowsTheUnknown()
{
    StarFixture star;
    for (const auto &[table, key] : {std::pair(u"dim_upload_status"_s, u"upload_status_key"_s), {u"dim_users"_s, u"user_key"_s},
                                     {u"dim_devices"_s, u"device_key"_s}, {u"dim_app_versions"_s, u"app_version_key"_s},
                                     {u"dim_network_connections"_s, u"network_connection_key"_s}, {u"dim_dates"_s, u"date_key"_s},
                                     {u"dim_photos"_s, u"photo_key"_s}, {u"dim_photo_types"_s, u"photo_type_key"_s},
                                     {u"dim_storage_locations"_s, u"storage_location_key"_s}, {u"dim_projects"_s, u"project_key"_s},
                                     {u"dim_batches"_s, u"batch_key"_s}, {u"dim_device_groups"_s, u"group_key"_s}})
        QCOMPARE(star.value(u"SELECT count(*) FROM %1 WHERE %2 = 0"_s.arg(table, key)), u"1"_s);
}

void DatabaseTest::statusesAreThoseOfTheVocabulary()
{
    StarFixture star;
    QStringList expected;
    for (const StatusInfo &info : allStatuses()) {
        expected << QStringList{QString::number(static_cast<int>(info.status)), info.name, info.description, info.category,
                                info.isTerminal ? u"1"_s : u"0"_s, info.isSuccess ? u"1"_s : u"0"_s, QString::number(info.priority)}
                        .join(u'|');
    }

    QCOMPARE(star.rows(u"SELECT * FROM dim_upload_status WHERE upload_status_key > 0 ORDER BY upload_status_key"_s), expected);
}

void DatabaseTest::calendarIsRight_data()
{
    QTest::addColumn<QDate>("date");
    for (const QDate &date : {QDate(2023, 1, 1), QDate(2024, 2, 29), QDate(2024, 12, 30), QDate(2026, 12, 31), QDate(2027, 1, 3), QDate(2031, 12, 31)})
        QTest::newRow(qPrintable(date.toString(Qt::ISODate))) << date;
}

void DatabaseTest::calendarIsRight()
{
    QFETCH(QDate, date);
    StarFixture star;
    int isoYear = 0;
    const int isoWeek = date.weekNumber(&isoYear);
    const QLocale english(QLocale::English);
    const QStringList expected{date.toString(u"yyyyMMdd"_s), date.toString(Qt::ISODate), QString::number(date.year()),
                               QString::number((date.month() + 2) / 3), QString::number(date.month()), english.monthName(date.month()),
                               QString::number(isoYear), QString::number(isoWeek), QString::number(date.day()),
                               QString::number(date.dayOfWeek()), english.dayName(date.dayOfWeek()), date.dayOfWeek() >= 6 ? u"1"_s : u"0"_s,
                               u"-"_s, date.addDays(1 - date.dayOfWeek()).toString(Qt::ISODate), date.toString(u"yyyy-MM-01"_s)};

    QCOMPARE(star.value(u"SELECT * FROM dim_dates WHERE full_date = '%1'"_s.arg(date.toString(Qt::ISODate))), expected.join(u'|'));
    QCOMPARE(star.value(u"SELECT count(*) FROM dim_dates WHERE date_key > 0"_s).toLongLong(), QDate(2023, 1, 1).daysTo(QDate(2032, 1, 1)));
}

void DatabaseTest::writerIsDurable()
{
    StarFixture star;

    QCOMPARE(star.value(u"PRAGMA journal_mode"_s), u"wal"_s);
    QCOMPARE(star.value(u"PRAGMA synchronous"_s), u"2"_s); // FULL
    QCOMPARE(star.value(u"PRAGMA foreign_keys"_s), u"1"_s);
    QCOMPARE(star.value(u"PRAGMA busy_timeout"_s), u"5000"_s);
}

namespace {
/// "NAME 0644" for each file below a folder that somebody else may read or write.
QStringList filesOfOthers(const QString &folder)
{
    QStringList found;
    const QFileInfoList files = QDir(folder).entryInfoList(QDir::Files | QDir::Hidden);
    for (const QFileInfo &file : files) {
        struct stat status {};
        if (::stat(QFile::encodeName(file.filePath()).constData(), &status) != 0 || (status.st_mode & 0777) != 0600)
            found.append(u"%1 0%2"_s.arg(file.fileName()).arg(status.st_mode & 0777, 3, 8, QLatin1Char('0')));
    }
    return found;
}
}

void DatabaseTest::filesAreTheOwnersAlone()
{
    const mode_t before = ::umask(0); // the widest there is
    StarFixture star;
    VERIFY_OK(migrate(star.database(), {u"star"_s, u"trial"_s}));
    ::umask(before);

    const QString folder = QFileInfo(star.path()).path();
    QVERIFY(QFile::exists(star.path() + u"-wal"_s) && QFile::exists(star.path() + u"-shm"_s));
    QVERIFY(QFile::exists(star.path() + u".before-trial-001"_s));
    QCOMPARE(filesOfOthers(folder), QStringList());
}

void DatabaseTest::filesOfEarlierVersionsBecomeTheOwnersAlone()
{
    StarFixture star; // open, so that its journals are there
    for (const QString &journal : {QString(), u"-wal"_s, u"-shm"_s})
        QCOMPARE(::chmod(QFile::encodeName(star.path() + journal).constData(), 0644), 0);

    const auto connection = Connection::open(star.path(), Connection::Use::Write);

    VERIFY_OK(connection);
    QCOMPARE(filesOfOthers(QFileInfo(star.path()).path()), QStringList());
}

void DatabaseTest::transactionRollsBackByItself()
{
    StarFixture star;
    {
        Transaction transaction(star.database());
        QSqlQuery insert(star.database());
        QVERIFY(insert.exec(u"INSERT INTO ops_dirty_day VALUES (20261118)"_s));
    }
    QCOMPARE(star.value(u"SELECT count(*) FROM ops_dirty_day"_s), u"0"_s);

    Transaction transaction(star.database());
    QSqlQuery insert(star.database());
    QVERIFY(insert.exec(u"INSERT INTO ops_dirty_day VALUES (20261118)"_s));
    VERIFY_OK(transaction.commit());
    QCOMPARE(star.value(u"SELECT count(*) FROM ops_dirty_day"_s), u"1"_s);
}

void DatabaseTest::complaintsHaveCodes_data()
{
    QTest::addColumn<int>("native");
    QTest::addColumn<ErrorCode>("code");
    QTest::newRow("BUSY is busy") << 5 << ErrorCode::LocalListBusy;
    QTest::newRow("BUSY_SNAPSHOT is busy") << 517 << ErrorCode::LocalListBusy;
    QTest::newRow("BUSY_RECOVERY is busy, not damaged") << 261 << ErrorCode::LocalListBusy;
    QTest::newRow("LOCKED is busy") << 6 << ErrorCode::LocalListBusy;
    QTest::newRow("FULL is a full disk") << 13 << ErrorCode::LocalDiskFull;
    QTest::newRow("IOERR_SHMSIZE is a full disk") << 4874 << ErrorCode::LocalDiskFull;
    QTest::newRow("IOERR_WRITE is a broken disk") << 778 << ErrorCode::LocalDiskError;
    QTest::newRow("IOERR_FSYNC is a broken disk") << 1034 << ErrorCode::LocalDiskError;
    QTest::newRow("READONLY is a broken disk") << 8 << ErrorCode::LocalDiskError;
    QTest::newRow("CORRUPT is damaged") << 11 << ErrorCode::LocalListDamaged;
    QTest::newRow("NOTADB is damaged") << 26 << ErrorCode::LocalListDamaged;
    QTest::newRow("CONSTRAINT is our mistake") << 19 << ErrorCode::InternalUnknown;
}

void DatabaseTest::complaintsHaveCodes()
{
    QFETCH(int, native);
    QFETCH(ErrorCode, code);

    const Error error = databaseError(QSqlError(u"driver"_s, u"database"_s, QSqlError::StatementError, QString::number(native)));

    QCOMPARE(error.code, code);
    QCOMPARE(error.cause.sqlite, native);
}

QTEST_GUILESS_MAIN(DatabaseTest)
#include "tst_database.moc"
