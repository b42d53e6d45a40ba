#include "ui/shell/mainwindow.h"

#include "models/vocabulary/whendone.h"
#include "ui/parts/humantext.h"
#include "ui/parts/icons.h"
#include "ui/parts/roletext.h"
#include "ui/shell/footerbar.h"
#include "ui/shell/headerbar.h"

#include <QApplication>
#include <QCloseEvent>
#include <QMenu>
#include <QMessageBox>
#include <QSettings>
#include <QTimer>
#include <QtConcurrentRun>

namespace photolift::ui {

using namespace Qt::StringLiterals;
using Hold = pipeline::QueueState::Hold;

namespace {

constexpr QSize LeastSize(1024, 640);
constexpr QSize FirstSize(1440, 900);
constexpr int MostWaitMs = 500;
constexpr int MostNameWidth = 240;

// The settings of the window, with their meaning:
constexpr auto GeometryKey = "window/geometry"_L1; // place and size, as QWidget::saveGeometry() writes it
constexpr auto PanesKey = "uploads/panes"_L1;      // widths of table and detail pane, as QSplitter::saveState() writes it

} // namespace

MainWindow::MainWindow(UploadsController &uploads, QWidget *parent)
    : QMainWindow(parent)
    , m_controller(uploads)
    , m_header(new HeaderBar)
    , m_footer(new FooterBar)
    , m_pages(new QStackedWidget)
    , m_uploads(new UploadsPage(uploads))
{
    setWindowTitle(u"Photolift"_s);
    setWindowIcon(brandIcon());
    setMinimumSize(LeastSize);
    resize(FirstSize);
    setAcceptDrops(true); // header and footer too
    addToolBar(Qt::TopToolBarArea, m_header);
    m_pages->addWidget(m_uploads);
    setCentralWidget(m_pages);
    setStatusBar(m_footer);
    QAction *tab = m_header->addTab(tr("Uploads"), Glyph::Upload, Qt::CTRL | Qt::Key_1);
    connect(tab, &QAction::triggered, this, [this] { m_pages->setCurrentWidget(m_uploads); });
    fillMenu();
    connect(&m_controller, &UploadsController::queueChanged, this, &MainWindow::showQueue);
    connect(m_footer, &FooterBar::limitChosen, this, [this](qint64 limit) { m_controller.feed().setRateLimit(limit); });
    showQueue();
}

void MainWindow::fillMenu()
{
    const UploadsPage::Actions &acts = m_uploads->actions();
    auto *menu = new QMenu(this);
    menu->setToolTipsVisible(true); // why an entry cannot be chosen now
    menu->addActions({acts.addFolder, acts.paste});
    menu->addSeparator();
    menu->addActions({acts.pauseAll, acts.putFirst, acts.retryAll, acts.clearFinished});
    menu->addSeparator();
    menu->addActions({acts.find, acts.nextFailed, acts.previousFailed, acts.detail, acts.copyReport});
    m_beforeAbout = menu->addSeparator();
    menu->addAction(glyphIcon(Glyph::Info), tr("About Photolift"), this, &MainWindow::showAbout);
    QAction *quit = menu->addAction(glyphIcon(Glyph::Quit), tr("Quit"), this, &QWidget::close);
    quit->setShortcut(Qt::CTRL | Qt::Key_Q);
    addAction(quit);
    m_header->menuButton()->setMenu(menu);
}

void MainWindow::offerServers()
{
    QMenu *menu = m_header->menuButton()->menu();
    menu->insertSeparator(m_beforeAbout);
    auto *connectTo = new QAction(glyphIcon(Glyph::Server), tr("Connect to a server…"), this);
    connect(connectTo, &QAction::triggered, this, &MainWindow::connectWanted);
    menu->insertAction(m_beforeAbout, connectTo);
    if (m_controller.destination().isThisComputer)
        return;
    auto *here = new QAction(tr("Use this computer only"), this);
    connect(here, &QAction::triggered, this, &MainWindow::thisComputerWanted);
    menu->insertAction(m_beforeAbout, here);
}

void MainWindow::setPerson(const Person &person)
{
    if (!m_person) {
        QMenu *menu = m_header->menuButton()->menu();
        menu->insertSeparator(m_beforeAbout);
        m_person = new QAction(this);
        m_person->setEnabled(false); // to be read
        menu->insertAction(m_beforeAbout, m_person);
    }
    const QString name = fontMetrics().elidedText(person.name, Qt::ElideMiddle, scaled(MostNameWidth));
    m_person->setText(tr("Signed in as %1 (%2)").arg(name, roleText(person.role)).replace(u'&', u"&&"_s));
}

void MainWindow::showQueue()
{
    const pipeline::QueueState &queue = m_controller.queue();
    ServerState state = ServerState::NotReachable;
    if (queue.hold == Hold::SignIn)
        state = ServerState::SignInAgain;
    else if (queue.holdCode == ErrorCode::ApiClientTooOld)
        state = ServerState::UpdateNeeded;
    else if (queue.isServerReachable)
        state = ServerState::Connected;
    else if (queue.isConnecting)
        state = ServerState::Connecting;
    const Destination &destination = m_controller.destination();
    m_header->setServer(destination.isThisComputer ? tr("This computer") : destination.host, state,
                        destination.isThisComputer && !destination.folder.isEmpty()
                            ? tr("Photos are copied to %1").arg(folderText(destination.folder))
                            : destination.host);
    m_footer->setLimit(queue.rateLimit);
    m_footer->addSpeed(m_controller.bytesPerSecond());
}

void MainWindow::setNetwork(const NetworkFacts &network, bool isOnline)
{
    m_footer->setNetwork(network, isOnline);
}

QFuture<MainWindow::Place> MainWindow::readPlace()
{
    return QtConcurrent::run([] {
        const QSettings settings;
        return Place{settings.value(GeometryKey).toByteArray(), settings.value(PanesKey).toByteArray()};
    });
}

void MainWindow::showAt(const QFuture<Place> &place)
{
    whenDone(place, this, [this](const Place &known) {
        if (m_wasShown)
            return; // too late: a window does not jump
        restorePlace(known);
        show();
    });
    QTimer::singleShot(MostWaitMs, this, [this] {
        if (!m_wasShown)
            show();
    });
}

void MainWindow::restorePlace(const Place &place)
{
    restoreGeometry(place.geometry);
    m_uploads->workPage()->splitter()->restoreState(place.panes);
}

void MainWindow::raiseToPerson()
{
    setWindowState(windowState() & ~Qt::WindowMinimized);
    show();
    raise();
    activateWindow();
}

void MainWindow::showEvent(QShowEvent *event)
{
    QMainWindow::showEvent(event);
    m_wasShown = true;
    if (m_uploads->isEmpty())
        m_uploads->emptyPage()->dropArea()->chooseButton()->setFocus();
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    // Writing waits for the disk; the program's end waits for the pool.
    [[maybe_unused]] const auto written = QtConcurrent::run([place = Place{saveGeometry(), m_uploads->workPage()->splitter()->saveState()}] {
        QSettings settings;
        settings.setValue(GeometryKey, place.geometry);
        settings.setValue(PanesKey, place.panes);
    });
    event->accept();
    Q_EMIT closed();
}

void MainWindow::showAbout()
{
    auto *box = new QMessageBox(this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->setWindowTitle(tr("About Photolift"));
    box->setIconPixmap(brandIcon().pixmap(48, 48));
    box->setText(u"Photolift " PHOTOLIFT_VERSION ""_s);
    box->setInformativeText(tr("Every photo arrives, byte for byte, and you can see what became of each one.\n"
                               "Free software under the GNU General Public License, version 3 or later."));
    box->addButton(QMessageBox::Ok);
    box->open();
}

} // namespace photolift::ui
