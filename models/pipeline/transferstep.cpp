#include "models/pipeline/transferstep.h"

#include "models/store/changes.h"
#include "models/vocabulary/correlation.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/whendone.h"

using namespace Qt::StringLiterals;

namespace photolift::pipeline {

namespace {
constexpr qint64 LinkReserveMs = 10'000;  ///< a link that ends sooner is not used any more
constexpr qint64 LinkAheadSeconds = 60;   ///< links are asked for at most so long before their use
constexpr int LinksOfAnyLine = 4;         ///< while nobody knows how fast it is
}

TransferStep::TransferStep(transfer::ApiClient &api, transfer::DataPlane &dataPlane, TransferOrder order, QObject *parent)
    : QObject(parent)
    , m_api(api)
    , m_dataPlane(dataPlane)
    , m_order(std::move(order))
{
    connect(&m_dataPlane, &transfer::DataPlane::partFinished, this, &TransferStep::partEnded, Qt::QueuedConnection);
}

TransferStep::~TransferStep()
{
    if (!m_inFlight)
        return;
    // The data plane still reads from the descriptor. The connection keeps it, and goes with the data plane.
    connect(&m_dataPlane, &transfer::DataPlane::partFinished, &m_dataPlane, [kept = m_order.descriptor] { Q_UNUSED(kept); });
    m_dataPlane.cancel(m_order.clientUploadId);
}

void TransferStep::start()
{
    for (int part = 1; part <= partCount(); ++part) {
        if (!m_order.held.contains(part))
            m_todo.append(part);
    }
    takeLinks(m_order.links);
    proceed();
}

void TransferStep::stopSoon()
{
    m_isStopping = true;
    proceed();
}

void TransferStep::cancel()
{
    m_isStopping = true;
    m_dataPlane.cancel(m_order.clientUploadId);
    proceed();
}

int TransferStep::linksPerCall() const
{
    if (m_order.bytesPerSecond <= 0)
        return LinksOfAnyLine;
    const qint64 affordable = m_order.bytesPerSecond * LinkAheadSeconds / std::max<qint64>(1, m_order.partBytes);
    return int(std::clamp<qint64>(affordable, 1, wire::MaxLinksPerCall));
}

void TransferStep::proceed()
{
    if (m_hasEnded)
        return;
    const bool mayStart = !m_isStopping && !m_fault;
    if (mayStart && !m_inFlight)
        sendNext();
    if (mayStart && m_links.isEmpty() && !m_todo.isEmpty() && !m_isAsking)
        askForLinks();
    if (m_inFlight || m_isAsking)
        return;

    if (m_fault) {
        m_hasEnded = true;
        Q_EMIT failed(*m_fault);
    } else if (m_todo.isEmpty() && m_links.isEmpty()) {
        m_hasEnded = true;
        Q_EMIT finished();
    } else if (m_isStopping) {
        m_hasEnded = true;
        Q_EMIT stopped();
    }
}

void TransferStep::askForLinks()
{
    wire::LinkRequest request;
    for (const int part : m_todo.first(std::min<qsizetype>(linksPerCall(), m_todo.size())))
        request.parts.append({part, sizeOf(part), QString::fromLatin1(m_order.partDigests.at(part - 1).toHex())});
    m_isAsking = true;
    ++m_linkCalls;
    whenDone(m_api.links(m_order.clientUploadId, m_order.uploadId, request), this,
             [this](const transfer::ApiAnswer<wire::LinkAnswer> &answer) {
                 const CorrelationScope scope(m_order.clientUploadId);
                 m_isAsking = false;
                 if (!answer) {
                     keepFault(faultOf(answer.fault));
                 } else {
                     takeLinks(answer.value->links);
                     if (m_links.isEmpty())
                         keepFault(faultOf(Error{ErrorCode::InternalUnknown, u"no link for the parts asked for"_s}));
                 }
                 proceed();
             });
}

void TransferStep::takeLinks(const QList<wire::PartLink> &links)
{
    for (const wire::PartLink &link : links) {
        const qint64 expiresMs = link.expiresMs - m_api.clockOffsetMs();
        if (m_todo.removeOne(link.number))
            m_links.insert(link.number, {link, expiresMs, expiresMs - nowMs() > LinkReserveMs});
    }
}

void TransferStep::sendNext()
{
    while (!m_links.isEmpty()) {
        const auto [link, expiresMs, canGrowOld] = m_links.take(m_links.firstKey());
        if (canGrowOld && expiresMs - nowMs() < LinkReserveMs) {
            m_todo.prepend(link.number); // a pause or a slow line: a new link is fetched
            continue;
        }
        transfer::PartJob job;
        job.clientUploadId = m_order.clientUploadId;
        job.number = link.number;
        job.descriptor = m_order.descriptor->get();
        job.offset = offsetOf(link.number);
        job.size = sizeOf(link.number);
        job.url = link.url;
        job.headers = link.headers;
        job.expectedEtag = QString::fromLatin1(m_order.partDigests.at(link.number - 1).toHex());
        job.linkExpiresMs = expiresMs;
        m_inFlight = link.number;
        m_storeHost = link.url.authority();
        faultPoint("pipeline.part.before");
        m_dataPlane.start(job);
        return;
    }
}

void TransferStep::partEnded(const transfer::PartOutcome &outcome)
{
    if (outcome.clientUploadId != m_order.clientUploadId || m_inFlight != outcome.number)
        return;
    m_inFlight.reset();
    const CorrelationScope scope(m_order.clientUploadId);
    faultPoint("pipeline.part.after");
    m_requests += outcome.timings["requests"_L1].toInteger();
    m_sentBytes += outcome.timings["sent_bytes"_L1].toInteger();
    const bool wasThere = !outcome.result && outcome.result.error().code == ErrorCode::TransferAlreadyThere;
    if (!outcome.result && !wasThere) {
        m_todo.append(outcome.number);
        if (!m_isStopping || outcome.result.error().code != ErrorCode::UserCancelled)
            keepFault(faultOf(outcome));
    } else {
        acknowledged(outcome);
    }
    proceed();
}

void TransferStep::acknowledged(const transfer::PartOutcome &outcome)
{
    if (m_firstTimings.isEmpty())
        m_firstTimings = outcome.timings;
    m_slowestUs = std::max(m_slowestUs, outcome.timings["total_us"_L1].toInteger());
    m_retransmits += outcome.timings["retransmits"_L1].toInteger();
    m_bytesDone += sizeOf(outcome.number);
    Q_EMIT partAcknowledged({m_order.clientUploadId, outcome.number, sizeOf(outcome.number),
                             QString::fromLatin1(m_order.partDigests.at(outcome.number - 1).toHex())});
}

void TransferStep::keepFault(const Fault &fault)
{
    if (!m_fault)
        m_fault = fault;
}

QJsonObject TransferStep::timings() const
{
    static constexpr std::array Keys{"dns_us"_L1, "connect_us"_L1, "tls_us"_L1, "first_byte_us"_L1, "rtt_us"_L1, "local_port"_L1,
                                     "is_reused"_L1};
    QJsonObject result;
    for (const QLatin1StringView key : Keys) {
        if (m_firstTimings.contains(key))
            result[key] = m_firstTimings[key];
    }
    if (m_slowestUs > 0)
        result[u"total_us"_s] = m_slowestUs;
    if (!m_firstTimings.isEmpty())
        result[u"retransmits"_s] = m_retransmits;
    if (m_requests > 0) {
        result[u"requests"_s] = m_requests;
        result[u"sent_bytes"_s] = m_sentBytes;
    }
    return result;
}

} // namespace photolift::pipeline
