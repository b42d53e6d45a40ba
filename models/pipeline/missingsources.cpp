#include "models/pipeline/missingsources.h"

#include "models/photo/filelook.h"
#include "models/pipeline/retrypolicy.h"
#include "models/vocabulary/whendone.h"

#include <QtConcurrentRun>

#include <unistd.h>

namespace photolift::pipeline {

namespace {
constexpr int LookMs = 10'000;
constexpr qsizetype MostFiles = 200; ///< looked at in one look, and at least one of each folder
constexpr std::array Codes{ErrorCode::SelectionFileMissing, ErrorCode::SelectionNoPermission, ErrorCode::SelectionCardRemoved,
                           ErrorCode::PreprocessingReadFailed};

QByteArray folderOf(const QByteArray &path)
{
    return path.left(path.lastIndexOf('/') + 1);
}
}

MissingSources::MissingSources(QThreadPool &looks, store::WorkList &workList, IsInHand isInHand, QObject *parent)
    : QObject(parent)
    , m_looks(looks)
    , m_workList(workList)
    , m_isInHand(std::move(isInHand))
{
    m_timer.setInterval(LookMs);
    connect(&m_timer, &QTimer::timeout, this, &MissingSources::look);
}

void MissingSources::takeUp()
{
    for (const ErrorCode code : Codes) {
        const auto paths = m_workList.pathsThatNeedYouFor(code);
        if (!paths)
            continue;
        for (const auto &[itemId, path] : *paths)
            m_folders[folderOf(path)].items.insert(itemId);
    }
    if (!m_folders.empty())
        m_timer.start();
}

void MissingSources::add(const store::Item &item)
{
    m_folders[folderOf(item.absolutePath)].items.insert(item.itemId);
    if (!m_timer.isActive())
        m_timer.start();
}

std::optional<store::Item> MissingSources::stillMissing(const QUuid &itemId)
{
    const auto item = m_workList.item(itemId);
    const bool isMissing =
        item && *item && (*item)->state == ItemState::NeedsYou && (*item)->errorCode && healsWithSource(*(*item)->errorCode);
    return isMissing ? *item : std::nullopt;
}

/// A person tried them again, skipped or cancelled them.
void MissingSources::leaveOutTheSettled()
{
    for (auto at = m_folders.begin(); at != m_folders.end();) {
        std::set<QUuid> &items = at->second.items;
        while (!items.empty() && !stillMissing(*items.begin()))
            items.erase(items.begin());
        at = items.empty() ? m_folders.erase(at) : std::next(at);
    }
}

void MissingSources::look()
{
    if (m_isLooking)
        return;
    leaveOutTheSettled();
    if (m_folders.empty()) {
        m_timer.stop();
        return;
    }
    QList<QByteArray> folders;
    for (const auto &[path, folder] : m_folders)
        folders.append(path);
    m_isLooking = true;
    whenDone(QtConcurrent::run(&m_looks,
                               [folders] {
                                   QSet<QByteArray> there;
                                   for (const QByteArray &folder : folders) {
                                       if (::access(folder.constData(), F_OK) == 0 || errno == ENAMETOOLONG) // then each file says it
                                           there.insert(folder);
                                   }
                                   return there;
                               }),
             this, [this](const QSet<QByteArray> &there) { foldersSeen(there); });
}

void MissingSources::foldersSeen(const QSet<QByteArray> &there)
{
    const qsizetype share = std::max<qsizetype>(1, MostFiles / std::max<qsizetype>(1, there.size()));
    QList<store::Item> items;
    for (auto &[path, folder] : m_folders) {
        if (there.contains(path))
            items += next(folder, share);
        else
            m_wereGone.unite(QSet<QUuid>(folder.items.begin(), folder.items.end()));
    }
    whenDone(QtConcurrent::run(&m_looks,
                               [items] {
                                   QSet<QUuid> filesThere;
                                   for (const store::Item &item : items) {
                                       if (photo::lookAt(item.absolutePath))
                                           filesThere.insert(item.itemId);
                                   }
                                   return filesThere;
                               }),
             this, [this, items](const QSet<QUuid> &filesThere) {
                 m_isLooking = false;
                 filesSeen(items, filesThere);
             });
}

QList<store::Item> MissingSources::next(Folder &folder, qsizetype atMost)
{
    QList<store::Item> items;
    auto at = folder.items.upper_bound(folder.lookedAt);
    for (qsizetype left = std::min(atMost, qsizetype(folder.items.size())); left > 0; --left) {
        if (at == folder.items.end())
            at = folder.items.begin();
        folder.lookedAt = *at;
        if (const std::optional<store::Item> item = stillMissing(*at)) {
            items.append(*item);
            ++at;
        } else {
            at = folder.items.erase(at);
        }
    }
    return items;
}

void MissingSources::filesSeen(const QList<store::Item> &items, const QSet<QUuid> &there)
{
    QList<store::Item> again;
    for (const store::Item &looked : items) {
        // A look takes its time: meanwhile a person may have tried it again, skipped or cancelled it.
        const std::optional<store::Item> item = stillMissing(looked.itemId);
        if (!item || m_isInHand(*item))
            continue;
        const bool isThere = there.contains(item->itemId);
        // Its first bytes say nothing of a file that could not be read to its end: the card has to have been away.
        const bool mustHaveBeenGone = item->errorCode == ErrorCode::PreprocessingReadFailed;
        if (!isThere)
            m_wereGone.insert(item->itemId);
        else if (m_wereGone.remove(item->itemId) || !mustHaveBeenGone)
            again.append(*item);
    }
    for (const store::Item &item : std::as_const(again))
        m_folders[folderOf(item.absolutePath)].items.erase(item.itemId);
    if (!again.isEmpty())
        Q_EMIT back(again);
    Q_EMIT looked();
}

} // namespace photolift::pipeline
