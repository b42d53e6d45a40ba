#pragma once

#include "models/store/changes.h"
#include "models/store/outboxtable.h"
#include "models/store/starwriter.h"

namespace photolift::store {

/// What each change does to the tables: queue, star and outbox together. The caller owns the transaction; on the recorder's thread.
class ChangeWriter
{
public:
    /// Both outlive it.
    ChangeWriter(const QSqlDatabase &database, Statements &statements, OutboxTable &outbox)
        : m_statements(statements)
        , m_outbox(outbox)
        , m_star(database)
    {
    }

    Result<> write(const Change &change);

private:
    Result<> apply(const BatchAccepted &change);
    Result<> apply(const ItemsFound &change);
    Result<> apply(const BatchCounted &change);
    Result<> apply(const DropLooked &change);
    Result<> apply(const WalkReopened &change);
    Result<> apply(const BatchPaused &change);
    Result<> apply(const BatchPriority &change);
    Result<> apply(const BatchCleared &change);
    Result<> apply(const ItemMoved &change);
    Result<> apply(const DropCancelled &change);
    Result<> apply(const CancelUndone &change);
    Result<> apply(const UploadAssigned &change);
    Result<> apply(const PartAcknowledged &change);
    Result<> apply(const CommitSent &change);
    Result<> apply(const UploadForgotten &change);
    Result<> apply(const SettingChanged &change);
    Result<> apply(const AttemptChanged &change);
    Result<> apply(const StageChanged &change);
    Result<> apply(const ServerStagesLost &change);
    Result<> apply(const ErrorHappened &change);
    Result<> apply(const PhotoKnown &change);
    Result<> apply(const HeartbeatTaken &change);

    Result<> execute(const QString &sql, const QVariantList &values);
    template <typename Record> Result<> mirror(wire::MirrorEvent::Kind kind, const QUuid &eventId, const Record &record, const QString &key);
    template <typename Record>
    Result<> record(wire::MirrorEvent::Kind kind, const Record &record, const QString &key, bool isFromServer);
    Result<BatchRecord> batch(const QUuid &batchId);
    /// Tells how many photos a drop has as soon as that is known; `rowOfDrop` asks for its row by one id.
    Result<> countDrop(const QString &rowOfDrop, const QUuid &id);

    Statements &m_statements;
    OutboxTable &m_outbox;
    StarWriter m_star;
};

} // namespace photolift::store
