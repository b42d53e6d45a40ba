#pragma once

#include "app/server/api/uploadapi.h"
#include "app/server/work/helperhost.h"
#include "models/store/dialect.h"
#include "tests/server/memorystore.h"
#include "tests/support/postgresrun.h"

#include <QHash>
#include <QSqlDatabase>
#include <QTemporaryDir>

#include <latch>
#include <mutex>

namespace photolift::test {

/// Stands for photolift-photo: says what a test tells it to say of certain bytes, and what a healthy photo gives of all others.
class ScriptedExaminer final : public server::Examiner
{
public:
    /// Shared with the test: what an order for a photo of this size ends with, and how often each order was given.
    struct Script {
        std::mutex mutex;
        QHash<qint64, Error> failures; ///< by size of the photo
        QList<photo::HelperStep> steps; ///< said of each photo that is sound
        QHash<int, int> orders;        ///< by photo::Order
        std::shared_ptr<std::latch> held; ///< when there: no photo is looked at before it opens
    };
    explicit ScriptedExaminer(std::shared_ptr<Script> script);
    Result<photo::HelperAnswer> run(photo::Order order, int descriptor, const QString &mediaType, int side,
                                    const std::atomic<bool> &isStopping) override;

private:
    std::shared_ptr<Script> m_script;
};

/// A photo as a client brings it.
struct Photo {
    QByteArray bytes;
    QString sha256;
    wire::Question question;
};
/// A JPEG of its own bytes, in a slot of its own; same project and device.
Photo photoOf(int seed, const QString &path = {}, qint64 size = 0);
/// The same photo of the same folder, as a second client brings it: every id is its own, the project's, too.
Photo ofAnotherClient(Photo photo);
/// Another try of the same queued photo.
Photo nextAttempt(const Photo &photo);
wire::Commit commitOf(const Photo &photo);

/// The upload API over a store in memory, asked as the HTTP server would ask it.
class ApiRig
{
public:
    /// On SQLite; with an address on that database of PostgreSQL, which is migrated: each role with its own login, all of that password.
    explicit ApiRig(std::optional<store::PostgresAddress> administrator = {});
    ~ApiRig();

    void start(); ///< on the same database and store; again after stop()
    void stop();

    struct Answer {
        int status = 0;
        QJsonObject json;
        QList<std::pair<QByteArray, QByteArray>> headers;
        QString code() const { return json.value(QLatin1StringView("code")).toString(); }
    };
    static constexpr const char *WithoutKey = "without";
    /// Blocks until the answer is there. `path` as the server has decoded it; `key`: the idempotency key, a new one when empty, none when WithoutKey.
    Answer call(const QByteArray &method, const QByteArray &path, const QByteArray &body = {}, QByteArray key = {}, const QUuid &correlation = {},
                const QByteArray &query = {});
    /// Gives the handler its request and returns at once.
    std::shared_ptr<std::optional<Answer>> callLater(const QByteArray &method, const QByteArray &path, const QByteArray &body);

    wire::Offer ask(const Photo &photo);
    Answer askRaw(const Photo &photo, QByteArray key = {});
    /// Puts all parts where the links point.
    void put(const wire::Offer &offer, const Photo &photo);
    Answer commit(const QUuid &uploadId, const Photo &photo, QByteArray key = {});
    wire::AbortAnswer abort(const QUuid &uploadId);
    wire::StatusAnswer status(const QUuid &uploadId, int version = 0, int waitSeconds = 0);
    /// Asks until the upload's status fulfils the condition, at most 10 s.
    wire::UploadStatus statusWhen(const QUuid &uploadId, const std::function<bool(const wire::UploadStatus &)> &condition);
    /// Ask, put, commit, wait for the end.
    wire::UploadStatus upload(const Photo &photo);
    Answer events(const QList<wire::MirrorEvent> &events, QByteArray key = {});

    /// First column of the first row; the database as the next process would see it. The SQL is that of models/store/dialect.h.
    QVariant sql(const QString &query) const;
    /// What another program, or an earlier version of this one, may have written; only while it is stopped.
    void change(const QString &query) const;

    server::Caller caller{QStringLiteral("local"), QStringLiteral("local"), Role::Admin, {}}; ///< of every call
    QByteArray userAgent; ///< likewise; empty: none
    MemoryStore store;
    std::shared_ptr<ScriptedExaminer::Script> script = std::make_shared<ScriptedExaminer::Script>();
    server::UploadApi::Options options;
    std::unique_ptr<server::UploadApi> api;

    /// A connection of its own, of the administrator of the database, whom no row is hidden from.
    void onDatabase(const std::function<void(const QSqlDatabase &)> &use) const;

private:
    const std::optional<store::PostgresAddress> m_administrator;
    QTemporaryDir m_folder;
};

/// Gives each test of a class a turn on SQLite and one on PostgreSQL: addTurns() in initTestCase_data(), start() in initTestCase(),
/// rig() in init().
class BothEngines
{
public:
    static void addTurns();
    /// False, with the reason in failure(), when there is no PostgreSQL.
    bool start();
    QString failure() const { return m_postgres.failure(); }
    /// A rig of its own, not started, on the engine whose turn it is.
    std::unique_ptr<ApiRig> rig();
    /// On this engine.
    std::unique_ptr<ApiRig> rig(store::Engine engine);
    /// For tests that take it away and bring it back.
    support::PostgresRun &postgres() { return m_postgres; }

private:
    store::PostgresAddress administrator(const QString &database) const;
    void tell(const QString &database, const QString &statement) const;

    support::PostgresRun m_postgres;
    int m_databases = 0;
};

/// The same database as another user.
store::PostgresAddress as(store::PostgresAddress address, const QString &user);

QByteArray jsonBytes(const QJsonObject &object);

} // namespace photolift::test
