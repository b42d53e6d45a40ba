#include "tests/support/faultconnection.h"

#include <algorithm>
#include <sys/socket.h>

namespace photolift::support {

namespace {
constexpr qint64 Chunk = 256 * 1024;
constexpr qint64 UpstreamHigh = 4 * 1024 * 1024;
constexpr qint64 KeptBody = 1024 * 1024;

qint64 contentLength(const QByteArray &head)
{
    for (const QByteArray &line : head.split('\n')) {
        if (line.toLower().startsWith("content-length:"))
            return line.mid(15).trimmed().toLongLong();
    }
    return 0;
}

/// The same bytes with the one's "host:port" in place of the other's.
QByteArray withAuthority(QByteArray bytes, const QUrl &before, const QUrl &after)
{
    if (!after.isEmpty())
        bytes.replace(before.authority().toLatin1(), after.authority().toLatin1());
    return bytes;
}
}

FaultConnection::FaultConnection(Host &host, QTcpSocket *client, int number, QObject *parent)
    : QObject(parent)
    , m_host(host)
    , m_client(client)
    , m_number(number)
{
    client->setParent(this);
    client->setReadBufferSize(Chunk); // what we do not read stays in the client's way, as with a slow server
    connect(client, &QTcpSocket::readyRead, this, &FaultConnection::read);
    connect(client, &QTcpSocket::disconnected, this, [this] {
        if (m_upstream)
            m_upstream->abort();
        Q_EMIT ended();
    });
}

void FaultConnection::read()
{
    while (!m_isSilent && m_client->bytesAvailable() > 0) {
        const qint64 before = m_client->bytesAvailable();
        if (m_isInBody)
            readBody();
        else
            readHead();
        if (m_client->bytesAvailable() == before)
            return; // has to wait: for more, for bandwidth, or for upstream
    }
}

void FaultConnection::readHead()
{
    while (m_client->canReadLine()) {
        m_headBytes += m_client->readLine();
        if (!m_headBytes.endsWith("\r\n\r\n"))
            continue;
        const QByteArray head = std::exchange(m_headBytes, {});
        const QList<QByteArray> lines = head.split('\n');
        const QList<QByteArray> words = lines.first().trimmed().split(' ');
        SeenRequest request;
        request.method = words.value(0);
        request.target = words.value(1);
        request.connection = m_number;
        for (const QByteArray &line : lines.sliced(1)) {
            const qsizetype colon = line.indexOf(':');
            if (colon > 0)
                request.headers.insert(line.left(colon).toLower(), line.mid(colon + 1).trimmed());
        }
        begin(std::move(request), head);
        return;
    }
}

void FaultConnection::begin(SeenRequest request, const QByteArray &head)
{
    m_rawHead = withAuthority(head, m_host.url(), m_host.upstream());
    m_bodyLeft = contentLength(head);
    m_isAnswered = m_isHolding = false;
    m_answerSent = 0;
    m_answerLeft = -1;
    m_answerHead.clear();
    m_held.clear();
    const bool isExpecting = request.headers.value("expect").toLower() == "100-continue";
    const SeenRequest seen = m_host.note(std::move(request), &m_request);
    m_fault = m_host.faultFor(seen);
    m_isInBody = true;

    if (m_fault.isRequestHeld)
        return;
    if (m_fault.isSilent) {
        m_isSilent = true;
        return;
    }
    if (m_fault.answerAtOnce) {
        m_isAnswered = true;
        sendToClient(*m_fault.answerAtOnce);
        if (m_fault.isClosedAfterAnswer)
            return closeOrderly();
        if (isExpecting)
            m_bodyLeft = 0; // a client that asked first does not send it now
    } else if (!m_host.upstream().isEmpty()) {
        connectUpstream();
        m_upstream->write(m_rawHead);
    } else if (isExpecting && m_fault.resetAfterBodyBytes.value_or(1) > 0 && m_fault.closeAfterBodyBytes.value_or(1) > 0) {
        m_client->write("HTTP/1.1 100 Continue\r\n\r\n");
    }
    bodyIs({});
}

void FaultConnection::readBody()
{
    if (m_fault.isRequestHeld || (m_upstream && m_upstream->bytesToWrite() > UpstreamHigh))
        return;
    qint64 wanted = std::min({m_bodyLeft, Chunk, m_client->bytesAvailable()});
    if (m_fault.pauseAfterBodyBytes)
        wanted = std::min(wanted, *m_fault.pauseAfterBodyBytes - m_host.seen(m_request).bodyBytes);
    const qint64 allowed = m_host.allowance(wanted);
    if (allowed > 0)
        bodyIs(m_client->read(allowed));
}

void FaultConnection::bodyIs(const QByteArray &bytes)
{
    SeenRequest &seen = m_host.seen(m_request);
    const qint64 before = seen.bodyBytes;
    const qint64 limit = std::min({m_fault.resetAfterBodyBytes.value_or(INT64_MAX), m_fault.closeAfterBodyBytes.value_or(INT64_MAX),
                                   m_fault.silentAfterBodyBytes.value_or(INT64_MAX)});
    const QByteArray passed = bytes.left(std::max<qint64>(0, limit - before));
    seen.bodyBytes += passed.size();
    m_bodyLeft -= bytes.size();
    seen.body += passed.left(std::max<qint64>(0, KeptBody - seen.body.size()));
    if (m_upstream && !m_isAnswered)
        m_upstream->write(passed);
    if (seen.bodyBytes >= limit && !m_isAnswered) {
        if (m_upstream && m_upstream->state() == QAbstractSocket::ConnectedState)
            m_upstream->flush();
        if (m_fault.silentAfterBodyBytes == limit)
            m_isSilent = true;
        else if (m_fault.resetAfterBodyBytes == limit)
            reset();
        else
            closeOrderly();
        return;
    }
    if (m_bodyLeft <= 0)
        requestComplete();
}

void FaultConnection::requestComplete()
{
    m_isInBody = false;
    if (m_isAnswered)
        return;
    if (m_fault.copies > 1 && m_upstream)
        sendCopy();
    if (!m_upstream)
        answerIs(m_host.respond(m_host.seen(m_request)));
}

/// As a client library does that lost its connection without noticing that the request had arrived: on a connection of its own.
void FaultConnection::sendCopy()
{
    auto *copy = new QTcpSocket(this);
    const QByteArray whole = m_rawHead + m_host.seen(m_request).body;
    connect(copy, &QTcpSocket::connected, copy, [copy, whole] { copy->write(whole); });
    connect(copy, &QTcpSocket::readyRead, copy, [copy] { copy->readAll(); });
    const QUrl upstream = m_host.upstream();
    copy->connectToHost(upstream.host(), quint16(upstream.port(80)));
}

void FaultConnection::connectUpstream()
{
    if (m_upstream)
        return;
    m_upstream = new QTcpSocket(this);
    connect(m_upstream, &QTcpSocket::readyRead, this,
            [this] { answerIs(withAuthority(m_upstream->readAll(), m_host.upstream(), m_host.url())); });
    connect(m_upstream, &QTcpSocket::bytesWritten, this, &FaultConnection::read);
    connect(m_upstream, &QTcpSocket::disconnected, this, &FaultConnection::closeOrderly);
    connect(m_upstream, &QTcpSocket::errorOccurred, this, [this] {
        if (m_upstream->state() == QTcpSocket::UnconnectedState)
            closeOrderly();
    });
    m_upstream->connectToHost(m_host.upstream().host(), quint16(m_host.upstream().port(80)));
}

void FaultConnection::answerIs(QByteArray bytes)
{
    // An interim answer ("100 Continue") passes whatever the fault: the answer is what comes after it.
    while (m_answerSent == 0 && m_held.isEmpty() && bytes.startsWith("HTTP/1.1 1")) {
        const qsizetype end = bytes.indexOf("\r\n\r\n");
        m_client->write(bytes.left(end + 4));
        bytes.remove(0, end + 4);
    }
    if (bytes.isEmpty())
        return;
    if (m_upstream && m_answerSent == 0 && m_held.isEmpty()) {
        const qsizetype statusLine = bytes.indexOf("\r\n");
        bytes.insert(statusLine + 2, statusLine < 0 ? QByteArray() : m_host.fieldsFor(m_host.seen(m_request)));
    }
    if (m_fault.isAnswerHeld) {
        const bool isFirst = !std::exchange(m_isHolding, true) || m_held.isEmpty();
        m_held += bytes;
        if (isFirst)
            m_host.noteHeld();
        return;
    }
    sendToClient(bytes);
}

void FaultConnection::release()
{
    m_fault.isAnswerHeld = m_isHolding = false;
    sendToClient(std::exchange(m_held, {}));
}

void FaultConnection::goOn()
{
    if (std::exchange(m_fault.isRequestHeld, false)) {
        connectUpstream();
        m_upstream->write(m_rawHead);
        bodyIs({}); // what has no body is complete
        return read();
    }
    if (!m_fault.pauseAfterBodyBytes)
        return;
    m_fault.pauseAfterBodyBytes.reset();
    read();
}

void FaultConnection::sendToClient(QByteArray bytes)
{
    const qint64 limit = std::min(m_fault.resetAfterAnswerBytes.value_or(INT64_MAX), m_fault.closeAfterAnswerBytes.value_or(INT64_MAX));
    const qint64 room = limit - m_answerSent;
    if (bytes.size() >= room) {
        m_client->write(bytes.left(room));
        m_client->flush();
        return m_fault.resetAfterAnswerBytes == limit ? reset() : closeOrderly();
    }
    m_answerSent += bytes.size();
    m_client->write(bytes);
    if (!m_fault.isClosedAfterAnswer)
        return;
    if (m_answerLeft < 0) {
        m_answerHead += bytes;
        const qsizetype end = m_answerHead.indexOf("\r\n\r\n");
        if (end < 0)
            return;
        m_answerLeft = contentLength(m_answerHead.left(end)) - (m_answerHead.size() - end - 4);
    } else {
        m_answerLeft -= bytes.size();
    }
    if (m_answerLeft <= 0)
        closeOrderly();
}

/// On both sides: the server's connection ends as hard as the client's (which takes it along when it is gone).
void FaultConnection::reset()
{
    m_isSilent = true;
    const linger atOnce{1, 0};
    for (const QTcpSocket *side : {m_upstream, m_client}) {
        if (side && side->socketDescriptor() >= 0)
            setsockopt(int(side->socketDescriptor()), SOL_SOCKET, SO_LINGER, &atOnce, sizeof atOnce);
    }
    m_client->abort();
}

void FaultConnection::closeOrderly()
{
    m_client->disconnectFromHost(); // after what is written has left
}

} // namespace photolift::support
