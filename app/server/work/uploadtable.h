#pragma once

#include "models/vocabulary/records.h"
#include "models/wire/messages.h"

#include <QSqlDatabase>

#include <optional>

namespace photolift::server {

/// Where one upload id stands. Only Open takes parts, only Committed is the worker's.
enum class UploadState {
    Open,
    Committed,
    Ended,     ///< the worker has done its last stage, well or not
    Aborted,
    Swept,     ///< nobody touched it for too long
    Replaced,  ///< the same attempt asked again with other bytes, or after Aborted or Swept, or is Recalled
    Duplicate, ///< answered at the question: the bytes were there
    Refused,   ///< answered at the question: validation had refused the bytes before
    Recalled,  ///< of a database that is lost: known from its client's copy alone, and over (api/recall)
    Returned,  ///< its bytes were not what was announced: the client has its attempt back and sends them again
};
QLatin1StringView uploadStateName(UploadState state);

/// True while, or since, the server alone writes the attempt's status.
bool isServerOwned(UploadState state);

/// One upload as the server's database holds it.
struct Upload {
    QUuid uploadId;
    QString accountId;
    QString userId; ///< whose upload it is, as the token of the question said; an event changes that never
    QString deviceId;
    QString sha256;
    qint64 size = 0;
    qint64 partBytes = wire::PartBytes;
    QString mediaType = QStringLiteral("application/octet-stream"); ///< until somebody says better
    UploadState state = UploadState::Open;
    std::optional<ErrorCode> refusedWith;
    qint64 touchedMs = 0;
    std::optional<qint64> committedMs;
    AttemptRecord attempt;            ///< as the star has it, as soon as the server owns it
    int clientRowVersion = 0;         ///< of the newest row of the attempt that its client has told
    std::optional<PhotoRecord> photo; ///< from the commit on
    QByteArray storeName;             ///< the store's own name of it (ObjectStore::begin); empty: it has none, or nobody kept it
    QStringList partChecksums;        ///< of all its parts in their order, as its question named them and links were signed for; else empty
    wire::UploadStatus told;          ///< what clients are told; told.version counts up with each save()
};

/// What clients are told of the attempt follows from its row.
void tellAttempt(Upload &upload);

/// The table server_uploads.
class UploadTable
{
public:
    explicit UploadTable(const QSqlDatabase &database);

    Result<std::optional<Upload>> byId(const QUuid &uploadId) const;
    /// The same for whoever writes it: on PostgreSQL nobody else changes the row until the end of the transaction at hand.
    Result<std::optional<Upload>> heldById(const QUuid &uploadId) const;
    /// The one upload of this attempt that is not Replaced.
    Result<std::optional<Upload>> currentOf(const QUuid &clientUploadId) const;
    /// The same for many attempts, on PostgreSQL; those that have none are left out.
    Result<QList<Upload>> currentOf(const QList<QUuid> &clientUploadIds) const;
    /// An open upload of the same bytes that this question may go on with: one of the same item, or of the same device and slot
    /// whose attempt nobody works on any more (untouched since `idleBeforeMs`, or the attempt has ended).
    Result<std::optional<Upload>> resumable(const Upload &wanted, qint64 idleBeforeMs) const;
    /// Another attempt's upload of the same bytes that was committed while nothing is decided about them; nullopt, too, for an attempt
    /// that has an upload of its own.
    Result<std::optional<QUuid>> undecided(const QString &accountId, const wire::Question &question) const;
    /// Whether a question of this account may be answered with an upload that is there already, or with what is known of the bytes.
    Result<bool> mayBeAnswered(const QString &accountId, const wire::Question &question) const;
    /// Open uploads nobody touched since then.
    Result<QList<QUuid>> openSince(qint64 touchedBeforeMs) const;
    /// What clients are told of it, as the JSON of wire::UploadStatus; nullopt: no such upload of this person. One from before it was written down whose
    /// it is (user_id '') is everybody's of its account: its client waits for its end, and must not hear that it is gone.
    struct Told { int version = 0; QByteArray json; };
    Result<std::optional<Told>> told(const QString &accountId, const QString &userId, const QUuid &uploadId) const;

    Result<> insert(Upload &upload) const;
    /// Counts told.version up and writes everything that can change.
    Result<> save(Upload &upload) const;
    /// Only the attempt and its client's version: what clients are told does not change.
    Result<> saveAttempt(const Upload &upload) const;
    /// An upload with another attempt than it was read with: what saveAttempt() writes, and with `isTold` what save() writes of a new
    /// attempt (the caller has counted told.version up).
    struct Changed {
        Upload upload;
        int readVersion = 0;       ///< told.version
        int readClientVersion = 0; ///< clientRowVersion
        bool isTold = false;
    };
    /// Many at once, on PostgreSQL; a conflict (store::isConflict) when one is not any more as it was read.
    Result<> saveAttempts(const QList<Changed> &changed) const;
    /// Only the time; for links, which change nothing else.
    Result<> touch(const QUuid &uploadId, qint64 nowMs) const;

private:
    Result<std::optional<Upload>> one(QLatin1StringView sql, const QVariantList &values) const;

    QSqlDatabase m_database;
};

} // namespace photolift::server
