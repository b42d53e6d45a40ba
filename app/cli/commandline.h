#pragma once

#include <QByteArray>
#include <QList>
#include <QString>
#include <QStringList>
#include <QUrl>
#include <QUuid>

#include <optional>
#include <variant>

namespace photolift::cli {

/// What every command takes.
struct CommonOptions {
    QString dataFolder;
    bool isJson = false;
};

/// Which server, and how long to be patient with it.
struct ServerOptions {
    QUrl server;       ///< empty: the embedded one
    QString tokenFile;
    qint64 waitMs = 15 * 60 * 1000; ///< without any progress
    std::optional<int> jobs;
    bool isResuming = false; ///< what somebody paused goes on
    qint64 rateLimit = -1; ///< bytes per second; 0: none; -1: as it was
    QString tuningFile;
};

struct UploadOptions {
    CommonOptions common;
    ServerOptions server;
    QList<QByteArray> paths; ///< bytes of the file system, as given
    QString project;
    bool isDryRun = false;
};

struct RetryOptions {
    CommonOptions common;
    ServerOptions server;
    bool isAll = false;
    QStringList ids; ///< item_id or client_upload_id
};

struct AttemptsOptions {
    CommonOptions common;
    bool isFailedOnly = false;
    int limit = 100;
};

struct InspectOptions {
    CommonOptions common;
    QList<QByteArray> files;
};

/// Photos that are on an organisation's server.
struct OwnPhotosOptions {
    enum class What { Download, Remove, Restore };
    CommonOptions common;
    ServerOptions server;
    What what = What::Download;
    QList<QUuid> ids; ///< of photos (item_id) or attempts (client_upload_id), or else of batches
    bool isBatch = false;
    QString into; ///< a folder, for Download
};

/// The projects of an organisation, for its coordinators.
struct ProjectsOptions {
    CommonOptions common;
    ServerOptions server;
    QUuid projectId; ///< to be set; null: all are listed
    QString state;   ///< open, complete or delivered
};

/// Nothing to do but to print this text.
struct Message {
    QString text;
    bool isError = false;
};

using Command = std::variant<Message, UploadOptions, RetryOptions, AttemptsOptions, InspectOptions, OwnPhotosOptions, ProjectsOptions>;

/// Reads the arguments behind the program's name. `arguments` are bytes: a path need not be UTF-8.
Command readCommandLine(const QList<QByteArray> &arguments);

/// "5M" -> 5,000,000 (K, M, G: powers of 1000; "5M/s" too), bytes per second. nullopt when it is none.
std::optional<qint64> readRate(QStringView text);
/// "90s", "15m", "2h", "500ms" or a number of seconds -> ms.
std::optional<qint64> readDuration(QStringView text);

} // namespace photolift::cli
