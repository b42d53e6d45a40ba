#pragma once

#include "ui/uploads/noticebar.h"
#include "ui/uploads/phototable.h"

#include <QAction>

namespace photolift::ui {

/// What a person does with the selected photos, by key or by the menu of a row. An act is given those of them on which it has an
/// effect; where it has none on any, that is said instead.
class PhotoActs final : public QObject
{
    Q_OBJECT
public:
    /// Owns none of them; they outlive it. Menus belong to `page`.
    PhotoActs(UploadsController &controller, PhotoTable &table, NoticeBar &notice, QWidget *page);

    /// Actions of the page that stand in the menu of a row, too.
    void setPageActions(const QList<QAction *> &actions) { m_pageActions = actions; }

    void retry();
    void cancel();
    void pause();
    void copyRows();
    void copyText(const QString &text);
    void showInFolder(const QByteArray &absolutePath);

private:
    void withSelected(bool (*can)(ItemState), const QString &none, std::function<void(const QList<QUuid> &)> act);
    void showMenu(const QPoint &at);
    void popUpMenu(const store::Item &item, qint64 sameProblem, const QPoint &at);

    UploadsController &m_controller;
    PhotoTable &m_table;
    NoticeBar &m_notice;
    QWidget *m_page;
    QList<QAction *> m_pageActions;
    int m_copies = 0; ///< asked for; the last one wins
};

} // namespace photolift::ui
