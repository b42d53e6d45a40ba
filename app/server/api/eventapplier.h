#pragma once

#include "app/server/api/eventbatch.h"
#include "app/server/work/purgedrecord.h"
#include "app/server/work/uploadtable.h"
#include "models/vocabulary/ids.h"

namespace photolift::server {

/// What an event does, whichever way its batch is written. `Desk` is that way (eventdesks.h): who owns what, the uploads, and the star.
/// Nothing of a refused event is left in a desk.
template <typename Desk> class EventApplier
{
public:
    EventApplier(Desk &desk, const Caller &caller, const Recall &before, qint64 nowMs, QSet<QUuid> &changed)
        : m_desk(desk)
        , m_caller(caller)
        , m_before(before)
        , m_nowMs(nowMs)
        , m_changed(changed)
    {
    }

    Result<> apply(const Event &event)
    {
        return std::visit([&](const auto &row) { return applyRow(row, event.eventId); }, event.row);
    }

private:
    Result<> applyRow(ProjectRecord project, const QUuid &eventId)
    {
        project.ownerUserId = m_caller.userId;
        const Result<QUuid> meant = m_desk.resolve(project);
        if (!meant)
            return meant.error();
        project.projectId = *meant;
        const Result<> own = m_desk.checkOwnProject(project.projectId);
        return own ? m_desk.write(project, eventId) : own;
    }

    Result<> applyRow(BatchRecord batch, const QUuid &eventId)
    {
        const Result<QUuid> meant = m_desk.meant(batch.projectId);
        if (!meant)
            return meant.error();
        batch.projectId = *meant;
        const Result<> project = m_desk.checkOwnProject(batch.projectId);
        const Result<> own = project ? m_desk.checkOwnBatch(batch.batchId) : project;
        if (!own)
            return own;
        const Result<bool> purged = isPurged(batch.batchId);
        if (!purged)
            return purged.error();
        if (*purged)
            purgeNames(batch);
        return m_desk.write(batch, eventId);
    }

    Result<> applyRow(AttemptRecord attempt, const QUuid &eventId)
    {
        const Result<QUuid> meant = m_desk.meant(attempt.projectId);
        if (!meant)
            return meant.error();
        attempt.projectId = *meant;
        if (const Result<> project = m_desk.checkOwnProject(attempt.projectId); !project)
            return project;
        if (const Result<> batch = m_desk.checkOwnBatch(attempt.batchId); !batch)
            return batch;
        if (const Result<> own = m_desk.checkOwnAttempt(attempt.clientUploadId); !own)
            return own;
        attempt.surroundings.userId = m_caller.userId;
        Result<std::optional<Upload>> upload = m_desk.uploadOf(attempt.clientUploadId);
        if (!upload)
            return upload.error();
        const Result<bool> purged = isPurged(attempt, *upload);
        if (!purged)
            return purged.error();
        if (*purged)
            purgeNames(attempt);
        if constexpr (Desk::CanRecall) {
            if (*upload && m_before.hasLostTheEnd(**upload, attempt)) {
                (*upload)->state = UploadState::Replaced;
                if (const Result<> saved = m_desk.saveTold(**upload); !saved)
                    return saved;
                upload->reset();
            }
        }
        if (!*upload) {
            const Result<> written = m_desk.write(attempt, eventId);
            if constexpr (Desk::CanRecall) {
                if (written && m_before.isOf(attempt.clientUploadId))
                    return recall(m_desk.writing(), m_caller, attempt, m_before, m_nowMs);
            }
            return written;
        }
        Upload &known = **upload;
        if (attempt.rowVersion <= known.clientRowVersion)
            return {};
        known.clientRowVersion = attempt.rowVersion;
        // How the answer to the question ended the attempt its client knows, and nobody follows it any more: the end it writes is the last word,
        // also where what it told before the answer came has counted our version up as far as its own.
        const bool isEndedAtOnce = known.state == UploadState::Duplicate || known.state == UploadState::Refused
            || known.state == UploadState::Recalled;
        if (!isEndedAtOnce && isServerOwned(known.state) && isTerminal(attempt.status) && attempt.rowVersion == known.attempt.rowVersion)
            return m_desk.saveAttempt(known); // our own end, told back

        const bool isTheirs = !isServerOwned(known.state) || (isEndedAtOnce && isTerminal(attempt.status));
        if (isTheirs) {
            known.attempt = attempt;
        } else {
            // What the client learnt meanwhile is welcome; how the attempt stands is the server's to say. The client reckons the version
            // alike when it copies the end (StatusFollower), so that both rows are equal whether this event came before the end or after it.
            attempt.status = known.attempt.status;
            attempt.endedMs = known.attempt.endedMs;
            attempt.totalDurationMs = known.attempt.totalDurationMs;
            attempt.rowVersion = std::max(known.attempt.rowVersion, attempt.rowVersion + 1);
            known.attempt = attempt;
        }
        if (const Result<> written = m_desk.write(known.attempt, eventId, store::StarWriter::SameVersion::Replaces); !written)
            return written;
        if (isTheirs)
            return m_desk.saveAttempt(known);
        tellAttempt(known);
        m_changed.insert(known.uploadId);
        return m_desk.saveTold(known);
    }

    Result<> applyRow(StageRecord stage, const QUuid &eventId)
    {
        if (const Result<> own = m_desk.checkOwnAttempt(stage.clientUploadId); !own)
            return own;
        const Result<bool> purged = isPurged(stage.clientUploadId);
        if (!purged)
            return purged.error();
        if (*purged)
            purgeNames(stage);
        if (!isServerStage(stage.stage))
            return m_desk.write(stage, eventId);
        // The server's stages are written by the server alone, as long as there is one that knows the attempt.
        if (!m_before.isOf(stage.clientUploadId))
            return {};
        const Result<std::optional<Upload>> upload = m_desk.uploadOf(stage.clientUploadId);
        if (!upload)
            return upload.error();
        const bool isKnown = *upload && (*upload)->state != UploadState::Recalled;
        return isKnown ? Result<>() : m_desk.write(stage, eventId);
    }

    Result<> applyRow(ErrorRecord error, const QUuid &)
    {
        if (const Result<> own = m_desk.checkOwnAttempt(error.clientUploadId); !own)
            return own;
        const Result<bool> purged = isPurged(error.clientUploadId);
        if (!purged)
            return purged.error();
        if (*purged)
            purgeNames(error);
        return m_desk.write(error);
    }

    Result<> applyRow(const PhotoRecord &photo, const QUuid &eventId)
    {
        if (const Result<> own = m_desk.checkOwnAttempt(photo.clientUploadId); !own)
            return own;
        if (const Result<bool> purged = isPurged(photo.clientUploadId); !purged || *purged)
            return purged ? Result<>() : purged.error(); // all there is to be known of it is known
        Result<std::optional<Upload>> upload = m_desk.uploadOf(photo.clientUploadId);
        if (!upload)
            return upload.error();
        if (*upload && (*upload)->told.photo)
            return {}; // completed by the server: what the client knew went into it at the commit
        if constexpr (Desk::CanRecall) {
            if (*upload && (*upload)->state == UploadState::Recalled) {
                if (const Result<> recalled = recall(m_desk.writing(), **upload, photo); !recalled)
                    return recalled;
            }
        }
        return m_desk.write(photo, eventId);
    }

    Result<> applyRow(HeartbeatRecord heartbeat, const QUuid &)
    {
        heartbeat.surroundings.userId = m_caller.userId;
        return m_desk.write(heartbeat, m_nowMs);
    }

    /// Of a batch, or an attempt that the purge knew.
    Result<bool> isPurged(const QUuid &id) const
    {
        const Result<std::optional<qint64>> purged = m_desk.purgedMs(id);
        return purged ? Result<bool>(purged->has_value()) : purged.error();
    }

    /// Also of one that began before its item was purged and is heard of only now.
    Result<bool> isPurged(const AttemptRecord &attempt, const std::optional<Upload> &upload) const
    {
        const Result<bool> itself = isPurged(attempt.clientUploadId);
        if (!itself || *itself || upload)
            return itself;
        const Result<std::optional<qint64>> item = m_desk.purgedMs(attempt.itemId);
        return item ? Result<bool>(*item && instantOf(attempt.clientUploadId) < **item) : item.error();
    }

    Desk &m_desk;
    const Caller &m_caller;
    const Recall &m_before;
    const qint64 m_nowMs;
    QSet<QUuid> &m_changed;
};

} // namespace photolift::server
