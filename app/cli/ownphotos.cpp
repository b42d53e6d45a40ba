#include "app/cli/ownphotos.h"

#include "app/cli/photofile.h"
#include "app/cli/report.h"
#include "app/cli/runcommand.h"
#include "app/client/tokenfile.h"
#include "models/transfer/proxyfinder.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/pathtext.h"
#include "models/vocabulary/serveraddress.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QNetworkReply>
#include <QTimer>

#include <chrono>

using namespace Qt::StringLiterals;

namespace photolift::cli {

namespace {

/// Of a folder's server an answer holds no more, and a broken connection loses no more.
constexpr qint64 RangeBytes = 8LL * 1024 * 1024;
constexpr int MostTries = 5;
constexpr int PauseMs = 1000;
constexpr int StallMs = 60000;

bool isRemoval(const OwnPhotosOptions &options)
{
    return options.what == OwnPhotosOptions::What::Remove;
}

QString textOf(const wire::RemovalAnswer &answer, const QString &id)
{
    QString text = u"%1: %2 of %3 photos removed"_s.arg(id).arg(answer.removed).arg(answer.photos);
    if (answer.goneMs)
        text += u"; they can be restored until "_s + QDateTime::fromMSecsSinceEpoch(*answer.goneMs).toString(Qt::ISODate);
    if (answer.underWay > 0)
        text += u"; %1 more are still on their way and are not removed"_s.arg(answer.underWay);
    return text;
}

} // namespace

OwnPhotos::OwnPhotos(OwnPhotosOptions options, QObject *parent)
    : QObject(parent)
    , m_options(std::move(options))
    , m_out(stdout)
    , m_err(stderr)
{
    m_store.setProxyFactory(new transfer::SystemProxies); // the manager owns it
    m_store.setRedirectPolicy(QNetworkRequest::ManualRedirectPolicy);
}

OwnPhotos::~OwnPhotos() = default;

void OwnPhotos::begin()
{
    const Result<QByteArray> token = client::readToken(m_options.server.tokenFile);
    if (!token) {
        m_err << "photolift-cli: " << token.error().detail << Qt::endl;
        return end(ExitUsage);
    }
    m_api.setServer(m_options.server.server, *token);
    next();
}

void OwnPhotos::interrupt()
{
    end(ExitInterrupted);
}

void OwnPhotos::next()
{
    if (m_isEnding)
        return;
    m_file.reset();
    m_tries = 0;
    if (++m_at >= m_options.ids.size())
        return end(m_isAllGood ? ExitGood : m_isServerThere ? ExitNotAll
                                                            : ExitNoServer);
    if (m_options.what == OwnPhotosOptions::What::Download)
        fetchLink();
    else
        stand();
}

void OwnPhotos::stand()
{
    const auto which = m_options.isBatch ? transfer::ApiClient::Which::Batch : transfer::ApiClient::Which::Photo;
    m_api.setRemoved(which, m_options.ids.at(m_at), isRemoval(m_options)).then(this, [this](const transfer::ApiAnswer<wire::RemovalAnswer> &answer) {
        if (!answer)
            return comesLater(answer.fault, &OwnPhotos::stand) ? void() : fail(answer.fault.error);
        m_isServerThere = true;
        const QString id = idText(m_options.ids.at(m_at));
        if (m_options.common.isJson) {
            QJsonObject line = wire::toJson(*answer.value);
            line.insert(u"event"_s, isRemoval(m_options) ? u"removed"_s : u"restored"_s);
            line.insert(u"id"_s, id);
            printLine(m_out, line);
        } else {
            m_out << textOf(*answer.value, id) << Qt::endl;
        }
        next();
    });
}

void OwnPhotos::fetchLink()
{
    m_api.photoLink(m_options.ids.at(m_at)).then(this, [this](const transfer::ApiAnswer<wire::PhotoLink> &answer) {
        if (!answer)
            return comesLater(answer.fault, &OwnPhotos::fetchLink) ? void() : fail(answer.fault.error);
        m_isServerThere = true;
        if (m_file && answer.value->sha256 != m_link.sha256)
            return fail({ErrorCode::VerificationHashMismatch, u"the id means another photo now"_s});
        m_link = *answer.value;
        if (isOpenToOthers(m_link.url))
            return fail({ErrorCode::NetworkIdentityUntrusted, u"the link leads over http://, in the clear"_s});
        if (!m_file) {
            auto file = PhotoFile::make(m_options.into, m_link.relativePath);
            if (!file)
                return fail(file.error(), file.error().detail);
            m_file = *std::move(file);
        }
        fetchRange();
    });
}

void OwnPhotos::fetchRange()
{
    const qint64 from = m_file->size();
    if (from >= m_link.size)
        return keep();
    const qint64 last = std::min(from + RangeBytes, m_link.size) - 1;
    QNetworkRequest request(m_link.url);
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    request.setTransferTimeout(StallMs);
    request.setRawHeader("Range", "bytes=" + QByteArray::number(from) + '-' + QByteArray::number(last));
    request.setRawHeader("Accept-Encoding", "identity");
    QNetworkReply *reply = m_store.get(request);
    connect(reply, &QNetworkReply::downloadProgress, this, [reply](qint64 received, qint64) {
        if (received > RangeBytes) // whoever answers has not understood
            reply->abort();
    });
    connect(reply, &QNetworkReply::finished, this, [this, reply, wanted = last + 1 - from] {
        reply->deleteLater();
        if (m_isEnding)
            return;
        const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
        const QByteArray bytes = reply->isOpen() ? reply->readAll() : QByteArray();
        const bool isRange = status == 206 || (status == 200 && wanted == m_link.size);
        if (reply->error() == QNetworkReply::NoError && isRange && bytes.size() == wanted) {
            m_tries = 0;
            if (const Result<> added = m_file->add(bytes); !added)
                return fail(added.error(), added.error().detail);
            return fetchRange();
        }
        if (status == 404)
            return fail({ErrorCode::StorageCopyDamaged, u"the object is not in the store"_s});
        if (++m_tries >= MostTries)
            return fail({ErrorCode::TransferConnectionLost, u"the store answers %1 %2"_s.arg(status).arg(reply->error())});
        // 403: the link has ended meanwhile. Whatever it was, a new one is as good.
        QTimer::singleShot(status == 403 ? 0 : PauseMs * m_tries, this, &OwnPhotos::fetchLink);
    });
}

void OwnPhotos::keep()
{
    if (const Result<> kept = m_file->keep(m_link.sha256, m_link.size); !kept)
        return fail(kept.error());
    if (m_options.common.isJson) {
        printLine(m_out, {{u"event"_s, u"downloaded"_s}, {u"id"_s, idText(m_options.ids.at(m_at))}, {u"path"_s, m_file->path()}, {u"size"_s, m_link.size}, {u"sha256"_s, m_link.sha256}});
    } else {
        m_out << displayName(m_file->path()) << Qt::endl;
    }
    next();
}

/// True when the server asked to come later, such as for one more access token within a minute, and that is done.
bool OwnPhotos::comesLater(const transfer::ApiFault &fault, void (OwnPhotos::*again)())
{
    const bool isAsked = fault.error.code == ErrorCode::ApiRateLimited || fault.error.code == ErrorCode::ApiUnavailable;
    const qint64 pauseMs = fault.retryAfterMs.value_or(2 * PauseMs);
    if (!isAsked || fault.error.cause.httpStatus == 0 || m_waitedMs + pauseMs > m_options.server.waitMs)
        return false;
    m_waitedMs += pauseMs;
    QTimer::singleShot(std::chrono::milliseconds(pauseMs), Qt::PreciseTimer, this, again); // not a moment before
    return true;
}

void OwnPhotos::fail(const Error &error, const QString &sentence)
{
    m_isAllGood = false;
    m_isServerThere = m_isServerThere || error.cause.httpStatus != 0;
    const QString id = idText(m_options.ids.at(m_at));
    const QString words = !sentence.isEmpty() ? sentence
        : error.code == ErrorCode::TransferUploadGone
        ? (m_options.isBatch ? u"you have no photos of this batch there"_s : u"you have no such photo there, or it is removed"_s)
        : sentenceFor(error.code);
    if (m_options.common.isJson)
        printLine(m_out, {{u"event"_s, u"failed"_s}, {u"id"_s, id}, {u"error_code"_s, QString(errorName(error.code))}, {u"message"_s, words}});
    m_err << "photolift-cli: " << id << ": " << words << " (" << QString(errorName(error.code)) << ')' << Qt::endl;
    next();
}

void OwnPhotos::end(int exitCode)
{
    if (std::exchange(m_isEnding, true))
        return;
    m_file.reset();
    // Not before the loop runs: it would not hear of it.
    QTimer::singleShot(0, QCoreApplication::instance(), [exitCode] { QCoreApplication::exit(exitCode); });
}

} // namespace photolift::cli
