#pragma once

#include "app/desktop/enginefeed.h"
#include "app/desktop/networkwatch.h"
#include "ui/shell/mainwindow.h"

#include <QByteArrayList>
#include <QThread>
#include <QThreadPool>
#include <QUrl>

#include <memory>
#include <optional>
#include <stop_token>

namespace photolift::logs {
class JsonLog;
}

namespace photolift::ui {
class ConnectDialog;
}
namespace photolift::desktop {

class SecondStart;
class TokenKeeper;

/// One life of the window with one server: the client on the data folder of that server, the window over it, and what joins them.
/// Shows its window by itself. Lives on the UI thread; is told nothing but how it begins.
class Session final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Session)
public:
    struct Start {
        QString dataFolder;   ///< of the program; what belongs to an organisation's server is below (DataFolder::ofServer())
        QUrl server;          ///< of an organisation; empty: the one on this computer
        QString tokenFile;    ///< for `server`; empty: `token`, or the one in the keyring
        QByteArray token;     ///< typed a moment ago
        QByteArrayList paths; ///< to be taken as a drop; absolute
        QString ownFolder() const;
    };
    /// Does not own the keeper, which outlives it.
    Session(Start start, TokenKeeper &tokens, QObject *parent = nullptr);
    ~Session() override;

    /// The person chose another server: how the next session begins.
    const std::optional<Start> &next() const { return m_next; }
    ui::MainWindow &window() { return *m_window; }
    ui::UploadsController &controller() { return *m_controller; }

Q_SIGNALS:
    /// The window was closed and everything has stopped, or there was nothing to begin with.
    void ended(int exitCode);

private:
    void open();
    void take(std::unique_ptr<client::Client> client);
    void refuse(const Error &error);
    void signIn();
    void signInAgain();
    void askServer();
    void useServer(const QUrl &server, const QByteArray &token, ui::ConnectDialog &dialog);
    void goTo(const Start &next);
    void stop();

    const Start m_start;
    TokenKeeper &m_tokens;
    std::unique_ptr<QObject> m_tokenAwaited; ///< while the token comes from the keyring; without it the answer is of no use any more
    std::optional<Start> m_next;
    QThreadPool m_checks; ///< not the global one: a server that does not answer would hold up everything else
    std::stop_source m_checksEnd;
    std::unique_ptr<logs::JsonLog> m_log;
    std::unique_ptr<client::Client> m_client; ///< outlives the feed
    EngineFeed m_feed;
    std::unique_ptr<ui::UploadsController> m_controller;
    std::unique_ptr<ui::MainWindow> m_window;
    std::unique_ptr<SecondStart> m_secondStart;
    QThread m_networkThread;
    NetworkWatch m_network;
};

} // namespace photolift::desktop
