#pragma once

#include "ui/uploads/rowstatus.h"
#include "ui/uploads/uploadfeed.h"

#include <QAbstractListModel>

namespace photolift::ui {

/// One folder as the list knows it.
struct BatchRow {
    store::BatchView view;
    QList<store::Item> faces; ///< its first photos, for the pictures
    bool operator==(const BatchRow &other) const { return view.rowId == other.view.rowId; }
};

/// The words of one folder row.
struct BatchWords {
    std::optional<StatusMark> mark;
    QString state;   ///< above the bar, left
    QString when;    ///< above the bar, right
    bool isEmphasised = false;
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
    const BatchRow *rowAt(int row) const;
    int rowOf(const QUuid &batchId) const; ///< -1 when it is not there
    BatchWords words(const BatchRow &row) const;
    QString sentence(const BatchRow &row) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

private:
    void askFaces(const store::BatchView &batch);

    UploadFeed &m_feed;
    QList<BatchRow> m_rows;
    QSet<QUuid> m_facesAsked;
    RowContext m_context;
    Destination m_destination;
};

} // namespace photolift::ui
