#include "tests/support/faultproxy.h"

#include "models/wire/messages.h"
#include "tests/support/faultconnection.h"

#include <QPointer>
#include <QSslConfiguration>
#include <QSslSocket>
#include <QTcpServer>
#include <QTimer>

#include <algorithm>
#include <sys/socket.h>

namespace photolift::support {

namespace {
constexpr int BandwidthTickMs = 10;

class Listener final : public QTcpServer
{
public:
    std::function<void(qintptr)> onConnection;

protected:
    void incomingConnection(qintptr descriptor) override { onConnection(descriptor); }
};

bool matches(const SeenRequest &request, const QByteArray &method, const QByteArray &pathPart)
{
    return (method.isEmpty() || request.method == method) && (pathPart.isEmpty() || request.target.contains(pathPart));
}
}

class FaultProxy::Private final : public FaultConnection::Host
{
public:
    explicit Private(FaultProxy *proxy)
        : q(proxy)
    {
    }

    SeenRequest &note(SeenRequest request, qsizetype *index) override
    {
        *index = requests.size();
        requests.append(std::move(request));
        Q_EMIT q->requestSeen();
        return requests.last();
    }
    SeenRequest &seen(qsizetype index) override { return requests[index]; }
    Fault faultFor(const SeenRequest &request) override;
    QByteArray respond(const SeenRequest &request) override { return responder(request); }
    QUrl upstream() const override { return upstreamUrl; }
    QUrl url() const override { return isHostKept ? upstreamUrl : q->url(); } // no other name to put in
    QByteArray fieldsFor(const SeenRequest &request) override { return answerFields ? answerFields(request) : QByteArray(); }
    qint64 allowance(qint64 wanted) override;
    void noteHeld() override { Q_EMIT q->answerHeld(); }

    void accept(qintptr descriptor);
    void forEach(const std::function<void(FaultConnection &)> &what) const;

    FaultProxy *q;
    Listener listener;
    quint16 port = 0;
    QUrl upstreamUrl;
    bool isHostKept = false;
    Responder answerFields;
    Responder responder = [](const SeenRequest &) { return answer(200, {}, {}); };
    std::optional<QSslConfiguration> tls;
    QList<Fault> faults;
    bool isInMaintenance = false;
    qint64 bandwidth = 0;
    qint64 bytesLeft = 0;
    QTimer bandwidthTick;
    QList<SeenRequest> requests;
    QList<QPointer<FaultConnection>> connections;
    int accepted = 0;
};

Fault FaultProxy::Private::faultFor(const SeenRequest &request)
{
    if (isInMaintenance) {
        Fault fault;
        const wire::Problem problem{503, ErrorCode::ApiUnavailable, QStringLiteral("r-maintenance"), {}};
        const QByteArray json = QJsonDocument(wire::toJson(problem)).toJson(QJsonDocument::Compact);
        fault.answerAtOnce = answer(503, "application/problem+json", json, {{wire::OurHeader, wire::OurHeaderValue}});
        fault.isClosedAfterAnswer = true;
        return fault;
    }
    for (Fault &fault : faults) {
        if (fault.times == 0 || !matches(request, fault.method, fault.pathPart) || (fault.meets && !fault.meets(request)))
            continue;
        if (fault.skip > 0) {
            --fault.skip;
            continue;
        }
        if (fault.times > 0)
            --fault.times;
        return fault;
    }
    return {};
}

qint64 FaultProxy::Private::allowance(qint64 wanted)
{
    if (bandwidth <= 0)
        return wanted;
    const qint64 given = std::min(wanted, bytesLeft);
    bytesLeft -= given;
    return given;
}

void FaultProxy::Private::accept(qintptr descriptor)
{
    if (bandwidth > 0) {
        // Otherwise the kernel takes megabytes at once and then nothing for seconds: no slow line does that.
        const int bytes = 64 * 1024;
        setsockopt(int(descriptor), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    }
    QTcpSocket *socket = nullptr;
    if (tls) {
        auto *secure = new QSslSocket;
        secure->setSslConfiguration(*tls);
        secure->setSocketDescriptor(descriptor);
        secure->startServerEncryption();
        socket = secure;
    } else {
        socket = new QTcpSocket;
        socket->setSocketDescriptor(descriptor);
    }
    auto *connection = new FaultConnection(*this, socket, ++accepted, q);
    connections.append(connection);
    connect(connection, &FaultConnection::ended, connection, &QObject::deleteLater);
}

void FaultProxy::Private::forEach(const std::function<void(FaultConnection &)> &what) const
{
    const QList<QPointer<FaultConnection>> open = connections;
    for (const QPointer<FaultConnection> &connection : open) {
        if (connection)
            what(*connection);
    }
}

FaultProxy::FaultProxy(QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this))
{
    d->listener.onConnection = [this](qintptr descriptor) { d->accept(descriptor); };
    d->listener.listen(QHostAddress::LocalHost, 0);
    d->port = d->listener.serverPort();
    connect(&d->bandwidthTick, &QTimer::timeout, this, [this] {
        d->bytesLeft = std::min(d->bytesLeft + d->bandwidth * BandwidthTickMs / 1000, std::max<qint64>(d->bandwidth / 10, 1));
        d->forEach([](FaultConnection &connection) { connection.read(); });
    });
}

FaultProxy::~FaultProxy()
{
    d->forEach([](FaultConnection &connection) { delete &connection; });
}

QUrl FaultProxy::url(const QByteArray &path) const
{
    return QUrl::fromEncoded((d->tls ? QByteArray("https") : QByteArray("http")) + "://127.0.0.1:" + QByteArray::number(d->port) + path);
}

quint16 FaultProxy::port() const
{
    return d->port;
}

void FaultProxy::setUpstream(const QUrl &url)
{
    d->upstreamUrl = url;
}

void FaultProxy::setResponder(Responder responder)
{
    d->responder = std::move(responder);
}

void FaultProxy::setCertificate(const QSslCertificate &certificate, const QSslKey &key)
{
    d->tls = QSslConfiguration();
    d->tls->setLocalCertificate(certificate);
    d->tls->setPrivateKey(key);
}

QByteArray FaultProxy::answer(int status, const QByteArray &contentType, const QByteArray &body, const QList<Header> &headers)
{
    QByteArray raw = "HTTP/1.1 " + QByteArray::number(status) + " Said\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n";
    if (!contentType.isEmpty())
        raw += "Content-Type: " + contentType + "\r\n";
    for (const auto &[name, value] : headers)
        raw += name + ": " + value + "\r\n";
    return raw + "\r\n" + body;
}

QByteArray FaultProxy::ourAnswer(int status, const QByteArray &json, const QList<Header> &headers)
{
    QList<Header> all = headers;
    all.append(Header(wire::OurHeader, wire::OurHeaderValue));
    return answer(status, status < 400 ? "application/json" : "application/problem+json", json, all);
}

void FaultProxy::add(const Fault &fault)
{
    d->faults.append(fault);
}

void FaultProxy::clearFaults()
{
    d->faults.clear();
}

void FaultProxy::setMaintenance(bool isOn)
{
    d->isInMaintenance = isOn;
}

void FaultProxy::setDown(bool isDown)
{
    if (isDown) {
        d->listener.close();
        resetAll();
    } else {
        d->listener.listen(QHostAddress::LocalHost, d->port);
    }
}

void FaultProxy::setBandwidth(qint64 bytesPerSecond)
{
    d->bandwidth = bytesPerSecond;
    d->bytesLeft = 0;
    if (bytesPerSecond > 0)
        d->bandwidthTick.start(BandwidthTickMs);
    else
        d->bandwidthTick.stop();
    d->forEach([](FaultConnection &connection) { connection.read(); });
}

void FaultProxy::resetAll()
{
    d->forEach([](FaultConnection &connection) { connection.reset(); });
}

int FaultProxy::heldAnswers() const
{
    int held = 0;
    d->forEach([&held](FaultConnection &connection) { held += connection.holdsAnswer() ? 1 : 0; });
    return held;
}

int FaultProxy::heldRequests() const
{
    int held = 0;
    d->forEach([&held](FaultConnection &connection) { held += connection.holdsRequest() ? 1 : 0; });
    return held;
}

void FaultProxy::keepHost()
{
    d->isHostKept = true;
}

void FaultProxy::setAnswerFields(Responder fields)
{
    d->answerFields = std::move(fields);
}

void FaultProxy::release()
{
    d->forEach([](FaultConnection &connection) {
        if (connection.holdsAnswer())
            connection.release();
        connection.goOn();
    });
}

void FaultProxy::drop()
{
    d->forEach([](FaultConnection &connection) {
        if (connection.holdsAnswer())
            connection.reset();
    });
}

const QList<SeenRequest> &FaultProxy::requests() const
{
    return d->requests;
}

int FaultProxy::count(const QByteArray &method, const QByteArray &pathPart) const
{
    return int(std::count_if(d->requests.cbegin(), d->requests.cend(),
                             [&](const SeenRequest &request) { return matches(request, method, pathPart); }));
}

qint64 FaultProxy::bodyBytes(const QByteArray &method, const QByteArray &pathPart) const
{
    qint64 bytes = 0;
    for (const SeenRequest &request : d->requests)
        bytes += matches(request, method, pathPart) ? request.bodyBytes : 0;
    return bytes;
}

int FaultProxy::connections() const
{
    return d->accepted;
}

} // namespace photolift::support
