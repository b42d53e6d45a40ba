#pragma once

#include <QByteArray>
#include <QHash>
#include <QString>

#include <optional>

namespace photolift::transfer {

/// The head of an HTTP answer, and what it says about who answered: our server, a store, or somebody in between.
struct AnswerHead {
    int status = 0;                        ///< 0: no answer came
    QHash<QByteArray, QByteArray> headers; ///< names in lower case
    bool isTorn = false;                   ///< the connection ended inside it

    /// Reads one line as it came: a status line begins a new head (after "100 Continue"), which
    /// is torn until its empty line; others add a header.
    void takeLine(QByteArrayView line);

    QByteArray header(QByteArrayView lowerCaseName) const;
    QByteArray mediaType() const;          ///< lower case, without parameters; empty when there is none
    QByteArray etag() const;               ///< without quotes and the weak mark
    bool isOurs() const;                   ///< carries our header
    bool isFromStore() const;              ///< ours (folder), or an S3 request id
    QString requestId() const;             ///< ours or the store's
    /// Retry-After in ms from now: seconds or an HTTP date; nullopt when absent or unreadable. Not clamped, never negative.
    std::optional<qint64> retryAfterMs(qint64 nowMs) const;
    /// The server's clock, from Date.
    std::optional<qint64> dateMs() const;
};

/// An HTTP date in the form every server has to send (RFC 9110, IMF-fixdate), as Unix ms.
std::optional<qint64> httpDateMs(QByteArrayView text);

} // namespace photolift::transfer
