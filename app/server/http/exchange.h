#pragma once

#include "app/server/http/rights_generated.h"
#include "models/vocabulary/result.h"
#include "models/vocabulary/role.h"

#include <QByteArray>
#include <QHash>
#include <QJsonObject>
#include <QList>
#include <QString>
#include <QUuid>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <variant>

/// What goes in and out of a route, without a word of the HTTP library: only listener, connection and peerstream know that.
/// A repeated or doubtful head never gets here (headrules.h).
namespace photolift::server {

/// Who asks: what the access token of a request says.
struct Caller {
    QString accountId; ///< the organisation or person everything they see belongs to
    QString userId;
    Role role = Role::Photographer;
    QUuid tokenId; ///< the device token behind it; null on the embedded server
};

struct HttpRequest {
    QByteArray method;
    QByteArray path;                       ///< decoded once, no query
    QByteArray query;                      ///< raw, behind the question mark
    QHash<QByteArray, QByteArray> headers; ///< names in lower case; a repeated header is refused before a route sees it
    QByteArray body;                       ///< whole; empty for streamed routes
    bool isBodyDamaged = false;            ///< the body is gzip that could not be inflated, as it came (Route::isDamagedGzipKept)
    QHash<QByteArray, QByteArray> captures; ///< of the pattern, such as {id}
    QString requestId;                     ///< ours, in the answer and the log
    Caller caller;                         ///< of routes with Access::Token; empty on all others
    QUuid correlation;                     ///< the client_upload_id sent along; null when none
    QByteArray peer;                       ///< the client's address as text, behind trusted proxies, too; for the log and limits
    bool isSecure = false;                 ///< the client speaks https
    QByteArray target;                     ///< path and query as they came on the line, for signatures
};

/// An answer's body that is too large to be held in memory for everybody who is slow to take it: read in pieces, each when the one before has gone. Calls
/// come one after the other, on the disk pool; they may block.
class BodySource
{
public:
    virtual ~BodySource() = default;
    virtual qint64 size() const = 0;
    /// The next bytes, as many as `piece` has room for, of which there are never more asked for than are left. After an error the connection is cut:
    /// the peer was promised size() bytes.
    virtual Result<> read(std::span<char> piece) = 0;
};

struct HttpResponse {
    int status = 200;
    QByteArray body;
    std::shared_ptr<BodySource> source; ///< instead of `body`, when there
    QByteArray contentType = "application/json";
    QList<std::pair<QByteArray, QByteArray>> headers; ///< besides those every answer carries
};

/// What the client dialled, for links that it is to dial next: scheme and Host, such as https://photos.example.
QByteArray originOf(const HttpRequest &request);
/// A success with a JSON object.
HttpResponse jsonResponse(int status, const QJsonObject &object);
/// RFC 9457 problem+json for this code; the detail goes to the log, never to the peer.
HttpResponse problemResponse(int status, const Error &error, const HttpRequest &request, std::optional<int> retryAfterSeconds = {});
/// The HTTP status that goes with a code when nothing more is known, such as 507 for STORAGE_NO_SPACE; 500 for all that is ours.
int httpStatusFor(ErrorCode code);

/// Answers once, from any thread; a second call is ignored. Dropping it unanswered answers 500.
using Responder = std::function<void(HttpResponse)>;
/// Runs on an I/O thread and must not block: real work is posted elsewhere.
using Handler = std::function<void(const HttpRequest &, Responder)>;

/// Takes one streamed body. All calls come one after the other, on the disk pool; it may block.
class BodySink
{
public:
    virtual ~BodySink() = default; ///< without finish(): the body was torn, leave nothing behind
    virtual Result<> write(QByteArrayView chunk) = 0;
    virtual HttpResponse finish() = 0;
};
/// Judges the head of a streamed request before a byte of the body is read (signature, length, limits): a sink, or the refusal.
/// Runs on the disk pool. contentLength is -1 when none was sent: such a request is to be refused.
using SinkMaker = std::function<std::variant<std::unique_ptr<BodySink>, HttpResponse>(const HttpRequest &, qint64 contentLength)>;

enum class Access {
    Token,  ///< `Authorization: Bearer`, checked before the body is read
    Signed, ///< a presigned link; the route checks the signature itself
    Open,   ///< nothing to protect (healthz)
};

/// One line of resources/rights.csv: the one place that says which routes there are and who may call them.
struct RouteRight {
    const char *name;
    const char *method;
    const char *pattern; ///< such as /v1/uploads/{id}/commit
    Access access = Access::Token;
    RoleSet roles; ///< with Access::Token; whoever is not in it is refused
};
/// Indexed by RouteName.
std::span<const RouteRight> allRights();

class CallLimit;

struct Route {
    /// A route without a line in resources/rights.csv has no name, so it cannot be made.
    explicit Route(RouteName name);
    explicit Route(const RouteRight &right);

    QByteArray method;
    QByteArray pattern;
    Access access = Access::Token;
    RoleSet roles;
    qint64 maxBodyBytes = 0; ///< more is 413, before a byte of it is read
    bool isGzipAccepted = false; ///< inflated before the handler, maxBodyBytes counts afterwards
    bool isDamagedGzipKept = false; ///< a body that cannot be inflated goes to the handler as it came; else it is 400
    std::shared_ptr<CallLimit> limit; ///< of calls, judged before the body is read; none when null
    /// Told of each request with a right token whose role is not among `roles`, before it is answered; none when empty. Must not block.
    std::function<void(const HttpRequest &)> onRoleRefused;
    Handler handler;             ///< either this
    SinkMaker sinkMaker;         ///< or this
};

} // namespace photolift::server
