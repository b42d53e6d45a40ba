#pragma once

#include "ui/uploads/folderfaces.h"
#include "ui/uploads/rowstatus.h"
#include "ui/uploads/uploadfeed.h"

#include <QAbstractListModel>

namespace photolift::ui {

/// One folder as the list knows it.
struct BatchRow {
    store::BatchView view;
    QList<store::Item> faces; ///< its first photos, for the pictures
    int walkSteps = 0;        ///< moves the bar on while the folder is counted
    bool operator==(const BatchRow &other) const { return view.rowId == other.view.rowId; }
};

/// The words of one folder row.
struct BatchWords {
    std::optional<StatusMark> mark;
    QString state;   ///< above the bar, left
    QString when;    ///< above the bar, right
    bool isEmphasised = false;
    bool isCounting = false; ///< the bar cannot say a share yet
};

/// The folders of the list, newest first.
class BatchListModel final : public QAbstractListModel
{
    Q_OBJECT
public:
    explicit BatchListModel(UploadFeed &feed, QObject *parent = nullptr);

    void setBatches(const QList<store::BatchView> &batches);
    void setContext(const RowContext &context, const Destination &destination);
    void noteWalk(const pipeline::WalkProgress &progress);
    /// What moves right now; from it comes which folder has which share of the queue's speed.
    void noteProgress(const QList<pipeline::ItemProgress> &items);
    /// The queue as a whole is paused, not single folders.
    bool isAllPaused() const;
    const BatchRow *rowAt(int row) const;
    int rowOf(const QUuid &batchId) const; ///< -1 when it is not there
    BatchWords words(const BatchRow &row) const;
    QString sentence(const BatchRow &row) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

private:
    void askFaces(const store::BatchView &batch);
    void askBatches(const QList<QUuid> &itemIds);
    std::optional<qint64> speedOf(const BatchRow &row) const;

    UploadFeed &m_feed;
    FolderFaces m_faces;
    QList<BatchRow> m_rows;
    QSet<QUuid> m_facesAsked;
    QHash<QUuid, QUuid> m_batchOf;     ///< of the photos that move right now
    QHash<QUuid, double> m_speedShare; ///< of each folder in the queue's speed, smoothed
    bool m_isBatchAsked = false;
    RowContext m_context;
    Destination m_destination;
};

} // namespace photolift::ui
