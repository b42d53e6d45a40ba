#include "app/desktop/session.h"

#include "app/client/client.h"
#include "app/client/datafolder.h"
#include "app/client/tokenfile.h"
#include "app/desktop/secondstart.h"
#include "app/desktop/servercheck.h"
#include "app/desktop/serverchoice.h"
#include "app/desktop/startmessages.h"
#include "app/desktop/tokenkeeper.h"
#include "models/logs/jsonlog.h"
#include "models/vocabulary/serveraddress.h"
#include "models/vocabulary/whendone.h"
#include "ui/parts/errortexts.h"
#include "ui/shell/connectdialog.h"

#include <QDir>
#include <QMessageBox>
#include <QScreen>
#include <QtConcurrentRun>

namespace photolift::desktop {

using namespace Qt::StringLiterals;

namespace {

QList<QUrl> asUrls(const QByteArrayList &paths)
{
    QList<QUrl> urls;
    for (const QByteArray &path : paths)
        urls << QUrl::fromEncoded("file://" + path.toPercentEncoding("/"));
    return urls;
}

} // namespace

QString Session::Start::ownFolder() const
{
    return server.isEmpty() ? dataFolder : client::DataFolder::ofServer(dataFolder, server);
}

Session::Session(Start start, TokenKeeper &tokens, QObject *parent)
    : QObject(parent)
    , m_start(std::move(start))
    , m_tokens(tokens)
{
    const QFuture<ui::MainWindow::Place> place = ui::MainWindow::readPlace();
    const ui::Destination destination = m_start.server.isEmpty()
        ? ui::Destination{true, client::DataFolder::server(QDir(m_start.dataFolder).absolutePath()), {}}
        : ui::Destination{false, {}, serverName(m_start.server)};
    m_controller = std::make_unique<ui::UploadsController>(m_feed, destination);
    connect(&m_feed, &EngineFeed::storageFolderKnown, this, [this](const QString &folder) {
        if (folder.isEmpty() || !m_start.server.isEmpty())
            return;
        ui::Destination known = m_controller->destination();
        known.folder = folder;
        m_controller->setDestination(known);
    });
    m_window = std::make_unique<ui::MainWindow>(*m_controller);
    m_window->resize(m_window->size().boundedTo(m_window->screen()->availableSize())); // its first size; what is remembered comes later
    connect(m_window.get(), &ui::MainWindow::closed, this, &Session::stop);
    connect(m_controller.get(), &ui::UploadsController::signInWanted, this, &Session::signInAgain);
    if (m_start.tokenFile.isEmpty()) { // else the command line has chosen
        m_window->offerServers();
        connect(m_window.get(), &ui::MainWindow::connectWanted, this, &Session::askServer);
        connect(m_window.get(), &ui::MainWindow::thisComputerWanted, this, [this] {
            const auto write = QtConcurrent::run([choice = ServerChoice{m_start.server, false}, folder = m_start.dataFolder] { return choice.write(folder); });
            whenDone(write, this, [this](const Result<> &written) {
                if (written)
                    goTo({m_start.dataFolder, {}, {}, {}, {}});
                else
                    Q_EMIT m_controller->refused(ui::errorTitle(written.error().code), ui::errorAdvice(written.error().code));
            });
        });
    }

    m_network.moveToThread(&m_networkThread);
    connect(&m_network, &NetworkWatch::networkKnown, m_window.get(), &ui::MainWindow::setNetwork);
    m_networkThread.start();
    QMetaObject::invokeMethod(&m_network, &NetworkWatch::start);

    m_window->showAt(place);
    open();
    m_controller->addUrls(asUrls(m_start.paths));
}

Session::~Session()
{
    QMetaObject::invokeMethod(&m_network, [this, home = QThread::currentThread()] { m_network.stop(home); }, Qt::BlockingQueuedConnection);
    m_networkThread.quit();
    m_networkThread.wait();
    m_secondStart.reset();
    m_window.reset();
    m_controller.reset();
    m_checks.clear();
    m_checksEnd.request_stop();
}

void Session::open()
{
    client::Client::Options options;
    options.dataFolder = m_start.ownFolder();
    options.programFolder = m_start.dataFolder;
    options.server = m_start.server;
    client::Client::openLater(options, this, [this, folder = options.dataFolder](Result<std::unique_ptr<client::Client>> opened) {
        if (opened)
            return take(*std::move(opened));
        if (opened.error().code != ErrorCode::LocalListBusy)
            return refuse(opened.error());
        // Two starts at once: the first had the list before it could be heard. Now it can, or soon.
        SecondStart::raiseFirstSoon(folder, m_start.paths, this, [this, error = opened.error()](bool wasHeard) {
            if (wasHeard)
                return Q_EMIT ended(0);
            refuse(error);
        });
    });
}

void Session::take(std::unique_ptr<client::Client> client)
{
    m_client = std::move(client);
    m_log = std::make_unique<logs::JsonLog>(client::DataFolder::logs(m_client->dataFolder()));
    m_secondStart = std::make_unique<SecondStart>(m_client->dataFolder());
    connect(m_secondStart.get(), &SecondStart::raiseAsked, this, [this](const QByteArrayList &paths) {
        m_window->raiseToPerson();
        m_controller->addUrls(asUrls(paths));
    });
    connect(m_client.get(), &client::Client::stopped, this, [this] { Q_EMIT ended(0); });
    connect(m_client.get(), &client::Client::signedIn, m_window.get(), &ui::MainWindow::setPerson);
    if (m_client->mended())
        tellMended(*m_client->mended(), m_start.server.isEmpty(), *m_window);
    m_client->start();
    m_feed.attach(*m_client);
    m_controller->start();
    if (!m_start.server.isEmpty())
        signIn();
}

void Session::signIn()
{
    const auto take = [this](const Result<QByteArray> &token) {
        m_client->signIn(token ? *token : QByteArray()); // without one the window says: sign in again
        if (!token && token.error().code == ErrorCode::LocalKeyringUnavailable)
            Q_EMIT m_controller->refused(ui::errorTitle(token.error().code), ui::errorAdvice(token.error().code));
    };
    if (!m_start.tokenFile.isEmpty())
        whenDone(QtConcurrent::run(client::readToken, m_start.tokenFile), this, take);
    else if (!m_start.token.isEmpty())
        take(m_start.token);
    else
        m_tokens.read(m_start.server, (m_tokenAwaited = std::make_unique<QObject>()).get(), take);
}

void Session::signInAgain()
{
    if (m_start.server.isEmpty())
        m_feed.tryNow(); // our own server: its next life has another token
    else if (m_start.tokenFile.isEmpty())
        askServer();
    else
        signIn(); // there may be another token in the file by now
}

void Session::askServer()
{
    // The address in use, or the one used last.
    whenDone(QtConcurrent::run(ServerChoice::read, m_start.dataFolder), this, [this](const ServerChoice &choice) {
        const QUrl known = m_start.server.isEmpty() ? choice.server : m_start.server;
        auto *dialog = new ui::ConnectDialog(known.toString(), m_window.get());
        connect(dialog, &ui::ConnectDialog::checkWanted, dialog, [this, dialog](const QUrl &server, const QByteArray &token) {
            m_checks.clear(); // what was typed before is of no interest any more
            whenDone(checkServer(m_checks, m_checksEnd.get_token(), server, token), dialog, [dialog, server, token](const Result<Person> &answer) { dialog->showAnswer(server, token, answer); });
        });
        connect(dialog, &ui::ConnectDialog::connectWanted, this, [this, dialog](const QUrl &server, const QByteArray &token, bool isToBeKept) {
            if (!isToBeKept)
                return useServer(server, token, *dialog);
            m_tokens.keep(server, token, dialog, [this, dialog, server, token](const Result<> &kept) {
                if (kept)
                    useServer(server, token, *dialog);
                else
                    dialog->showNotKept(kept.error());
            });
        });
        if (!known.isEmpty() && m_start.server.isEmpty()) // where somebody is shut out the kept one is of no use
            m_tokens.read(known, dialog, [dialog](const Result<QByteArray> &token) {
                if (token)
                    dialog->setToken(*token);
            });
        dialog->open();
    });
}

void Session::useServer(const QUrl &server, const QByteArray &token, ui::ConnectDialog &dialog)
{
    const auto write = QtConcurrent::run([choice = ServerChoice{server, true}, folder = m_start.dataFolder] { return choice.write(folder); });
    whenDone(write, &dialog, [this, server, token, &dialog](const Result<> &written) {
        if (!written)
            return dialog.showRefused(written.error());
        dialog.close();
        m_tokenAwaited.reset();
        if (serverName(server) == serverName(m_start.server) && m_client)
            m_client->signIn(token);
        else
            goTo({m_start.dataFolder, server, {}, token, {}});
    });
}

/// Ends this session in order; whoever made it begins the next.
void Session::goTo(const Start &next)
{
    m_next = next;
    m_window->close();
}

/// The program ends with the answer.
void Session::refuse(const Error &error)
{
    const QMessageBox *box = tellRefused(error, m_start.ownFolder(), m_start.server.isEmpty(), *m_window);
    connect(box, &QMessageBox::finished, this, [this] { Q_EMIT ended(1); });
}

/// After the parts in flight have ended; what is queued waits for the next start.
void Session::stop()
{
    if (m_client)
        m_client->stop(); // stopped() follows within seconds
    else
        Q_EMIT ended(0);
}

} // namespace photolift::desktop
