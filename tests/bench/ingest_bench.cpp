#include "app/server/work/rights.h"
#include "models/store/database.h"
#include "models/store/starbatch.h"
#include "tests/store/telemetry.h"
#include "tests/support/postgresrun.h"

#include <QCoreApplication>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QMap>
#include <QRegularExpression>
#include <QSqlDriver>
#include <QSqlQuery>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <libpq-fe.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift;

/// Telemetry into a real PostgreSQL, fsync on: our way (records -> one JSON parameter through QtSql -> ingest_events) beside the fastest one
/// known (COPY of prepared bytes through libpq into temporary tables, then the same upserts from there), in turns on two equal databases.
/// CPU is that of this process and of the connection's server process.
namespace {

constexpr int Rows = 1000;

struct Cost {
    double wall = 0;
    double cpu = 0;
};

[[noreturn]] void die(const QString &what)
{
    std::fprintf(stderr, "%s\n", qPrintable(what));
    std::exit(1);
}

double cpuOf(pid_t process)
{
    QFile stat(u"/proc/%1/stat"_s.arg(process));
    if (!stat.open(QIODevice::ReadOnly))
        return 0;
    const QByteArray line = stat.readAll();
    const QList<QByteArray> fields = line.mid(line.lastIndexOf(')') + 2).split(' ');
    return (fields.at(11).toDouble() + fields.at(12).toDouble()) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

template <typename Work> Cost costOf(pid_t backend, Work work)
{
    const double server = cpuOf(backend);
    const std::clock_t own = std::clock();
    const auto begin = std::chrono::steady_clock::now();
    work();
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
            static_cast<double>(std::clock() - own) / CLOCKS_PER_SEC + cpuOf(backend) - server};
}

store::PostgresAddress addressOf(support::PostgresRun &postgres, const QString &name)
{
    if (!postgres.makeDatabase(name))
        die(postgres.failure());
    return {.port = postgres.port(),
            .database = name,
            .user = postgres.user(),
            .password = postgres.password(),
            .authorityFile = postgres.authorityFile()};
}

QVariant ask(const QSqlDatabase &database, const QString &sql)
{
    QSqlQuery query(database);
    if (!query.exec(sql))
        die(sql.left(200) + u": "_s + query.lastError().text());
    return query.next() ? query.value(0) : QVariant();
}

/// COPY's text form.
QByteArray copyText(const QJsonValue &value)
{
    QByteArray text;
    if (value.isNull() || value.isUndefined())
        return "\\N";
    if (value.isBool())
        return value.toBool() ? "t" : "f";
    if (value.isDouble())
        return QByteArray::number(value.toDouble(), 'f', 0);
    text = value.isObject() ? QJsonDocument(value.toObject()).toJson(QJsonDocument::Compact) : value.toString().toUtf8();
    return text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n");
}

/// The other way: the lists of facts of `given` come out of temporary tables, everything else as it is.
class Copying
{
public:
    explicit Copying(const QSqlDatabase &database)
        : m_connection(*static_cast<PGconn *const *>(database.driver()->handle().constData()))
    {
        QString sql = ask(database, u"SELECT pg_get_functiondef('ingest_events(jsonb)'::regprocedure)"_s).toString();
        static const QRegularExpression list(
            u"jsonb_to_recordset\\(given -> '(attempts|uploads|stages|errors|photos)'\\) AS g \\(([^)]*)\\)"_s);
        for (auto it = list.globalMatch(sql); it.hasNext();) {
            const QRegularExpressionMatch match = it.next();
            for (const QString &column : match.captured(2).simplified().split(u','))
                m_columns[match.captured(1)][column.trimmed().section(u' ', 0, 0)] = column.trimmed().section(u' ', 1);
        }
        sql.replace(list, u"copied_\\1 AS g"_s).replace(u"FUNCTION public.ingest_events"_s, u"FUNCTION ingest_copied"_s);
        for (auto table = m_columns.cbegin(); table != m_columns.cend(); ++table) {
            QStringList columns;
            for (auto column = table->cbegin(); column != table->cend(); ++column)
                columns.append(column.key() + u' ' + column.value());
            (void)ask(database, u"CREATE TEMPORARY TABLE copied_%1 (%2) ON COMMIT DELETE ROWS"_s.arg(table.key(), columns.join(u',')));
        }
        (void)ask(database, sql);
    }

    struct Prepared {
        QMap<QString, QByteArray> rows;
        QByteArray given;
    };
    Prepared prepare(const store::StarBatch &batch) const
    {
        Prepared prepared;
        QJsonObject given = QJsonDocument::fromJson(batch.json()).object();
        for (auto table = m_columns.cbegin(); table != m_columns.cend(); ++table) {
            QByteArray lines;
            for (const QJsonValue row : given.take(table.key()).toArray()) {
                QByteArrayList cells;
                for (auto column = table->cbegin(); column != table->cend(); ++column)
                    cells.append(copyText(row[column.key()]));
                lines += cells.join('\t') + '\n';
            }
            prepared.rows.insert(table.key(), lines);
        }
        prepared.given = QJsonDocument(given).toJson(QJsonDocument::Compact);
        return prepared;
    }

    void write(const Prepared &prepared)
    {
        run("BEGIN", PGRES_COMMAND_OK);
        for (auto table = prepared.rows.cbegin(); table != prepared.rows.cend(); ++table) {
            if (table->isEmpty())
                continue;
            const QString columns = QStringList(m_columns.value(table.key()).keys()).join(u',');
            run(u"COPY copied_%1 (%2) FROM STDIN"_s.arg(table.key(), columns).toUtf8().constData(), PGRES_COPY_IN);
            if (PQputCopyData(m_connection, table->constData(), static_cast<int>(table->size())) != 1 || PQputCopyEnd(m_connection, nullptr) != 1)
                die(QString::fromUtf8(PQerrorMessage(m_connection)));
            while (PGresult *result = PQgetResult(m_connection)) {
                if (PQresultStatus(result) != PGRES_COMMAND_OK)
                    die(QString::fromUtf8(PQerrorMessage(m_connection)));
                PQclear(result);
            }
        }
        const char *values[] = {prepared.given.constData()};
        PGresult *result = PQexecParams(m_connection, "SELECT ingest_copied($1)", 1, nullptr, values, nullptr, nullptr, 0);
        if (PQresultStatus(result) != PGRES_TUPLES_OK)
            die(QString::fromUtf8(PQerrorMessage(m_connection)));
        PQclear(result);
        run("COMMIT", PGRES_COMMAND_OK);
    }

private:
    void run(const char *sql, ExecStatusType expected)
    {
        PGresult *result = PQexec(m_connection, sql);
        if (PQresultStatus(result) != expected)
            die(QString::fromUtf8(sql) + u": "_s + QString::fromUtf8(PQerrorMessage(m_connection)));
        PQclear(result);
    }

    PGconn *m_connection;
    QMap<QString, QMap<QString, QString>> m_columns;
};

void collect(store::StarBatch &batch, const QList<samples::Told> &rows)
{
    for (const samples::Told &told : rows) {
        if (!samples::tell(batch, told))
            die(u"a row was refused"_s);
    }
}

void race(const QString &name, const QList<samples::Told> &all, const store::PostgresAddress &ourAddress,
          const store::PostgresAddress &copyAddress)
{
    const auto ours = store::Connection::open(ourAddress);
    const auto copies = store::Connection::open(copyAddress);
    if (!ours || !copies)
        die(u"no connection"_s);
    (void)ask((*ours)->database(), u"SELECT set_config('photolift.account', 'local', false)"_s);
    Copying copying((*copies)->database());
    const auto ourBackend = static_cast<pid_t>(ask((*ours)->database(), u"SELECT pg_backend_pid()"_s).toInt());
    const auto copyBackend = static_cast<pid_t>(ask((*copies)->database(), u"SELECT pg_backend_pid()"_s).toInt());
    Cost our;
    Cost copy;
    int batches = 0;
    for (qsizetype from = 0; from + Rows <= all.size(); from += Rows, ++batches) {
        const QList<samples::Told> rows = all.mid(from, Rows);
        Copying::Prepared prepared;
        {
            store::StarBatch batch;
            collect(batch, rows);
            prepared = copying.prepare(batch);
        }
        const auto ourTurn = [&] {
            const Cost cost = costOf(ourBackend, [&] {
                store::StarBatch batch;
                collect(batch, rows);
                store::Transaction transaction((*ours)->database());
                if (const auto written = batch.flush((*ours)->database()); !written || !transaction.commit())
                    die(written ? u"no commit"_s : written.error().detail);
            });
            our.wall += cost.wall;
            our.cpu += cost.cpu;
        };
        const auto copyTurn = [&] {
            const Cost cost = costOf(copyBackend, [&] { copying.write(prepared); });
            copy.wall += cost.wall;
            copy.cpu += cost.cpu;
        };
        if (batches % 2 == 0) {
            ourTurn();
            copyTurn();
        } else {
            copyTurn();
            ourTurn();
        }
    }
    const double rows = batches * Rows;
    std::printf("%-28s %d batches of %d: ours %6.0f rows/s, %6.0f rows/CPU-s; COPY %6.0f rows/s, %6.0f rows/CPU-s; ratio %.2f wall, %.2f CPU\n",
                qPrintable(name), batches, Rows, rows / our.wall, rows / our.cpu, rows / copy.wall, rows / copy.cpu, copy.wall / our.wall,
                copy.cpu / our.cpu);
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    const int batches = argc > 1 ? QByteArray(argv[1]).toInt() : 60;
    support::PostgresRun postgres;
    if (!postgres.start(support::PostgresRun::Durability::Real))
        die(postgres.failure());
    const store::PostgresAddress ours = addressOf(postgres, u"ours"_s);
    const store::PostgresAddress copies = addressOf(postgres, u"copies"_s);
    for (const store::PostgresAddress &address : {ours, copies}) {
        const auto connection = store::Connection::open(address);
        if (!connection || !store::migrate((*connection)->database(), {u"star"_s, u"server"_s}))
            die(u"no star"_s);
        for (const QString &day : {u"2026-11-01"_s, u"2026-12-01"_s})
            (void)ask((*connection)->database(), u"SELECT ensure_month('%1')"_s.arg(day));
    }
    // Ours as the API has it: with its login, rows guarded. PHOTOLIFT_UNGUARDED shows what that costs.
    const bool isGuarded = !qEnvironmentVariableIsSet("PHOTOLIFT_UNGUARDED");
    store::PostgresAddress asApi = ours;
    if (isGuarded) {
        const auto connection = store::Connection::open(ours);
        for (const QString &role : {u"owner"_s, u"app"_s, u"worker"_s, u"retention"_s, u"analyst"_s})
            (void)ask((*connection)->database(), u"CREATE ROLE photolift_%1 LOGIN PASSWORD '%2'"_s.arg(role, ours.password));
        if (!server::giveRights((*connection)->database()))
            die(u"no rights"_s);
        for (const QString &user : {u"user0"_s, u"user1"_s, u"user2"_s}) // of tests/store/telemetry.h
            (void)ask((*connection)->database(), u"INSERT INTO server_users (user_id, account_id, user_name, role, created_ms)"
                                                 " VALUES ('%1', 'local', '%1', 'photographer', 0)"_s.arg(user));
        asApi.user = u"photolift_app"_s;
    }

    samples::Telemetry telemetry(1);
    QList<samples::Told> mixed;
    while (mixed.size() < batches * Rows)
        mixed += telemetry.rows(100);
    mixed.resize(batches * Rows);
    QList<samples::Told> attempts;
    while (attempts.size() < batches * Rows) {
        const QList<samples::Told> story = telemetry.shortAttempt();
        attempts.append(story.first());
    }
    race(u"all rows, as they happen"_s, mixed, asApi, copies);
    race(u"the same again (replay)"_s, mixed, asApi, copies);
    race(u"attempts only"_s, attempts, asApi, copies);
    return 0;
}
