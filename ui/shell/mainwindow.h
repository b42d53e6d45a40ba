#pragma once

#include "models/vocabulary/person.h"
#include "models/vocabulary/records.h"
#include "ui/uploads/uploadspage.h"

#include <QMainWindow>
#include <QStackedWidget>

namespace photolift::ui {

class FooterBar;
class HeaderBar;

/// The window. It owns the pages; the controller outlives it.
class MainWindow final : public QMainWindow
{
    Q_OBJECT
public:
    explicit MainWindow(UploadsController &uploads, QWidget *parent = nullptr);

    /// Where the window was and how wide its panes.
    struct Place {
        QByteArray geometry;
        QByteArray panes;
    };
    /// From the settings file, on a thread of the pool.
    static QFuture<Place> readPlace();
    /// Shows the window where it was, as soon as that is known; a disk that does not answer holds it up for half a second at most.
    void showAt(const QFuture<Place> &place);
    void setNetwork(const NetworkFacts &network, bool isOnline);
    /// Puts the choice of the server into the menu.
    void offerServers();
    /// Who the server of the organisation let in, for the menu.
    void setPerson(const Person &person);
    /// A second start of the program asked for the window.
    void raiseToPerson();

    UploadsPage *uploads() const { return m_uploads; }
    HeaderBar *header() const { return m_header; }
    FooterBar *footer() const { return m_footer; }

Q_SIGNALS:
    void connectWanted();      ///< to the server of an organisation
    void thisComputerWanted(); ///< instead of that
    void closed(); ///< the person closed the window: the program ends

protected:
    void closeEvent(QCloseEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override { m_uploads->takeDragEnter(*event); }
    void dragMoveEvent(QDragMoveEvent *event) override { m_uploads->takeDragMove(*event); }
    void dragLeaveEvent(QDragLeaveEvent *) override { m_uploads->takeDragLeave(); }
    void dropEvent(QDropEvent *event) override { m_uploads->takeDrop(*event); }

private:
    void restorePlace(const Place &place);
    void fillMenu();
    void showQueue();
    void showAbout();

    UploadsController &m_controller;
    HeaderBar *m_header;
    FooterBar *m_footer;
    QStackedWidget *m_pages;
    UploadsPage *m_uploads;
    QAction *m_beforeAbout = nullptr; ///< in the menu
    QAction *m_person = nullptr;      ///< likewise; none before somebody was let in
    bool m_wasShown = false;
};

} // namespace photolift::ui
