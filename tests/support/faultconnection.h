#pragma once

#include "tests/support/faultproxy.h"

#include <QTcpSocket>

namespace photolift::support {

/// One client of a FaultProxy: reads requests, lets the fault of each happen, passes the rest on. For FaultProxy only.
class FaultConnection final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(FaultConnection)
public:
    /// What a connection asks of its proxy.
    class Host
    {
    public:
        virtual ~Host() = default;
        virtual SeenRequest &note(SeenRequest request, qsizetype *index) = 0; ///< the record of a new request
        virtual SeenRequest &seen(qsizetype index) = 0;
        virtual Fault faultFor(const SeenRequest &request) = 0;
        virtual QByteArray respond(const SeenRequest &request) = 0;
        virtual QUrl upstream() const = 0; ///< empty: we answer ourselves
        virtual QUrl url() const = 0;      ///< our own
        virtual QByteArray fieldsFor(const SeenRequest &request) = 0; ///< what the head of upstream's answer gets besides
        virtual qint64 allowance(qint64 wanted) = 0; ///< bytes that may be read now
        virtual void noteHeld() = 0;
    };

    FaultConnection(Host &host, QTcpSocket *client, int number, QObject *parent); ///< takes the socket

    bool holdsAnswer() const { return m_isHolding && !m_held.isEmpty(); }
    bool holdsRequest() const { return m_fault.isRequestHeld; }
    void release();
    void goOn(); ///< with a request that was held, a body that was paused
    void reset();
    void read(); ///< also when the bandwidth has something left again

Q_SIGNALS:
    void ended();

private:
    void readHead();
    void begin(SeenRequest request, const QByteArray &head);
    void readBody();
    void bodyIs(const QByteArray &bytes);
    void requestComplete();
    void connectUpstream();
    void answerIs(QByteArray bytes);
    void sendToClient(QByteArray bytes);
    void closeOrderly();
    void sendCopy();

    Host &m_host;
    QTcpSocket *m_client;
    QTcpSocket *m_upstream = nullptr;
    int m_number = 0;
    QByteArray m_headBytes;
    QByteArray m_rawHead;      ///< of the request under way, for a copy
    bool m_isInBody = false;
    bool m_isSilent = false;
    bool m_isHolding = false;
    bool m_isAnswered = false; ///< at once: the rest of the body is thrown away
    qint64 m_bodyLeft = 0;
    qint64 m_answerSent = 0;
    qint64 m_answerLeft = -1;  ///< of its body; -1: the head is not complete yet
    QByteArray m_answerHead;
    QByteArray m_held;
    Fault m_fault;
    qsizetype m_request = -1;
};

} // namespace photolift::support
