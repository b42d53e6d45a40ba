#pragma once

#include <QByteArray>
#include <QHash>
#include <QList>
#include <QObject>
#include <QSslCertificate>
#include <QSslKey>
#include <QUrl>

#include <functional>
#include <memory>
#include <optional>

namespace photolift::support {

/// One HTTP request as it came in.
struct SeenRequest {
    QByteArray method;
    QByteArray target; ///< path and query
    QHash<QByteArray, QByteArray> headers; ///< names in lower case
    QByteArray body;         ///< the first MiB; bodies longer than that are only counted
    qint64 bodyBytes = 0;    ///< received so far
    int connection = 0;      ///< counts up with each connection: the same number twice is a kept connection
};

/// What happens to one request. Everything that is not set stays as it would be without us.
struct Fault {
    // Which request it meets.
    QByteArray method = {};     ///< empty: any
    QByteArray pathPart = {};   ///< the target holds it; empty: any
    std::function<bool(const SeenRequest &)> meets = {}; ///< and its head is like this; empty: any
    int skip = 0;          ///< so many matching requests pass first
    int times = 1;         ///< then so many are met; -1: all

    // Before anything of the body is read.
    std::optional<QByteArray> answerAtOnce = {}; ///< the whole raw answer, without reading the body and without asking upstream
    bool isClosedAfterAnswer = false;       ///< the connection ends behind answerAtOnce or behind the answer
    bool isRequestHeld = false; ///< nothing of it goes upstream before release()
    bool isSilent = false;                  ///< from here on nothing is read and nothing is said on this connection

    // While the body comes in.
    std::optional<qint64> resetAfterBodyBytes = {}; ///< RST once so many bytes of the body were passed on; 0: before the first
    std::optional<qint64> closeAfterBodyBytes = {}; ///< the same with an orderly end
    std::optional<qint64> silentAfterBodyBytes = {}; ///< reads no further
    std::optional<qint64> pauseAfterBodyBytes = {}; ///< reads no further until release(); 0 is no pause
    int copies = 1;        ///< 2: the whole request goes upstream twice; the second answer is thrown away (bodies up to 1 MiB)

    // When upstream has answered (or, without upstream, when the answer is made).
    bool isAnswerHeld = false;   ///< until release() or drop()
    std::optional<qint64> resetAfterAnswerBytes = {}; ///< RST behind so many bytes of the answer; 0: the answer is lost
    std::optional<qint64> closeAfterAnswerBytes = {}; ///< the same with an orderly end
};

/// An HTTP-aware TCP proxy with faults on demand, and, without an upstream, a small HTTP server of its own. For tests
/// only: it understands HTTP/1.1 with Content-Length, one request after the other per connection, and Expect:
/// 100-continue.
///
/// As a proxy:
///     FaultProxy proxy;
///     proxy.setUpstream(serverUrl);
///     client.setServer(proxy.url(), token);         // the client talks to the server through us
///     proxy.add({.method = "PUT", .resetAfterBodyBytes = 1460});
///     proxy.add({.pathPart = "/commit", .isAnswerHeld = true});
///     QTRY_COMPARE(proxy.heldAnswers(), 1);          // the server has committed, the client does not know
///     proxy.release();                               // or drop(): the answer never comes
/// Heads pass unchanged but for Host: a server on loopback answers to its own name only, so its name stands there
/// instead of ours, and ours instead of its in what it answers. Links that it signs for itself lead through us that
/// way, PUTs included. (Both names are "127.0.0.1:PORT" with a port of five digits, so no length changes.)
///
/// As a server:
///     FaultProxy server;
///     server.setResponder([](const SeenRequest &request) { return FaultProxy::answer(200, "application/json", "{}");
///     });
///
/// Lives on the thread that made it, which needs an event loop (any QTRY_... or QSignalSpy::wait() has one).
class FaultProxy final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(FaultProxy)
public:
    using Responder = std::function<QByteArray(const SeenRequest &)>;
    using Header = std::pair<QByteArray, QByteArray>;

    /// Listens on a free port of 127.0.0.1.
    explicit FaultProxy(QObject *parent = nullptr);
    ~FaultProxy() override;

    QUrl url(const QByteArray &path = "/") const; ///< http://127.0.0.1:PORT/path, https with setCertificate()
    quint16 port() const;
    void setUpstream(const QUrl &url);
    /// Heads pass as they are, Host included: for a store whose links were signed for our own address.
    void keepHost();
    /// Further header lines, each with its CRLF, in each answer of upstream; asked when the answer begins.
    void setAnswerFields(Responder fields);
    void setResponder(Responder responder); ///< without upstream; the default answers 200 with nothing
    void setCertificate(const QSslCertificate &certificate, const QSslKey &key); ///< speaks TLS to clients from now on

    /// A raw HTTP/1.1 answer with Content-Length.
    static QByteArray answer(int status, const QByteArray &contentType, const QByteArray &body, const QList<Header> &headers = {});
    /// An answer of ours: the same with the header that proves it.
    static QByteArray ourAnswer(int status, const QByteArray &json, const QList<Header> &headers = {});

    /// Faults are asked in the order they were added; the first that meets a request counts.
    void add(const Fault &fault);
    void clearFaults();
    /// Answers 503 in our server's words to everything, until it is taken back.
    void setMaintenance(bool isOn);
    /// Takes no new connections (ECONNREFUSED) and resets the open ones; up again on the same port.
    void setDown(bool isDown);
    /// Bytes a second that are read from all clients together; 0: as they come.
    void setBandwidth(qint64 bytesPerSecond);
    /// Resets every open connection now.
    void resetAll();

    int heldAnswers() const;
    int heldRequests() const;
    void release(); ///< the answers and requests held so far go out, and bodies that were paused come in
    void drop();    ///< they never do: their connections are reset

    const QList<SeenRequest> &requests() const;
    int count(const QByteArray &method, const QByteArray &pathPart = {}) const;
    qint64 bodyBytes(const QByteArray &method, const QByteArray &pathPart = {}) const; ///< received, all requests together
    int connections() const; ///< accepted so far

Q_SIGNALS:
    void requestSeen();    ///< a head came in
    void answerHeld();

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::support
