#pragma once

#include "app/server/work/uploadtable.h"

#include <QSqlDatabase>

#include <optional>

namespace photolift::server {

/// What is known of bytes of an account: the tables server_objects, server_assets and server_search.
class ObjectTable
{
public:
    explicit ObjectTable(const QSqlDatabase &database);

    enum class State {
        Stored,      ///< validated and kept: a question for the same bytes is a duplicate
        Quarantined, ///< kept, but they ended the check; never opened again
        Refused,     ///< validation said no; not kept
        Lost,        ///< was stored, and its copy was found damaged or missing: the next upload of the same bytes takes its place
    };
    struct Known {
        State state = State::Stored;
        std::optional<ErrorCode> refusedWith;
        QString storageLocation;
        QString decoder; ///< what opened the bytes when this was decided; empty: unknown
        std::optional<ErrorCode> previewError; ///< why a stored photo has no preview: another decoder looks once more
    };
    Result<std::optional<Known>> known(const QString &accountId, const QString &sha256, qint64 size) const;
    Result<> decide(const Upload &upload, const Known &known, qint64 nowMs) const;
    /// A stored photo without a preview that another decoder judged, in no order; nullopt: there is none.
    struct WithoutPreview {
        QString accountId;
        QString sha256;
        qint64 size = 0;
        ErrorCode error = ErrorCode::ProcessingDecodeFailed;
    };
    Result<std::optional<WithoutPreview>> nextWithoutPreview(const QString &decoder) const;
    /// `previewError` nothing: it has one now. False when the photo is not there any more.
    Result<bool> judgeAnew(const WithoutPreview &photo, const QString &decoder, std::optional<ErrorCode> previewError) const;
    /// Of bytes that were refused because no decoder knew them, and not by this one, nothing is known any more.
    Result<> forgetRefusalsOfOtherDecoders(const QString &decoder) const;

    /// The stored copy is not what it was when somebody looked, at `seenMs`. A store has one for all accounts, so each of them whose rows may be seen
    /// here has lost it, but for those that have brought it since then (and before `nowMs`: a time to come is that of a clock that was wrong).
    /// How many rows say so now.
    Result<int> markLost(const QString &sha256, qint64 size, qint64 seenMs, qint64 nowMs) const;
    /// The copy is what it was again, whoever brought it: nobody has to bring it once more, and it stays as long as one of them needs it.
    Result<> markFound(const QString &sha256, qint64 size) const;

    /// The photo in its slot: one row per account, bytes and slot, however many attempts bring it. One that is there is wanted again, and not
    /// purged if it was about to be; nor removed, if it was this person who had asked for that.
    Result<> addAsset(const Upload &upload, qint64 nowMs) const;
    /// Makes the asset of this upload findable; a repeat changes nothing.
    Result<> index(const Upload &upload) const;
    /// The same, with what is known now in place of what was.
    Result<> indexAnew(const Upload &upload) const;

private:
    Result<> writeIndex(QLatin1StringView sql, const Upload &upload) const;

    QSqlDatabase m_database;
};

} // namespace photolift::server
