#pragma once

#include <QHash>
#include <QObject>
#include <QUuid>

namespace photolift::pipeline {

/// Of equal files in one drop the second waits for the first: one attempt leads for each content of a batch, until it has ended.
/// Kept in memory alone: after a restart the files are hashed again and meet here again.
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
    /// The attempt has ended, or begins anew with other bytes.
    void forget(const QUuid &attempt);

Q_SIGNALS:
    void released(const QUuid &attempt); ///< may ask again: the leader has ended

private:
    struct Group {
        QUuid leader;
        QUuid leadingItem;
        QList<QUuid> waiting;
    };
    QHash<QString, Group> m_groups;
    QHash<QUuid, QString> m_keyOfLeader;
};

} // namespace photolift::pipeline
