#pragma once

#include "models/store/changes.h"

#include <QHash>
#include <QSet>
#include <QTimer>

namespace photolift::pipeline {

/// Turns what the recorder has committed into "read these again", at most ten times a second.
class ChangeFeed final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ChangeFeed)
public:
    explicit ChangeFeed(QObject *parent);
    void take(const store::Changes &changes);

Q_SIGNALS:
    void itemsChanged(const QList<QUuid> &itemIds);
    void batchesChanged(const QList<QUuid> &batchIds);

private:
    void note(const store::Change &change);
    void flush();

    QSet<QUuid> m_items;
    QSet<QUuid> m_batches;
    QHash<QUuid, QUuid> m_itemOfAttempt; ///< of attempts that are not over
    QTimer m_timer;
};

} // namespace photolift::pipeline
