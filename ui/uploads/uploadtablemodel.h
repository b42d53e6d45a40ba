#pragma once

#include "ui/uploads/rowstatus.h"
#include "ui/uploads/uploadfeed.h"

#include <QAbstractTableModel>
#include <QTimer>

namespace photolift::ui {

/// The photos of the list, or of one folder, in file order unless the person sorts: 8 bytes for every row, full rows only
/// around those that are visible. data() looks up and never asks; the view says what is visible and the answers come by future.
/// Changes are collected and announced every 250 ms for visible rows only, as tight ranges.
class UploadTableModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { PictureColumn, NameColumn, SizeColumn, StepsColumn, SentColumn, SpeedColumn, StatusColumn, ColumnCount };
    enum Role { SortRole = Qt::UserRole };

    explicit UploadTableModel(UploadFeed &feed, QObject *parent = nullptr);

    /// Another folder, group, search or order: the list is read anew.
    void setFilter(const store::ItemFilter &filter);
    const store::ItemFilter &filter() const { return m_filter; }
    /// New photos may have been found: adds them, moves nothing.
    void refreshOrder();
    /// Nothing moves, or again something does: it may change who belongs to the group.
    void setAtRest(bool isAtRest);
    void setVisibleRows(int first, int last);
    void setContext(const RowContext &context);
    const RowContext &context() const { return m_context; }
    void noteChanged(const QList<QUuid> &itemIds);
    void noteProgress(const QList<pipeline::ItemProgress> &progress);
    void notePicture(const QUuid &itemId);

    /// nullptr while the row is not read.
    const UploadRow *rowAt(int row) const;
    QList<int> rowsOf(const QList<qint64> &rowIds) const; ///< those in the list, ascending
    const UploadRow *rowOf(qint64 rowId) const; ///< nullptr while it is not read
    /// What a person gets who copies the row: name, megabytes and status, a tabulator between them.
    QString line(const UploadRow &row) const;
    qint64 rowIdAt(int row) const { return m_order.value(row); }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    void orderRead(); ///< the rows of the filter set last are there, or the first page of many

private:
    void askOrder();
    void takeOrder(const QList<qint64> &order);
    void addAtEnd(const QList<qint64> &order); ///< of a group: what left it stays on show, what came to it is added
    void orderTaken(bool isHeadOfMore);
    void askMissing();
    void takeRows(const QList<store::ItemView> &views);
    void forgetFarRows();
    void tick();
    void announce(const QList<int> &rows);
    QVariant display(const UploadRow &row, int column) const;

    UploadFeed &m_feed;
    store::ItemFilter m_filter;
    RowContext m_context;
    QList<qint64> m_order;
    QHash<qint64, UploadRow> m_rows;    ///< by row id
    QHash<QUuid, qint64> m_rowIds;      ///< of the rows above
    QSet<qint64> m_asked;               ///< row ids under way
    QSet<qint64> m_stale;               ///< changed since they were read
    QSet<qint64> m_dirty;               ///< to be painted anew at the next tick
    QTimer m_tick;
    int m_first = 0;
    int m_last = -1;
    int m_generation = 0;               ///< of the filter: answers to an older one are dropped
    bool m_isOrderAsked = false;
    bool m_isOrderWanted = false;
    bool m_isReset = true;              ///< the next order replaces the list
};

} // namespace photolift::ui
