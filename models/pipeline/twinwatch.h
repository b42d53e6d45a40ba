#pragma once

#include <QHash>
#include <QObject>
#include <QSet>
#include <QUuid>

namespace photolift::pipeline {

/// Of equal files the second waits for the first: one attempt leads for each content, until it has ended. Nobody waits for one of
/// another drop that is paused. Kept in memory alone: after a restart the files are hashed again and meet here again.
class TwinWatch final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(TwinWatch)
public:
    explicit TwinWatch(QObject *parent)
        : QObject(parent)
    {
    }

    /// The item whose attempt leads for these bytes: null when this one does from now on. Otherwise released() follows for it.
    QUuid leaderOf(const QUuid &batchId, const QString &sha256, qint64 size, const QUuid &attempt, const QUuid &itemId);
    /// It has led since leaderOf() said so; not any more when its drop was paused and another took the lead.
    bool leads(const QUuid &attempt) const { return m_keyOfLeader.contains(attempt); }
    void setBatchPaused(const QUuid &batchId, bool isPaused);
    /// The attempt has ended, or begins anew with other bytes.
    void forget(const QUuid &attempt);

Q_SIGNALS:
    void released(const QUuid &attempt); ///< may ask again: the leader has ended, or is paused

private:
    struct Group {
        QUuid leader;
        QUuid leadingItem;
        QUuid leadingBatch;
        QList<QUuid> waiting;
    };
    QHash<QString, Group> m_groups;
    QHash<QUuid, QString> m_keyOfLeader;
    QSet<QUuid> m_pausedBatches;
};

} // namespace photolift::pipeline
