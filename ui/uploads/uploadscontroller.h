#pragma once

#include "ui/uploads/batchlistmodel.h"
#include "ui/uploads/picturecache.h"
#include "ui/uploads/uploadtablemodel.h"
#include "ui/uploads/verdicts.h"

#include <QTimer>
#include <QUrl>

#include <functional>

namespace photolift::ui {

/// Between the feed and the widgets of the Uploads page: keeps the models fresh, makes the verdicts, turns what the person does
/// into commands. Every reading is coalesced: one question at a time, the next after its answer.
class UploadsController final : public QObject
{
    Q_OBJECT
public:
    UploadsController(UploadFeed &feed, Destination destination, QObject *parent = nullptr);

    UploadFeed &feed() { return m_feed; }
    BatchListModel *batches() { return &m_batches; }
    UploadTableModel *photos() { return &m_photos; }
    PictureCache *pictures() { return &m_pictures; }
    const Totals &totals() const { return m_totals; }
    const pipeline::QueueState &queue() const { return m_context.queue; }
    qint64 bytesPerSecond() const { return RowWords::isAtRest(m_context.queue) ? 0 : m_context.queue.bytesPerSecond; }
    const Destination &destination() const { return m_destination; }
    void setDestination(const Destination &destination);
    QString projectName() const { return m_projectName; }
    void setProjectName(const QString &name);

    void start(); ///< reads everything once
    /// Local files and folders of a drop, a paste or a dialog: one folder each becomes one batch, loose files together another.
    void addUrls(const QList<QUrl> &urls);
    void act(MotionAct act);
    MotionAct motionAct() const { return m_motionAct; }
    void togglePauseAll();
    void togglePause(const QUuid &batchId);
    /// Pauses those of these folders that have something left; resumes them when all of those are paused.
    void togglePauses(const QSet<QUuid> &batchIds);
    bool arePaused(const QSet<QUuid> &batchIds) const { return m_context.pausedBatches.contains(batchIds); }
    QSet<QUuid> withSomethingLeft(QSet<QUuid> batchIds) const;

    /// One of the photos that a person selected.
    struct Chosen {
        QUuid itemId;
        QUuid batchId;
        ItemState state = ItemState::Queued;
    };
    /// The photos of these rows of the table, also of rows that were never in sight. `then` is called at once when all are known,
    /// else when they were read; not at all when they cannot be read: half of what was meant is not done.
    void withPhotos(const QList<int> &rows, std::function<void(const QList<Chosen> &)> then);

    /// The text of these rows for the clipboard, also of rows that were never in sight: those are read first, page by page, and
    /// there is no most. nullopt when they cannot be read: half of what was meant would look like all of it.
    void withLines(const QList<int> &rows, std::function<void(const std::optional<QStringList> &)> then);

    void selectBatch(const QUuid &batchId); ///< null: all folders
    QUuid selectedBatch() const { return m_photos.filter().batchId; }
    void setGroup(store::ItemGroup group);
    void setSearch(const QString &text);
    void setOrder(store::ItemFilter::Order order, bool isDescending);
    /// rowWanted() follows when there is a photo that needs the person before or after this row.
    void seekFailed(int fromRow, bool isForward);

Q_SIGNALS:
    void verdictsChanged();
    void emptyChanged(bool isEmpty);
    void countsChanged(const QHash<photolift::store::ItemGroup, qint64> &counts);
    void folderAdded(const QUuid &batchId);
    void refused(const QString &title, const QString &advice);
    void refusalOver(const QString &title); ///< what was said under this title is no longer so
    void undoOffered(qint64 photos, qint64 untilMs, bool hasStoppedWalk);
    void queueChanged();
    void signInWanted(); ///< the server does not let this person in any more
    void rowWanted(int row);
    void recentChanged(const QList<photolift::store::BatchView> &recent);
    void recentFaceKnown(const QUuid &batchId, const photolift::store::Item &face);
    void projectsChanged(const QStringList &names);
    void itemTouched(const QUuid &itemId); ///< its detail should be read again

public:
    VerdictWords::Motion motion() const;
    Verdict attention() const;

private:
    void readBatches();
    void takeBatches(const QList<store::BatchView> &batches);
    void showBatches();
    void readCounts();
    void readChosen(QList<Chosen> known, const QList<qint64> &rowIds, std::function<void(const QList<Chosen> &)> then);
    void readLines(QStringList lines, const QList<qint64> &rowIds, std::function<void(const std::optional<QStringList> &)> then);
    void readRecent();
    void setFilter(const store::ItemFilter &filter);
    void contextChanged();
    bool isAllPaused() const;
    void tick();

    UploadFeed &m_feed;
    Destination m_destination;
    BatchListModel m_batches;
    UploadTableModel m_photos;
    PictureCache m_pictures;
    FolderFaces m_recentFaces;
    RowContext m_context;
    Totals m_totals;
    QList<store::BatchView> m_views; ///< as read: photos under way are moving in them even while nothing moves
    std::optional<store::BatchView> m_last; ///< the newest finished folder, for "Last upload"
    MotionAct m_motionAct = MotionAct::None;
    QString m_projectName;
    QString m_failingTitle; ///< what was said of a server that does not live; empty: nothing
    QTimer m_tick;
    bool m_isEmpty = true;
    bool m_isRead = false;
    bool m_areBatchesAsked = false;
    bool m_areBatchesStale = false;
    bool m_areCountsAsked = false;
    bool m_areCountsStale = false;
};

} // namespace photolift::ui
