#pragma once

#include "models/photo/hasher.h"
#include "models/pipeline/fault.h"
#include "models/pipeline/selectionstep.h"

#include <QMap>
#include <QObject>
#include <QSet>

#include <optional>

namespace photolift::pipeline {

/// What one run of the transfer needs to know.
struct TransferOrder {
    QUuid clientUploadId;
    QUuid uploadId;
    qint64 partBytes = 0;
    qint64 size = 0;
    std::shared_ptr<photo::FileDescriptor> descriptor;
    QList<QByteArray> partDigests;     ///< raw, of the kind that the server names in its info
    QSet<int> held;                    ///< parts the server has
    QList<wire::PartLink> links;       ///< that came with the server's offer
    qint64 bytesPerSecond = 0;         ///< as measured lately, 0: unknown; how many links are asked for at once
};

/// Sends the parts that the server does not hold, one after the other: links are fetched just before use. After a kill at most one part of a
/// photo has to travel again (FAULTS F8); what keeps a line full is that several photos travel at a time. A fault ends the step; a later run
/// goes on with what is missing. Ends in exactly one of its end signals.
class TransferStep final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(TransferStep)
public:
    TransferStep(transfer::ApiClient &api, transfer::DataPlane &dataPlane, TransferOrder order, QObject *parent);
    ~TransferStep() override; ///< a part in flight is given up; its descriptor stays open until it has ended

    void start();
    void stopSoon(); ///< the part in flight ends, no new one starts: pause
    void cancel();   ///< the part in flight is given up

    qint64 bytesDone() const { return m_bytesDone; } ///< of parts acknowledged in this run
    int newLinks() const { return m_linkCalls; }
    const QString &storeHost() const { return m_storeHost; } ///< host and port of the link used last
    QJsonObject timings() const;

Q_SIGNALS:
    void partAcknowledged(const photolift::store::PartAcknowledged &part);
    void finished();
    void stopped(); ///< after stopSoon() or cancel()
    void failed(const photolift::pipeline::Fault &fault);

private:
    /// A link that was fetched and not used yet.
    struct ReadyLink {
        wire::PartLink link;
        qint64 expiresMs = 0;      ///< by our clock
        bool canGrowOld = false;   ///< it came with more than the reserve: with less on it, a new one is fetched
    };

    qint64 offsetOf(int part) const { return qint64(part - 1) * m_order.partBytes; }
    qint64 sizeOf(int part) const { return std::min(m_order.partBytes, m_order.size - offsetOf(part)); }
    int partCount() const { return int((m_order.size + m_order.partBytes - 1) / m_order.partBytes); }
    int linksPerCall() const;
    void takeLinks(const QList<wire::PartLink> &links);
    void proceed();
    void askForLinks();
    void sendNext();
    void partEnded(const transfer::PartOutcome &outcome);
    void acknowledged(const transfer::PartOutcome &outcome);
    void keepFault(const Fault &fault);

    transfer::ApiClient &m_api;
    transfer::DataPlane &m_dataPlane;
    const TransferOrder m_order;
    QList<int> m_todo;                     ///< parts without a link
    QMap<int, ReadyLink> m_links;
    std::optional<int> m_inFlight;
    std::optional<Fault> m_fault;
    QJsonObject m_firstTimings;
    qint64 m_slowestUs = 0;
    qint64 m_retransmits = 0;
    qint64 m_requests = 0;  ///< and bytes, of all tries of all parts
    qint64 m_sentBytes = 0;
    qint64 m_bytesDone = 0;
    int m_linkCalls = 0;
    QString m_storeHost;
    bool m_isAsking = false;
    bool m_isStopping = false;
    bool m_hasEnded = false;
};

} // namespace photolift::pipeline
