#include "models/transfer/apiclient.h"

#include "models/transfer/apiverdict.h"
#include "models/transfer/gzip.h"
#include "models/transfer/logging.h"
#include "models/transfer/proxyfinder.h"
#include "models/vocabulary/correlation.h"
#include "models/vocabulary/ids.h"

#include <QCryptographicHash>
#include <QDeadlineTimer>
#include <QJsonDocument>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QPromise>
#include <QSslConfiguration>
#include <QTimer>
#include <QUrlQuery>

#include <cmath>
#include <openssl/crypto.h>

using namespace Qt::StringLiterals;

namespace photolift::transfer {

namespace {

struct Call {
    QByteArray method = "POST";
    QString path; ///< below the server's address, such as v1/info
    QByteArray body = {};
    QUuid correlation = {};
    QUuid idempotencyKey = {};
    int waitsMs = 0; ///< longer than usual: the server was asked to wait
    QString query = {};
    bool isNdjson = false;
    bool isOpen = false; ///< goes without an access token
};

/// An access token is renewed while it is still good, so that no call meets its end on the way.
constexpr std::chrono::seconds EarlyRenewal{60};
/// A device token that was refused is not asked about for each waiting photo: servers limit how often (FAULTS C-27).
constexpr std::chrono::seconds AskAgainAfter{30};
/// What a server may ask us to wait before the next exchange (FAULTS, `server_asked`).
constexpr std::chrono::milliseconds LeastPause{std::chrono::seconds(1)};
constexpr std::chrono::milliseconds MostPause{std::chrono::minutes(15)};

/// Of names as long as can be, so many stay below wire::MaxJsonBytes.
constexpr int ProjectsPerPage = 100;

template <typename T> using Reader = std::function<Result<T>(const QJsonObject &)>;

QByteArray jsonBody(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

/// The same attempt asking the same thing has the same key, after a crash too; another body has another key, so that a server
/// which compares bodies never sees one key with two. A UUIDv7 as FAULTS asks, with the instant of the attempt.
QUuid keyFor(const QUuid &attempt, const QString &path, const QByteArray &body)
{
    // Not the fingerprint of a photo: a few hundred bytes, where QCryptographicHash costs nothing that matters.
    QCryptographicHash hash(QCryptographicHash::Sha256);
    hash.addData(attempt.toRfc4122());
    hash.addData(path.toUtf8());
    hash.addData(body);
    QByteArray bytes = attempt.toRfc4122().left(6) + hash.result().left(10);
    bytes[6] = char((bytes[6] & 0x0f) | 0x70);
    bytes[8] = char((bytes[8] & 0x3f) | 0x80);
    return QUuid::fromRfc4122(bytes);
}

} // namespace

class ApiClient::Private
{
public:
    explicit Private(ApiClient *client)
        : q(client)
    {
        network.setProxyFactory(new SystemProxies); // the manager owns it
        network.setRedirectPolicy(QNetworkRequest::ManualRedirectPolicy);
        network.setAutoDeleteReplies(false);
        ssl.setProtocol(QSsl::TlsV1_2OrLater);
    }

    /// Sends the call as soon as there is an access token for it.
    template <typename T> QFuture<ApiAnswer<T>> run(const Call &call, Reader<T> reader);
    template <typename T> void send(const Call &call, Reader<T> reader, std::function<void(ApiAnswer<T>)> done);
    bool hasAccess() const { return !isDeviceToken() || (!accessToken.isEmpty() && !accessUntil.hasExpired()); }
    bool isDeviceToken() const { return token.startsWith(wire::DeviceTokenPrefix); }
    /// Calls back at once, or when a device token was exchanged: with the fault when that did not work.
    void withAccess(std::function<void(const ApiFault *)> next);
    Call exchangeCall() const;
    void exchange();
    QNetworkRequest requestFor(const Call &call) const;
    ApiEnd endOf(QNetworkReply &reply) const;
    void learnClock(const AnswerHead &head);

    ApiClient *q;
    QNetworkAccessManager network;
    QSslConfiguration ssl = QSslConfiguration::defaultConfiguration();
    QUrl base;
    QByteArray token;       ///< as given
    QByteArray accessToken; ///< what calls bear: the one given, or what a device token was exchanged for
    QDeadlineTimer accessUntil{QDeadlineTimer::Forever};
    std::optional<ApiFault> refused; ///< the exchange's that is not to be repeated before `refusedUntil`: everybody's fault until then
    QDeadlineTimer refusedUntil;
    QList<std::function<void(const ApiFault *)>> waiting; ///< for the exchange under way; empty: none is
    int generation = 0; ///< of the server and token: an exchange for an earlier one is not ours any more
    int transferTimeoutMs = 30000;
    int connectTimeoutMs = 15000;
    std::optional<qint64> clockOffsetMs;
};

QNetworkRequest ApiClient::Private::requestFor(const Call &call) const
{
    QUrl url = base;
    QString path = base.path();
    if (!path.endsWith(u'/'))
        path += u'/';
    url.setPath(path + call.path);
    url.setQuery(call.query);
    QNetworkRequest request(url);
    request.setSslConfiguration(ssl);
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    request.setTransferTimeout(transferTimeoutMs + call.waitsMs);
    request.setRawHeader("User-Agent", QByteArray(wire::ClientName) + PHOTOLIFT_VERSION);
    request.setRawHeader("Accept", "application/json, application/problem+json");
    if (!call.isOpen)
        request.setRawHeader("Authorization", "Bearer " + accessToken);
    if (!call.correlation.isNull())
        request.setRawHeader(wire::CorrelationHeader, idText(call.correlation).toLatin1());
    if (call.method == "POST") {
        request.setRawHeader(wire::IdempotencyHeader, idText(call.idempotencyKey).toLatin1());
        request.setHeader(QNetworkRequest::ContentTypeHeader,
                          call.isNdjson ? u"application/x-ndjson"_s : u"application/json"_s);
        if (call.isNdjson)
            request.setRawHeader("Content-Encoding", "gzip");
    }
    return request;
}

void ApiClient::Private::withAccess(std::function<void(const ApiFault *)> next)
{
    if (token.isEmpty()) {
        const ApiFault nobody{{ErrorCode::InitiationTokenExpired, QStringLiteral("nobody is signed in")}, {}, {}};
        return next(&nobody);
    }
    if (hasAccess())
        return next(nullptr);
    if (refused && !refusedUntil.hasExpired()) {
        if (refused->retryAfterMs)
            refused->retryAfterMs = refusedUntil.remainingTime();
        return next(&*refused);
    }
    waiting.append(std::move(next));
    if (waiting.size() == 1)
        exchange();
}

Call ApiClient::Private::exchangeCall() const
{
    const QByteArray body = jsonBody(wire::toJson(wire::TokenRequest{QString::fromLatin1(token)}));
    return {.path = u"v1/token"_s, .body = body, .idempotencyKey = newUuid7(), .isOpen = true};
}

/// One exchange for all calls that wait (FAULTS C-8). Its fault is theirs; the policy of each says what comes then.
void ApiClient::Private::exchange()
{
    const int asked = generation;
    send<wire::TokenAnswer>(exchangeCall(), wire::tokenAnswerFromJson,
                            [this, asked](const ApiAnswer<wire::TokenAnswer> &answer) {
                                if (asked != generation && !hasAccess())
                                    return exchange(); // the calls that wait want the server there is now
                                if (asked == generation && answer) {
                                    accessToken = answer.value->accessToken.toLatin1();
                                    accessUntil = QDeadlineTimer(std::chrono::seconds(answer.value->expiresSeconds) - EarlyRenewal);
                                    Q_EMIT q->signedIn(personOf(*answer.value));
                                }
                                const bool isShutOut = !answer
                                    && (answer.fault.error.code == ErrorCode::InitiationTokenExpired || answer.fault.error.code == ErrorCode::ApiAccountClosed);
                                const auto askedToWait = answer ? std::nullopt : answer.fault.retryAfterMs;
                                if (asked == generation && (isShutOut || askedToWait)) {
                                    refused = answer.fault;
                                    refusedUntil = QDeadlineTimer(isShutOut ? std::chrono::milliseconds(AskAgainAfter)
                                                                            : std::clamp(std::chrono::milliseconds(*askedToWait), LeastPause, MostPause));
                                }
                                for (const auto &next : std::exchange(waiting, {}))
                                    next(hasAccess() ? nullptr : &answer.fault);
                            });
}

template <typename T> QFuture<ApiAnswer<T>> ApiClient::Private::run(const Call &call, Reader<T> reader)
{
    // Kept by the handlers of the reply, or by those who wait for access, and by nobody else.
    struct Promised {
        QPromise<ApiAnswer<T>> promise;
        bool isAnswered = false;
        void answer(ApiAnswer<T> answer)
        {
            isAnswered = true;
            promise.addResult(std::move(answer));
            promise.finish();
        }
        ~Promised()
        {
            if (!isAnswered)
                answer({{}, {{ErrorCode::InternalUnknown, QStringLiteral("the client went away")}, {}, {}}});
        }
    };
    const auto promised = std::make_shared<Promised>();
    promised->promise.start();
    QFuture<ApiAnswer<T>> future = promised->promise.future();
    const auto next = [this, call, reader = std::move(reader), promised](const ApiFault *fault) {
        if (fault)
            promised->answer({{}, *fault});
        else
            send<T>(call, reader, [promised](ApiAnswer<T> answer) { promised->answer(std::move(answer)); });
    };
    if (call.isOpen)
        next(nullptr);
    else
        withAccess(next);
    return future;
}

/// One request, one answer.
template <typename T> void ApiClient::Private::send(const Call &call, Reader<T> reader, std::function<void(ApiAnswer<T>)> done)
{
    struct State {
        bool wasSent = false;
        bool wasTooLong = false;
        QSslCertificate untrusted; ///< of the server, for whoever has to find out why
    };
    const auto state = std::make_shared<State>();
    const QNetworkRequest request = requestFor(call);
    QNetworkReply *reply = call.method == "GET" ? network.get(request) : network.post(request, call.body);
    QObject::connect(reply, &QNetworkReply::requestSent, q, [state] { state->wasSent = true; });
    QObject::connect(reply, &QNetworkReply::sslErrors, q, [state](const QList<QSslError> &errors) { state->untrusted = errors.value(0).certificate(); });
    QObject::connect(reply, &QNetworkReply::downloadProgress, q, [state, reply](qint64 received, qint64) {
        if (received <= wire::MaxJsonBytes || state->wasTooLong)
            return;
        state->wasTooLong = true;
        reply->abort();
    });
    // Qt has no limit of its own for connecting. The timer belongs to the reply and goes with it.
    auto *connecting = new QTimer(reply);
    connecting->setSingleShot(true);
    QObject::connect(connecting, &QTimer::timeout, q, [state, reply] {
        if (!state->wasSent)
            reply->abort();
    });
    connecting->start(connectTimeoutMs);
    QObject::connect(reply, &QNetworkReply::finished, q, [this, state, reply, call, reader = std::move(reader), done = std::move(done)] {
        reply->deleteLater();
        ApiEnd end = endOf(*reply);
        end.wasSent = state->wasSent;
        if (!state->untrusted.isNull())
            end.errorText += u" (certificate issued by %1, valid until %2)"_s.arg(state->untrusted.issuerDisplayName(), state->untrusted.expiryDate().toString(Qt::ISODate));
        end.wasTooLong = state->wasTooLong;
        ApiAnswer<T> answer;
        if (const std::optional<ApiFault> fault = judgeCall(end, nowMs())) {
            answer.fault = *fault;
        } else {
            learnClock(end.head);
            const Result<QJsonObject> object = end.body.isEmpty() ? Result<QJsonObject>(QJsonObject()) : wire::parseObject(end.body);
            Result<T> value = object ? reader(*object) : Result<T>(object.error());
            if (value)
                answer.value = std::move(*value);
            else
                answer.fault = {{value.error().code, value.error().detail, {.httpStatus = end.head.status}}, end.head.requestId(), {}};
        }
        // Shut out before its time: the next call gets a new one, or hears why not.
        if (!answer && answer.fault.error.code == ErrorCode::ApiTokenExpired && isDeviceToken())
            accessToken.clear();
        if (!answer) {
            const CorrelationScope scope(call.correlation);
            qCInfo(lcTransfer).noquote() << call.method << call.path << errorName(answer.fault.error.code) << answer.fault.error.detail
                                         << answer.fault.requestId;
        }
        done(std::move(answer));
    });
}

ApiEnd ApiClient::Private::endOf(QNetworkReply &reply) const
{
    ApiEnd end;
    end.error = reply.error();
    end.errorText = reply.errorString().remove(reply.url().toString()); // the log keeps addresses out
    end.head.status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    for (const auto &[name, value] : reply.rawHeaderPairs())
        end.head.headers.insert(name.toLower(), value);
    if (reply.isOpen())
        end.body = reply.read(wire::MaxJsonBytes + 1);
    return end;
}

void ApiClient::Private::learnClock(const AnswerHead &head)
{
    // Date has whole seconds: good enough to see a wrong clock, too coarse to improve what info said to the millisecond.
    const std::optional<qint64> date = head.dateMs();
    if (!date)
        return;
    const qint64 offset = *date + 500 - nowMs();
    if (!clockOffsetMs || std::abs(offset - *clockOffsetMs) > 2000)
        clockOffsetMs = offset;
}

ApiClient::ApiClient(QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this))
{
}

ApiClient::~ApiClient()
{
    d.reset();
    // What OpenSSL keeps for this thread. Qt's threads say that they have ended before their destructors run, and at the end of the
    // program OpenSSL may have cleaned up by then: it would be leaked.
    OPENSSL_thread_stop();
}

void ApiClient::setServer(const QUrl &baseUrl, const QByteArray &token)
{
    if (baseUrl != d->base)
        d->clockOffsetMs.reset();
    d->base = baseUrl;
    d->token = token;
    ++d->generation;
    d->accessToken = d->isDeviceToken() ? QByteArray() : token;
    d->accessUntil = QDeadlineTimer(QDeadlineTimer::Forever);
    d->refused.reset();
}

Person ApiClient::personOf(const wire::TokenAnswer &answer)
{
    return {answer.userName, roleFromName(answer.role).value_or(Role::Photographer)}; // read already: it is one of them
}

QUrl ApiClient::server() const
{
    return d->base;
}

void ApiClient::setCaBundle(const QByteArray &pem)
{
    // Not addCaCertificates(): Qt stops loading the system's own on demand once the list was touched.
    d->ssl.setCaCertificates(QSslConfiguration::systemCaCertificates() + QSslCertificate::fromData(pem, QSsl::Pem));
    d->network.clearConnectionCache(); // kept connections keep the trust they were made with
}

void ApiClient::setTimeouts(int transferMs, int connectMs)
{
    d->transferTimeoutMs = transferMs;
    d->connectTimeoutMs = connectMs;
}

qint64 ApiClient::clockOffsetMs() const
{
    return d->clockOffsetMs.value_or(0);
}

QFuture<ApiAnswer<wire::TokenAnswer>> ApiClient::signIn()
{
    return d->run<wire::TokenAnswer>(d->exchangeCall(), wire::tokenAnswerFromJson);
}

QFuture<ApiAnswer<wire::Info>> ApiClient::info()
{
    const qint64 asked = nowMs();
    return d->run<wire::Info>({.method = "GET", .path = u"v1/info"_s}, [this, asked](const QJsonObject &json) {
        const Result<wire::Info> info = wire::infoFromJson(json);
        if (info)
            d->clockOffsetMs = info->serverTimeMs - (asked + nowMs()) / 2;
        return info;
    });
}

QFuture<ApiAnswer<wire::Offer>> ApiClient::ask(const wire::Question &question)
{
    const QUuid attempt = question.attempt.clientUploadId;
    const QString path = u"v1/uploads"_s;
    const QByteArray body = jsonBody(wire::toJson(question));
    return d->run<wire::Offer>({.path = path, .body = body, .correlation = attempt, .idempotencyKey = keyFor(attempt, path, body)},
                               wire::offerFromJson);
}

QFuture<ApiAnswer<wire::LinkAnswer>> ApiClient::links(const QUuid &correlation, const QUuid &uploadId, const wire::LinkRequest &request)
{
    // A fresh key: links are short-lived, and an answer remembered from before would hold old ones.
    return d->run<wire::LinkAnswer>({.path = u"v1/uploads/%1/links"_s.arg(idText(uploadId)), .body = jsonBody(wire::toJson(request)),
                                     .correlation = correlation, .idempotencyKey = newUuid7()},
                                    wire::linkAnswerFromJson);
}

QFuture<ApiAnswer<std::monostate>> ApiClient::commit(const QUuid &uploadId, const wire::Commit &commit)
{
    const QUuid attempt = commit.attempt.clientUploadId;
    const QString path = u"v1/uploads/%1/commit"_s.arg(idText(uploadId));
    const QByteArray body = jsonBody(wire::toJson(commit));
    return d->run<std::monostate>({.path = path, .body = body, .correlation = attempt, .idempotencyKey = keyFor(attempt, path, body)},
                                  [](const QJsonObject &) { return Result<>(); });
}

QFuture<ApiAnswer<wire::AbortAnswer>> ApiClient::abort(const QUuid &correlation, const QUuid &uploadId)
{
    const QString path = u"v1/uploads/%1/abort"_s.arg(idText(uploadId));
    const QByteArray body = jsonBody({});
    return d->run<wire::AbortAnswer>({.path = path, .body = body, .correlation = correlation, .idempotencyKey = keyFor(correlation, path, body)},
                                     wire::abortAnswerFromJson);
}

QFuture<ApiAnswer<wire::StatusAnswer>> ApiClient::status(const wire::StatusQuery &query)
{
    return d->run<wire::StatusAnswer>({.path = u"v1/status"_s, .body = jsonBody(wire::toJson(query)), .idempotencyKey = newUuid7(),
                                       .waitsMs = query.waitSeconds * 1000},
                                      wire::statusAnswerFromJson);
}

QFuture<ApiAnswer<wire::RemovalAnswer>> ApiClient::setRemoved(Which which, const QUuid &id, bool isRemoved)
{
    // A key of its own each time: to remove, to restore and to remove again are three wishes.
    const QString path =
        u"v1/%1/%2/%3"_s.arg(which == Which::Batch ? u"batches"_s : u"photos"_s, idText(id), isRemoved ? u"remove"_s : u"restore"_s);
    return d->run<wire::RemovalAnswer>({.path = path, .idempotencyKey = newUuid7()}, wire::removalAnswerFromJson);
}

QFuture<ApiAnswer<wire::PhotoLink>> ApiClient::photoLink(const QUuid &id)
{
    return d->run<wire::PhotoLink>({.method = "GET", .path = u"v1/photos/%1/link"_s.arg(idText(id))}, wire::photoLinkFromJson);
}

QFuture<ApiAnswer<wire::ProjectsAnswer>> ApiClient::projects(const QString &after)
{
    QUrlQuery query{{u"limit"_s, QString::number(ProjectsPerPage)}};
    if (!after.isEmpty())
        query.addQueryItem(u"after"_s, QString::fromLatin1(QUrl::toPercentEncoding(after)));
    return d->run<wire::ProjectsAnswer>({.method = "GET", .path = u"v1/projects"_s, .query = query.toString(QUrl::FullyEncoded)},
                                        wire::projectsAnswerFromJson);
}

QFuture<ApiAnswer<std::monostate>> ApiClient::setProjectState(const QUuid &projectId, const QString &state)
{
    return d->run<std::monostate>({.path = u"v1/projects/%1/state"_s.arg(idText(projectId)), .body = jsonBody({{u"state"_s, state}}), .idempotencyKey = newUuid7()},
                                  [](const QJsonObject &) { return Result<>(); });
}

QFuture<ApiAnswer<wire::EventsAnswer>> ApiClient::events(const QUuid &batchId, const QByteArray &ndjson)
{
    return d->run<wire::EventsAnswer>({.path = u"v1/events"_s, .body = gzipped(ndjson), .idempotencyKey = batchId, .isNdjson = true},
                                      wire::eventsAnswerFromJson);
}

} // namespace photolift::transfer
