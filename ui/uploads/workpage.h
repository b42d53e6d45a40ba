#pragma once

#include "ui/parts/segmentedfilter.h"
#include "ui/uploads/detailpane.h"
#include "ui/uploads/phototable.h"

#include <QLineEdit>
#include <QListView>
#include <QSplitter>

namespace photolift::ui {

/// The page while something is in the list: folders, filter row, photos, detail pane.
class WorkPage final : public QWidget
{
    Q_OBJECT
public:
    explicit WorkPage(UploadsController &controller, QWidget *parent = nullptr);

    QListView *folders() const { return m_folders; }
    PhotoTable *photos() const { return m_photos; }
    DetailPane *detail() const { return m_detail; }
    QLineEdit *search() const { return m_search; }
    SegmentedFilter *filter() const { return m_filter; }
    QSplitter *splitter() const { return m_splitter; }
    void selectFolder(const QUuid &batchId); ///< null: all
    /// A folder that was just dropped: selected as soon as it is in the list, unless the person selected one themselves.
    void offerFolder(const QUuid &batchId);
    void setGroup(store::ItemGroup group);
    void setDetailShown(bool isShown); ///< F9; narrow windows start without it
    bool isListHidden() const { return m_left->isHidden(); } ///< the detail pane has the whole page
    bool isDetailShown() const { return m_detail->isVisibleTo(this); }
    void showCounts(const QHash<store::ItemGroup, qint64> &counts);
    QUuid currentFolder() const;

Q_SIGNALS:
    void addWanted();
    void stopFolderWanted(const QUuid &batchId);

protected:
    void resizeEvent(QResizeEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *makeFolderHead();
    QWidget *makeFilterRow();
    void fitFolders();
    void fitFilter();
    void applyDetail();
    void takeOffered();

    UploadsController &m_controller;
    QSplitter *m_splitter;
    QWidget *m_left; ///< folders, filter row and photos
    PlainLabel *m_folderCount;
    PlainLabel *m_dropHint;
    QToolButton *m_allFolders;
    QListView *m_folders;
    SegmentedFilter *m_filter;
    QLineEdit *m_search;
    PhotoTable *m_photos;
    DetailPane *m_detail;
    std::optional<bool> m_wantsDetail; ///< what the person chose last; else the width decides
    QTimer m_searchDelay;
    QUuid m_offered;            ///< dropped, not yet in the list
    QUuid m_selected;
    bool m_isOffering = false;  ///< the selection changes by itself right now
    bool m_isChosen = false;    ///< the selected folder was selected by the person
};

} // namespace photolift::ui
