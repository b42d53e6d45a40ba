#pragma once

#include "ui/parts/verdictbar.h"
#include "ui/uploads/emptypage.h"
#include "ui/uploads/noticebar.h"
#include "ui/uploads/photoacts.h"
#include "ui/uploads/workpage.h"

#include <QStackedWidget>

class QFileDialog;
class QMimeData;

namespace photolift::ui {

/// The Uploads page: verdict bar on top, below it the empty or the working page. Drops come from the window, which takes
/// them anywhere; its actions
/// have the keys of the design and go into the window's menu.
class UploadsPage final : public QWidget
{
    Q_OBJECT
public:
    struct Actions {
        QAction *addFolder = nullptr;
        QAction *paste = nullptr;
        QAction *find = nullptr;
        QAction *pauseAll = nullptr;
        QAction *retry = nullptr;
        QAction *retryAll = nullptr;
        QAction *clearFinished = nullptr;
        QAction *nextFailed = nullptr;
        QAction *previousFailed = nullptr;
        QAction *detail = nullptr;
        QAction *copyRow = nullptr;
        QAction *copyReport = nullptr;
        QAction *nextPane = nullptr;
        QAction *previousPane = nullptr;
        QAction *putFirst = nullptr;
    };

    explicit UploadsPage(UploadsController &controller, QWidget *parent = nullptr);

    const Actions &actions() const { return m_actions; }
    UploadsController &controller() { return m_controller; }
    VerdictBar *verdicts() const { return m_verdicts; }
    EmptyPage *emptyPage() const { return m_empty; }
    WorkPage *workPage() const { return m_work; }
    NoticeBar *notice() const { return m_notice; }
    bool isEmpty() const { return m_stack->currentWidget() == m_empty; }

    // What is dragged over the window, wherever:
    void takeDragEnter(QDragEnterEvent &event);
    void takeDragMove(QDragMoveEvent &event);
    void takeDragLeave();
    void takeDrop(QDropEvent &event);

protected:
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void makeActions();
    QAction *makeAction(const QString &text, const QList<QKeySequence> &keys, void (UploadsPage::*handler)());
    void connectVerdicts();
    void showVerdicts();
    void showDrag(const std::optional<DropArea::Drag> &drag);
    void lookAtDrag(const QMimeData &mime);
    void chooseFolders();
    void pasteFiles();
    void askProjectName();
    void find();
    void togglePauseAll();
    void retrySelected();
    void retryAll();
    void clearFinished();
    void nextFailed();
    void previousFailed();
    void toggleDetail();
    void copyRow();
    void copyReport();
    void nextPane() { movePane(1); }
    void previousPane() { movePane(-1); }
    void putFirst();
    void movePane(int step);
    void askStopFolder(const QUuid &batchId);
    void showNeedsYou();

    UploadsController &m_controller;
    Actions m_actions;
    VerdictBar *m_verdicts;
    NoticeBar *m_notice;
    QStackedWidget *m_stack;
    EmptyPage *m_empty;
    WorkPage *m_work;
    PhotoActs *m_photoActs;
    DropArea *m_dropCover; ///< over the working page while something is dragged
    QStringList m_projects;
};

} // namespace photolift::ui
