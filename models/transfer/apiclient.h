#pragma once

#include "models/vocabulary/person.h"
#include "models/wire/messages.h"

#include <QByteArray>
#include <QFuture>
#include <QObject>
#include <QUrl>

#include <memory>
#include <optional>
#include <variant>

namespace photolift::transfer {

/// Why a control call did not work, with what a retry policy and an error record need.
struct ApiFault {
    Error error; ///< its cause: status 0 means that no answer came
    QString requestId;
    std::optional<qint64> retryAfterMs;
};

template <typename T> struct ApiAnswer {
    std::optional<T> value;
    ApiFault fault; ///< only when there is no value
    explicit operator bool() const { return value.has_value(); }
};

/// The control calls: JSON through QNetworkAccessManager. One call is one request; each carries an idempotency key, because Qt
/// may send it twice (FAULTS M1). No retries here. Lives on the thread that made it, and answers there.
class ApiClient final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ApiClient)
public:
    explicit ApiClient(QObject *parent = nullptr);
    ~ApiClient() override;

    /// Where the server is and with which token: an access token as it is (the embedded server's), or a device token, which is exchanged
    /// for access tokens when a call needs one (INITIATION_TOKEN_EXPIRED and API_ACCOUNT_CLOSED are then such a call's fault). An empty
    /// one is nobody's: INITIATION_TOKEN_EXPIRED without a request. May change at any time (the embedded server restarted on another port).
    void setServer(const QUrl &baseUrl, const QByteArray &token);
    QUrl server() const;
    /// PEM certificates that count besides the system's, in place of those given before.
    void setCaBundle(const QByteArray &pem);
    /// How long a call may wait without a byte (default 30 s; status adds the seconds it asks the server to wait), and for a
    /// connection (default 15 s).
    void setTimeouts(int transferMs, int connectMs);
    /// server clock - our clock, ms, from the last answer's Date or info; 0 before.
    qint64 clockOffsetMs() const;

    /// Each future ends with exactly one answer, also when the client goes away (INTERNAL_UNKNOWN then; nobody should be left to
    /// hear it).
    /// Exchanges the device token once, whatever is known of it, and says for whom: the question of somebody who types it.
    QFuture<ApiAnswer<wire::TokenAnswer>> signIn();
    static Person personOf(const wire::TokenAnswer &answer);
    QFuture<ApiAnswer<wire::Info>> info();
    QFuture<ApiAnswer<wire::Offer>> ask(const wire::Question &question);
    QFuture<ApiAnswer<wire::LinkAnswer>> links(const QUuid &correlation, const QUuid &uploadId, const wire::LinkRequest &request);
    QFuture<ApiAnswer<std::monostate>> commit(const QUuid &uploadId, const wire::Commit &commit);
    QFuture<ApiAnswer<wire::AbortAnswer>> abort(const QUuid &correlation, const QUuid &uploadId);
    QFuture<ApiAnswer<wire::StatusAnswer>> status(const wire::StatusQuery &query);
    /// Photos of the person that are there: removed, or taken back. The server keeps TRANSFER_UPLOAD_GONE for whoever has none of that id.
    enum class Which { Photo, Batch };
    QFuture<ApiAnswer<wire::RemovalAnswer>> setRemoved(Which which, const QUuid &id, bool isRemoved);
    QFuture<ApiAnswer<wire::PhotoLink>> photoLink(const QUuid &id);
    /// A page of the projects of the account, for coordinators; `after` is `next` of the page before.
    QFuture<ApiAnswer<wire::ProjectsAnswer>> projects(const QString &after = {});
    /// open, complete or delivered; PROJECT_DELETED when the account has none of this id.
    QFuture<ApiAnswer<std::monostate>> setProjectState(const QUuid &projectId, const QString &state);
    /// One NDJSON batch, gzip made here.
    QFuture<ApiAnswer<wire::EventsAnswer>> events(const QUuid &batchId, const QByteArray &ndjson);

Q_SIGNALS:
    void signedIn(const photolift::Person &person); ///< each time the device token was exchanged for the calls that wait

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::transfer
