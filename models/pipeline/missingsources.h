#pragma once

#include "models/store/worklist.h"

#include <QObject>
#include <QThreadPool>
#include <QTimer>

#include <functional>
#include <map>
#include <set>

namespace photolift::pipeline {

/// Photos that need a file which is not there or not readable: looked for every ten seconds while there are any. Folders first, since a
/// card that was pulled is one look and not 100,000; then, in folders that are there, some files at a time, one after the other.
/// Lives on the engine's thread.
class MissingSources final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MissingSources)
public:
    /// Whether something else has this photo in hand, or is about to: it is then left to that, and looked for again if it stays missing.
    using IsInHand = std::function<bool(const store::Item &item)>;
    MissingSources(QThreadPool &looks, store::WorkList &workList, IsInHand isInHand, QObject *parent);

    void takeUp(); ///< those that earlier runs left
    void add(const store::Item &item);
    void look();   ///< now; nothing while a look is under way

Q_SIGNALS:
    void looked();
    void back(const QList<store::Item> &items); ///< their files are there: they can be tried again

private:
    /// Of one folder, in the order of their ids.
    struct Folder {
        std::set<QUuid> items;
        QUuid lookedAt; ///< the one looked at last: the next round goes on behind it
    };
    std::optional<store::Item> stillMissing(const QUuid &itemId);
    void leaveOutTheSettled();
    void foldersSeen(const QSet<QByteArray> &there);
    QList<store::Item> next(Folder &folder, qsizetype atMost);
    void filesSeen(const QList<store::Item> &items, const QSet<QUuid> &there);

    QThreadPool &m_looks;
    store::WorkList &m_workList;
    const IsInHand m_isInHand;
    std::map<QByteArray, Folder> m_folders;
    QSet<QUuid> m_wereGone; ///< photos that could not be read, once their file was seen missing
    QTimer m_timer;
    bool m_isLooking = false;
};

} // namespace photolift::pipeline
