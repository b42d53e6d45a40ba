#include "app/server/objects/s3/s3client.h"

#include "app/server/objects/s3/storeabsence.h"

#include <QDateTime>
#include <QUrlQuery>
#include <QXmlStreamReader>

#include <curl/curl.h>

#include <algorithm>
#include <mutex>
#include <vector>

namespace photolift::server {

using namespace Qt::StringLiterals;

namespace {
constexpr int SignatureSeconds = 300;
constexpr long ConnectTimeoutMs = 10'000;
/// A store that has lost two of its three disks gives no answer at all until they are back (SERVER): that has to end. Where a client waits for what we
/// ask, it has to end long before the 30 s after which the client would take the line for broken.
constexpr long ShortStallSeconds = 12;
constexpr long StallSeconds = 60; ///< of what is much work for the store, or long
constexpr long ReadBytes = 256 * 1024; ///< at once, of photos of many megabytes; curl's own 16 KiB cost a system call each
constexpr qsizetype KeptBodyBytes = 8 * 1024 * 1024; ///< lists and errors are far smaller

using HeaderList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

/// What the callbacks of one request write to.
struct Transfer {
    CURL *handle = nullptr;
    const S3Request &request;
    StoreClock &clock;
    S3Answer answer;
    bool isOverflown = false;
    qsizetype given = 0; ///< of a body that is torn
};

std::size_t onHeader(char *data, std::size_t, std::size_t length, void *context)
{
    auto &transfer = *static_cast<Transfer *>(context);
    const QByteArray line = QByteArray(data, static_cast<qsizetype>(length)).trimmed();
    if (line.startsWith("HTTP/")) {
        transfer.answer.headers.clear(); // those before were of a 100
    } else if (const qsizetype colon = line.indexOf(':'); colon > 0) {
        const QByteArray name = line.first(colon).toLower();
        const QByteArray value = line.sliced(colon + 1).trimmed();
        transfer.answer.headers.insert(name, value);
        if (name == "date")
            transfer.clock.answered(value); // now, and not at the end of a long body
    }
    return length;
}

std::size_t onBody(char *data, std::size_t, std::size_t length, void *context)
{
    auto &transfer = *static_cast<Transfer *>(context);
    const QByteArrayView bytes(data, static_cast<qsizetype>(length));
    long status = 0;
    curl_easy_getinfo(transfer.handle, CURLINFO_RESPONSE_CODE, &status);
    if (transfer.request.sink && status >= 200 && status < 300)
        return transfer.request.sink(bytes) ? length : 0;
    if (transfer.answer.body.size() + bytes.size() > KeptBodyBytes) {
        transfer.isOverflown = true;
        return 0;
    }
    transfer.answer.body.append(bytes);
    return length;
}

std::size_t giveHalf(char *data, std::size_t, std::size_t room, void *context)
{
    auto &transfer = *static_cast<Transfer *>(context);
    const qsizetype half = transfer.request.body.size() / 2;
    if (transfer.given >= half)
        return CURL_READFUNC_ABORT;
    const qsizetype length = std::min(half - transfer.given, static_cast<qsizetype>(room));
    std::copy_n(transfer.request.body.constData() + transfer.given, length, data);
    transfer.given += length;
    return static_cast<std::size_t>(length);
}

int onProgress(void *context, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
    const auto &transfer = *static_cast<Transfer *>(context);
    return transfer.request.cancelled && *transfer.request.cancelled ? 1 : 0;
}

QByteArray wordIn(const QByteArray &body)
{
    QXmlStreamReader xml(body);
    while (xml.readNextStartElement()) {
        if (xml.name() == "Code"_L1)
            return xml.readElementText().toLatin1().left(64);
        if (xml.name() != "Error"_L1)
            xml.skipCurrentElement();
    }
    return {};
}

/// Whether it is one look or one small write. To put parts together, to copy and to read a photo takes the store its time, and no client waits.
bool isShort(const S3Request &request)
{
    const auto hasName = [](const QByteArray &name) { return [name](const auto &field) { return field.first == name; }; };
    const bool puts = request.method == "POST" && std::ranges::any_of(request.query, hasName("uploadId"));
    return !request.sink && !puts && std::ranges::none_of(request.headers, hasName("x-amz-copy-source"));
}

QUrl signedUrl(const S3Account &account, const S3Request &request)
{
    sigv4::PresignOrder order;
    order.method = request.method;
    order.url = account.urlOf(request.key, account.endpoint);
    QByteArrayList pieces;
    for (const auto &[name, value] : request.query)
        pieces.append(name.toPercentEncoding() + '=' + value.toPercentEncoding());
    if (!pieces.isEmpty())
        order.url.setQuery(QString::fromLatin1(pieces.join('&')), QUrl::StrictMode);
    order.signedHeaders = request.headers;
    order.expiresSeconds = SignatureSeconds;
    return sigv4::presign(order, account.credentials, QDateTime::currentDateTimeUtc());
}
}

class S3Client::Private
{
public:
    explicit Private(S3Account given)
        : account(std::move(given))
    {
    }
    ~Private()
    {
        for (CURL *handle : idle)
            curl_easy_cleanup(handle);
    }

    /// A handle for one request; its connection stays open for the next one.
    CURL *take()
    {
        {
            const std::scoped_lock lock(mutex);
            if (!idle.empty()) {
                CURL *handle = idle.back();
                idle.pop_back();
                return handle;
            }
        }
        return curl_easy_init();
    }
    void giveBack(CURL *handle)
    {
        curl_easy_reset(handle);
        const std::scoped_lock lock(mutex);
        idle.push_back(handle);
    }

    const S3Account account;
    StoreAbsence absence;
    StoreClock clock;
    std::atomic<qint64> sent = 0;
    std::mutex mutex; ///< guards idle
    std::vector<CURL *> idle;
};

QByteArray S3Answer::etag() const
{
    QByteArray tag = headers.value("etag");
    tag.replace('"', QByteArray());
    return tag;
}

S3Client::S3Client(S3Account account)
    : d(new Private(std::move(account)))
{
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT); // counted inside; the data plane of a client does the same
    Q_UNUSED(initialised)
}

S3Client::~S3Client() = default;

const S3Account &S3Client::account() const
{
    return d->account;
}

qint64 S3Client::requestsSent() const
{
    return d->sent;
}

const StoreClock &S3Client::storeClock() const
{
    return d->clock;
}

Result<S3Answer> S3Client::send(const S3Request &request)
{
    return sendTo(signedUrl(d->account, request), request);
}

Result<S3Answer> S3Client::sendTo(const QUrl &to, const S3Request &request)
{
    const bool isShort = server::isShort(request);
    if (isShort && !d->absence.mayAsk())
        return Error{ErrorCode::StorageNotReady, u"the store gave no answer a moment ago"_s};
    ++d->sent;
    CURL *handle = d->take();
    Transfer transfer{handle, request, d->clock, {}};
    const QByteArray url = to.toEncoded();
    const QByteArray authorities = d->account.authorityFile.toLocal8Bit();

    HeaderList headers(nullptr, curl_slist_free_all);
    const auto add = [&headers](const QByteArray &line) {
        if (curl_slist *longer = curl_slist_append(headers.get(), line.constData())) {
            (void)headers.release();
            headers.reset(longer);
        }
    };
    for (const auto &[name, value] : request.headers)
        add(name + ": " + value);
    add("Expect:"); // one trip less; every body here is small

    curl_easy_setopt(handle, CURLOPT_URL, url.constData());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L); // signed as it is
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, ConnectTimeoutMs);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, isShort ? ShortStallSeconds : StallSeconds);
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, ReadBytes);
    if (!authorities.isEmpty())
        curl_easy_setopt(handle, CURLOPT_CAINFO, authorities.constData());
    if (request.method == "HEAD") {
        curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    } else if (request.isTorn) {
        curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(handle, CURLOPT_READFUNCTION, giveHalf);
        curl_easy_setopt(handle, CURLOPT_READDATA, &transfer);
    } else if (request.method != "GET") {
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.constData());
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.constData());
        add("Content-Type:"); // curl would name a form
    }
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, onHeader);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, onBody);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, onProgress);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);

    const CURLcode ended = curl_easy_perform(handle);
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    long osErrno = 0;
    curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &osErrno);
    d->giveBack(handle);
    if (ended == CURLE_OPERATION_TIMEDOUT)
        d->absence.gaveNoAnswer();
    else if (ended == CURLE_ABORTED_BY_CALLBACK)
        d->absence.stopped();
    else
        d->absence.answered();
    if (ended == CURLE_ABORTED_BY_CALLBACK)
        return Error{ErrorCode::UserCancelled, u"a request to the store was stopped"_s};
    if (ended != CURLE_OK) {
        const QString why = transfer.isOverflown ? u"the answer is too large"_s : QString::fromLatin1(curl_easy_strerror(ended));
        return Error{ErrorCode::StorageNotReady, QString::fromLatin1(request.method) % u" on the store: "_s % why, {.osErrno = static_cast<int>(osErrno), .curlCode = ended}};
    }
    transfer.answer.status = static_cast<int>(status);
    if (!transfer.answer.isGood())
        transfer.answer.errorCode = wordIn(transfer.answer.body);
    return transfer.answer;
}

Result<S3Answer> S3Client::sendExpectingGood(const S3Request &request)
{
    Result<S3Answer> answer = send(request);
    if (answer && !answer->isGood())
        return s3Error(*answer, request.method + ' ' + (request.query.isEmpty() ? QByteArray() : request.query.first().first));
    return answer;
}

Error s3Error(const S3Answer &answer, const QByteArray &tried)
{
    ErrorCode code = ErrorCode::StorageNotReady;
    const QByteArray &word = answer.errorCode;
    if (word == "NoSuchUpload")
        code = ErrorCode::TransferUploadGone;
    else if (word == "InvalidPart" || word == "InvalidPartOrder" || word == "EntityTooSmall")
        code = ErrorCode::ReceptionPartsMissing;
    else if (answer.status == 507 || word == "QuotaExceeded")
        code = ErrorCode::StorageNoSpace;
    else if (answer.status == 404 && word != "NoSuchBucket")
        code = ErrorCode::StorageCopyDamaged; // the object is missing
    return {code, u"the store answered %1 %2 to %3"_s.arg(answer.status).arg(QLatin1StringView(word), QLatin1StringView(tried.trimmed())),
            {.httpStatus = answer.status, .s3Code = QString::fromLatin1(word)}};
}

} // namespace photolift::server
