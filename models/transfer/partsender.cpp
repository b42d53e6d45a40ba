#include "models/transfer/partsender.h"

#include "models/transfer/logging.h"
#include "models/transfer/progressboard.h"
#include "models/transfer/proxyfinder.h"
#include "models/transfer/ratebudget.h"
#include "models/transfer/sockettable.h"
#include "models/vocabulary/correlation.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"
#include "models/wire/messages.h"

#include <algorithm>
#include <cerrno>
#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::transfer {

namespace {
constexpr long SendBuffer = 512 * 1024;
constexpr qint64 ExpectFrom = 1024 * 1024;
constexpr long ExpectTimeoutMs = 500;
constexpr qsizetype KeptBody = 64 * 1024;
constexpr qint64 LongestAnswer = 1024 * 1024;

static_assert(CURL_ERROR_SIZE == 256);

template <typename T> void set(void *handle, CURLoption option, T value)
{
    const CURLcode code = curl_easy_setopt(handle, option, value);
    if (code != CURLE_OK)
        qCWarning(lcTransfer) << "libcurl does not take option" << int(option) << curl_easy_strerror(code);
}

qint64 timeOf(void *handle, CURLINFO info)
{
    curl_off_t value = 0;
    curl_easy_getinfo(handle, info, &value);
    return value;
}

long numberOf(void *handle, CURLINFO info)
{
    long value = 0;
    curl_easy_getinfo(handle, info, &value);
    return value;
}

bool isHeaderName(const QByteArray &name)
{
    return !name.isEmpty() && std::all_of(name.cbegin(), name.cend(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

bool isHeaderValue(const QByteArray &value)
{
    return std::none_of(value.cbegin(), value.cend(), [](char c) { return (c >= 0 && c < 32 && c != '\t') || c == 127; });
}
}

PartSender::PartSender(const DataPlane::Options &options, Tools tools)
    : m_options(options)
    , m_tools(tools)
    , m_handle(curl_easy_init())
{
}

PartSender::~PartSender() = default;

std::optional<PartOutcome> PartSender::begin(const PartJob &job)
{
    const CorrelationScope scope(job.clientUploadId);
    m_job = job;
    m_end = {};
    m_end.expectedEtag = job.expectedEtag.toLatin1();
    m_position = m_acknowledged = m_answerBytes = m_answerSeen = 0;
    m_requests = 0;
    m_socket = -1;
    m_localPort = 0;
    m_ackedBefore = m_ackedSeen = 0;
    m_retransmitsBefore = 0;
    m_isPaused = false;
    m_errorText.fill('\0');
    m_progressed = Clock::now();

    const auto refuse = [&](ErrorCode code, const QString &detail) {
        PartOutcome refused;
        refused.clientUploadId = job.clientUploadId;
        refused.number = job.number;
        refused.result = Error{code, detail};
        return refused;
    };
    if (job.linkExpiresMs && nowMs() >= *job.linkExpiresMs)
        return refuse(ErrorCode::TransferLinkExpired, u"the link ended before its turn came"_s);
    const bool isHttp = job.url.scheme() == "https"_L1 || job.url.scheme() == "http"_L1;
    if (!isHttp || job.url.host().isEmpty() || job.descriptor < 0 || job.size < 0 || job.offset < 0)
        return refuse(ErrorCode::InternalUnknown, u"a part that cannot be sent"_s);
    curl_easy_reset(m_handle.get());
    if (!addHeaders())
        return refuse(ErrorCode::InternalUnknown, u"a link with headers that cannot be sent"_s);
    configure();
    // The file was hashed just before and is mostly cached; where it is not, the disk works ahead of the network.
    posix_fadvise(job.descriptor, job.offset, job.size, POSIX_FADV_WILLNEED);
    m_isBusy = true;
    qCDebug(lcTransfer) << "part" << job.number << "begins," << job.size << "bytes to" << redacted(job.url);
    return {};
}

bool PartSender::addHeaders()
{
    curl_slist *list = nullptr;
    const auto append = [&list](const QByteArray &line) { list = curl_slist_append(list, line.constData()); };
    bool isSound = true;
    for (const auto &[name, value] : m_job.headers) {
        isSound = isSound && isHeaderName(name) && isHeaderValue(value);
        const QByteArray lower = name.toLower();
        if (lower == "content-length") // libcurl writes it, once, from the size
            isSound = isSound && value.trimmed().toLongLong() == m_job.size;
        else if (isSound && lower != "expect")
            append(value.isEmpty() ? QByteArray(name + ';') : QByteArray(name + ": " + value));
    }
    // A refusal then comes before 16 MiB have travelled for nothing; for small parts the extra round trip would cost more.
    append(m_job.size >= ExpectFrom ? "Expect: 100-continue" : "Expect:");
    append(QByteArray(wire::CorrelationHeader) + ": " + idText(m_job.clientUploadId).toLatin1());
    m_headers.reset(list);
    return isSound;
}

void PartSender::configure()
{
    void *const handle = m_handle.get();
    set(handle, CURLOPT_URL, m_job.url.toEncoded(QUrl::RemoveFragment).constData());
    set(handle, CURLOPT_PATH_AS_IS, 1L); // the path is signed as it stands
    set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    set(handle, CURLOPT_HTTP_VERSION, long(CURL_HTTP_VERSION_1_1));
    set(handle, CURLOPT_UPLOAD, 1L);
    set(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(m_job.size));
    set(handle, CURLOPT_UPLOAD_BUFFERSIZE, SendBuffer);
    set(handle, CURLOPT_HTTPHEADER, m_headers.get());
    set(handle, CURLOPT_EXPECT_100_TIMEOUT_MS, ExpectTimeoutMs);
    set(handle, CURLOPT_USERAGENT, "Photolift/" PHOTOLIFT_VERSION);
    set(handle, CURLOPT_FOLLOWLOCATION, 0L);
    set(handle, CURLOPT_NOSIGNAL, 1L);
    set(handle, CURLOPT_QUICK_EXIT, 1L); // a look-up of a name that hangs is left behind instead of waited for
    set(handle, CURLOPT_CONNECTTIMEOUT_MS, long(m_options.connectTimeoutMs));
    set(handle, CURLOPT_SSLVERSION, long(CURL_SSLVERSION_TLSv1_2));
    set(handle, CURLOPT_ERRORBUFFER, m_errorText.data());
    set(handle, CURLOPT_PRIVATE, static_cast<void *>(this));

    // Without an answer of the system libcurl would look into the environment by itself: "" forbids that.
    set(handle, CURLOPT_PROXY, m_tools.proxies.textFor(m_job.url).constData());
    if (!m_options.caBundle.isEmpty()) {
        // Takes the place of the system's bundle file; the system's folder of certificates goes on counting beside it.
        curl_blob bundle{const_cast<char *>(m_options.caBundle.constData()), size_t(m_options.caBundle.size()), CURL_BLOB_NOCOPY};
        set(handle, CURLOPT_CAINFO_BLOB, &bundle);
    }

    set(handle, CURLOPT_READFUNCTION, &PartSender::onRead);
    set(handle, CURLOPT_READDATA, static_cast<void *>(this));
    set(handle, CURLOPT_SEEKFUNCTION, &PartSender::onSeek);
    set(handle, CURLOPT_SEEKDATA, static_cast<void *>(this));
    set(handle, CURLOPT_WRITEFUNCTION, &PartSender::onBody);
    set(handle, CURLOPT_WRITEDATA, static_cast<void *>(this));
    set(handle, CURLOPT_HEADERFUNCTION, &PartSender::onHead);
    set(handle, CURLOPT_HEADERDATA, static_cast<void *>(this));
    set(handle, CURLOPT_PREREQFUNCTION, &PartSender::onRequest);
    set(handle, CURLOPT_PREREQDATA, static_cast<void *>(this));
    set(handle, CURLOPT_OPENSOCKETFUNCTION, &PartSender::onOpenSocket);
    set(handle, CURLOPT_OPENSOCKETDATA, static_cast<void *>(&m_tools.sockets));
    set(handle, CURLOPT_CLOSESOCKETFUNCTION, &PartSender::onCloseSocket);
    set(handle, CURLOPT_CLOSESOCKETDATA, static_cast<void *>(&m_tools.sockets));
}

size_t PartSender::onRead(char *buffer, size_t size, size_t count, void *self)
{
    return static_cast<PartSender *>(self)->read(buffer, size * count);
}

size_t PartSender::read(char *buffer, size_t room)
{
    const qint64 left = m_job.size - m_position;
    if (left <= 0)
        return 0;
    const qint64 allowed = m_tools.budget.take(std::min<qint64>(left, qint64(room)));
    if (allowed == 0) {
        m_isPaused = true;
        return CURL_READFUNC_PAUSE;
    }
    ssize_t got = 0;
    do {
        got = pread(m_job.descriptor, buffer, size_t(allowed), m_job.offset + m_position);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
        m_end.sourceErrno = got < 0 ? errno : 0;
        m_end.isSourceShort = got == 0;
        return CURL_READFUNC_ABORT;
    }
    if (m_position == 0)
        faultPoint("transfer.first_byte");
    m_position += got;
    if (m_position >= m_job.size / 2 && m_position - got < m_job.size / 2)
        faultPoint("transfer.half_part");
    if (m_position == m_job.size)
        faultPoint("transfer.last_byte");
    return size_t(got);
}

int PartSender::onSeek(void *self, long long offset, int)
{
    // One layer retries, and it is not this one: only a body of which nothing was read yet may begin anew.
    const auto *sender = static_cast<PartSender *>(self);
    return offset == 0 && sender->m_position == 0 ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

size_t PartSender::onBody(char *bytes, size_t size, size_t count, void *self)
{
    auto *sender = static_cast<PartSender *>(self);
    sender->m_answerBytes += qint64(size * count);
    const qsizetype room = KeptBody - sender->m_end.body.size();
    sender->m_end.body.append(bytes, std::min<qsizetype>(room, qsizetype(size * count)));
    return sender->m_answerBytes > LongestAnswer ? 0 : size * count;
}

size_t PartSender::onHead(char *bytes, size_t size, size_t count, void *self)
{
    auto *sender = static_cast<PartSender *>(self);
    sender->m_answerBytes += qint64(size * count);
    sender->m_end.head.takeLine(QByteArrayView(bytes, qsizetype(size * count)));
    return size * count;
}

int PartSender::onRequest(void *self, char *, char *local, int, int localPort)
{
    auto *sender = static_cast<PartSender *>(self);
    // libcurl repeats a request by itself when a kept connection turns out dead. Harmless while nothing of the body was read.
    if (++sender->m_requests > 1 && sender->m_position > 0)
        return CURL_PREREQFUNC_ABORT;
    sender->m_localPort = localPort;
    sender->m_socket = sender->m_tools.sockets.find(local, localPort);
    if (const auto facts = sender->m_socket < 0 ? std::nullopt : socketFacts(sender->m_socket)) {
        sender->m_ackedBefore = sender->m_ackedSeen = facts->ackedBytes;
        sender->m_retransmitsBefore = facts->retransmits;
    }
    sender->m_end.wasConnected = true;
    sender->m_progressed = Clock::now();
    return CURL_PREREQFUNC_OK;
}

int PartSender::onOpenSocket(void *table, int, curl_sockaddr *address)
{
    return static_cast<SocketTable *>(table)->open(*address);
}

int PartSender::onCloseSocket(void *table, int socket)
{
    static_cast<SocketTable *>(table)->close(socket);
    return 0;
}

bool PartSender::sample(Clock::time_point now)
{
    if (!m_end.wasConnected) {
        m_progressed = now; // looking up and connecting have a limit of their own
        return false;
    }
    const std::optional<SocketFacts> facts = m_socket < 0 ? std::nullopt : socketFacts(m_socket);
    const quint64 acked = facts ? facts->ackedBytes : quint64(timeOf(m_handle.get(), CURLINFO_SIZE_UPLOAD_T));
    const bool waitsForLimit = m_isPaused && facts && facts->unackedBytes == 0;
    if (acked != m_ackedSeen || m_answerBytes != m_answerSeen || waitsForLimit)
        m_progressed = now;
    m_ackedSeen = acked;
    m_answerSeen = m_answerBytes;
    noteAcknowledged(qint64(acked - m_ackedBefore) - numberOf(m_handle.get(), CURLINFO_REQUEST_SIZE));
    return now - m_progressed >= std::chrono::milliseconds(m_options.stallTimeoutMs);
}

void PartSender::noteAcknowledged(qint64 bytes)
{
    const qint64 bounded = std::clamp<qint64>(bytes, m_acknowledged, std::max(m_position, m_acknowledged));
    m_tools.progress.add(m_job.clientUploadId, bounded - m_acknowledged);
    m_tools.progress.addTotal(bounded - m_acknowledged);
    m_acknowledged = bounded;
}

void PartSender::resume()
{
    m_isPaused = false;
    curl_easy_pause(m_handle.get(), CURLPAUSE_CONT);
}

PartOutcome PartSender::finish(int curlCode)
{
    return outcome(curlCode);
}

PartOutcome PartSender::abandon(Reason reason)
{
    m_end.isCancelled = reason == Reason::Cancelled;
    m_end.isStalled = reason == Reason::Stalled;
    return outcome(CURLE_ABORTED_BY_CALLBACK);
}

PartOutcome PartSender::outcome(int curlCode)
{
    const CorrelationScope scope(m_job.clientUploadId);
    void *const handle = m_handle.get();
    m_end.curlCode = curlCode;
    m_end.curlText = m_errorText.data();
    m_end.osErrno = int(numberOf(handle, CURLINFO_OS_ERRNO));
    m_end.proxyStatus = int(numberOf(handle, CURLINFO_HTTP_CONNECTCODE));
    m_end.wasResolved = timeOf(handle, CURLINFO_NAMELOOKUP_TIME_T) > 0;
    const int status = int(numberOf(handle, CURLINFO_RESPONSE_CODE));
    m_end.head.status = status >= 200 ? status : 0; // "100 Continue" is no answer
    m_end.isLinkExpired = m_job.linkExpiresMs && nowMs() >= *m_job.linkExpiresMs;
    const Result<> verdict = judgePart(m_end);

    PartOutcome done;
    done.clientUploadId = m_job.clientUploadId;
    done.number = m_job.number;
    done.result = verdict;
    done.requestId = m_end.head.requestId();
    done.retryAfterMs = m_end.head.retryAfterMs(nowMs());
    done.timings = timings();

    if (verdict)
        noteAcknowledged(m_job.size); // the answer acknowledges every byte, whenever the kernel was last asked
    m_tools.progress.add(m_job.clientUploadId, -m_acknowledged);
    m_socket = -1;
    m_isBusy = m_isPaused = false;
    if (verdict)
        qCDebug(lcTransfer) << "part" << done.number << "arrived";
    else if (m_end.isCancelled) // by whom, and whether it is a failure, is not known here: the program may just end
        qCInfo(lcTransfer) << "part" << done.number << "was given up";
    else
        qCInfo(lcTransfer).noquote() << "part" << done.number << errorName(verdict.error().code) << verdict.error().detail;
    return done;
}

QJsonObject PartSender::timings() const
{
    void *const handle = m_handle.get();
    QJsonObject times{
        {u"dns_us"_s, timeOf(handle, CURLINFO_NAMELOOKUP_TIME_T)},
        {u"connect_us"_s, timeOf(handle, CURLINFO_CONNECT_TIME_T)},
        {u"tls_us"_s, timeOf(handle, CURLINFO_APPCONNECT_TIME_T)},
        {u"first_byte_us"_s, timeOf(handle, CURLINFO_STARTTRANSFER_TIME_T)},
        {u"total_us"_s, timeOf(handle, CURLINFO_TOTAL_TIME_T)},
        {u"sent_bytes"_s, timeOf(handle, CURLINFO_SIZE_UPLOAD_T)},
        {u"is_reused"_s, m_requests > 0 && numberOf(handle, CURLINFO_NUM_CONNECTS) == 0},
        {u"local_port"_s, m_localPort},
        {u"requests"_s, m_requests},
    };
    // The connection may be closed by now, and its number given to another file: only the table knows.
    const int socket = m_socket >= 0 && m_tools.sockets.isOpen(m_socket) ? m_socket : -1;
    if (const auto facts = socket < 0 ? std::nullopt : socketFacts(socket)) {
        times.insert(u"rtt_us"_s, qint64(facts->rttUs));
        times.insert(u"retransmits"_s, qint64(facts->retransmits - m_retransmitsBefore));
    }
    return times;
}

void PartSender::FreeHandle::operator()(void *handle) const
{
    curl_easy_cleanup(handle);
}

void PartSender::FreeList::operator()(curl_slist *list) const
{
    curl_slist_free_all(list);
}

} // namespace photolift::transfer
