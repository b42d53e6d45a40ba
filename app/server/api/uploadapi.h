#pragma once

#include "app/server/http/exchange.h"
#include "app/server/objects/objectstore.h"
#include "app/server/work/detaildays.h"
#include "app/server/work/processroles.h"
#include "models/store/postgresaddress.h"

#include <QList>
#include <QString>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace photolift::server {

class Examiner;

/// The upload API and everything behind it: the server's database, the worker of the six server stages, the sweep.
/// One object per data folder. Give its routes to an HttpServer, start() it, then start the HttpServer; stop() before the HttpServer's
/// stop(), so that waiting answers leave first. Paths, methods and messages: resources/openapi.yaml.
class UploadApi
{
public:
    struct Options {
        QString dataFolder;    ///< holds server.sqlite; made when missing
        ProcessRoles roles; ///< without `api` routes() are of no use: nobody is recognised
        std::optional<store::PostgresAddress> postgres; ///< the database, instead of server.sqlite
        std::optional<store::PostgresAddress> workerLogin;    ///< of worker and scheduler; `postgres` unless it is another user
        std::optional<store::PostgresAddress> retentionLogin; ///< likewise
        std::optional<store::PostgresAddress> analyticsReplica; ///< of `postgres`, for what is only shown
        QString storageFolder; ///< where the photos lie, for people to read (Info::storageFolder); empty on S3
        QString photoProgram;  ///< path of photolift-photo
        bool isSandboxRequired = false; ///< start() fails with API_SERVER_ERROR when photos cannot be opened in a sandbox (models/photo/sandbox.h)
        std::function<std::unique_ptr<Examiner>()> makeExaminer; ///< in place of photoProgram, for tests
        QString decoder; ///< what photoProgram opens photos with and their versions; empty: it is asked at start
        QString serverVersion = QStringLiteral(PHOTOLIFT_VERSION);
        /// Who this process is among several on one database, the same in each of its lives, and of no other process at the same time;
        /// empty: it is the only one.
        QString home;
        int readingThreads = 4;   ///< of the database, besides the writing ones; questions begin uploads in the store on them
        int writingThreads = 4;   ///< of PostgreSQL; SQLite has one
        int receivingThreads = 2; ///< assemble and re-read: a client waits for these
        int examiningThreads = 2; ///< validation and everything behind it, at lowest priority
        int waitingRequests = 2000; ///< for the database, before 503
        std::optional<int> backupsKeptDays; ///< recorded with each purge; nullopt: not stated
        DetailDays details;
        std::chrono::milliseconds lease{60000};
        std::chrono::milliseconds finishFor{0}; ///< stop() waits so long for the worker's photos at hand
        std::chrono::milliseconds retryBase{2000}; ///< policy `long` of the worker: doubled, up to retryCap
        std::chrono::milliseconds retryCap{60000};
        std::chrono::milliseconds rereadEvery{0}; ///< everything that is stored, once in so long; 0: never
        std::chrono::milliseconds sweepEvery{3600 * 1000}; ///< and look for the next month
        /// An unfinished upload nobody touched. With the wait for the next round, and half an hour for that, it is gone within the 24 h that are promised.
        std::chrono::milliseconds staleAfter{(22 * 60 + 30) * 60 * 1000};
        std::chrono::milliseconds gatherChanges{25}; ///< a waiting status call collects changes for so long before it answers
        std::chrono::milliseconds waitForEqualBytes{10000}; ///< a question waits so long for what the worker says of the same bytes, then 503
        std::chrono::milliseconds lookAtTokensEvery{15000}; ///< who was shut out is known after so long (FAULTS C-9: 60 s)
        // A minute, of one token; of one address a hundred times as many (http/calllimit.h).
        int eventBatchesPerMinute = 60;
        int linksPerMinute = 6000; ///< for parts, with the answer to a question or later, and to photos that are fetched
        int exchangesPerMinute = 5; ///< of one device token
        int refusedExchangesPerMinute = 20; ///< of one address, for a device token that is not known
        qint64 reservedBytes = 64LL * 1024 * 1024; ///< free space an upload may not use up
        /// Wall time for one photo. Long, because the child runs only when nobody else wants the processor; what bounds a hostile
        /// photo is its 30 s of processor time.
        int helperDeadlineMs = 600000;
    };

    /// The store outlives it.
    UploadApi(Options options, ObjectStore &store);
    ~UploadApi(); ///< stop()
    UploadApi(const UploadApi &) = delete;
    UploadApi &operator=(const UploadApi &) = delete;

    /// Valid before start() and until destruction; before start() and after stop() they answer 503 API_UNAVAILABLE.
    QList<Route> routes();
    /// GET /metrics, and /healthz and /readyz once more: for a listener of its own, where no stranger comes.
    QList<Route> metricsRoutes();
    /// What this process counts; give HttpServer::Options::onAnswered its requests (countRequests()).
    std::function<void(const Route *, int, std::chrono::nanoseconds)> countRequests() const;
    /// Whose access token this is, for the HttpServer of an organisation; any thread.
    std::optional<Caller> recognise(QByteArrayView accessToken) const;
    /// Opens and migrates the database, takes up unfinished jobs. LOCAL_LIST_BUSY, LOCAL_LIST_TOO_NEW, LOCAL_DISK_... otherwise.
    /// Needs a QCoreApplication; call it on a thread that lives on until stop().
    Result<> start();
    /// Wakes waiting status calls, ends the worker after the step at hand, closes the database. Blocks for at most that step.
    void stop();

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::server
