#include "app/client/client.h"
#include "app/client/datafolder.h"
#include "app/desktop/enginefeed.h"
#include "app/desktop/networkwatch.h"
#include "app/desktop/secondstart.h"
#include "app/desktop/startmessages.h"
#include "models/logs/coredumps.h"
#include "models/logs/jsonlog.h"
#include "ui/shell/appearance.h"
#include "ui/shell/mainwindow.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QFile>
#include <QLocale>
#include <QMessageBox>
#include <QScreen>
#include <QThread>
#include <QUrl>

#include <filesystem>
#include <memory>
#include <optional>

using namespace Qt::StringLiterals;
using namespace photolift;

namespace {

/// The named paths, absolute, in the bytes they were given: a name need not be text.
QByteArrayList givenPaths(const QStringList &positional, int argc, char **argv)
{
    QByteArrayList paths;
    int at = 1;
    for (const QString &text : positional) {
        while (at < argc && QString::fromLocal8Bit(argv[at]) != text)
            ++at;
        QByteArray path = at < argc ? QByteArray(argv[at++]) : text.toLocal8Bit();
        if (path.startsWith("file:"))
            path = QByteArray::fromPercentEncoding(QUrl::fromEncoded(path).path(QUrl::FullyEncoded).toLatin1());
        if (!path.startsWith('/'))
            path = QByteArray::fromStdString(std::filesystem::current_path().native()) + '/' + path;
        // "." and ".." are taken out, unless that would change bytes that are no text.
        if (const QString asText = QFile::decodeName(path); QFile::encodeName(asText) == path)
            path = QFile::encodeName(QDir::cleanPath(asText));
        paths << path;
    }
    return paths;
}

QList<QUrl> asUrls(const QByteArrayList &paths)
{
    QList<QUrl> urls;
    for (const QByteArray &path : paths)
        urls << QUrl::fromEncoded("file://" + path.toPercentEncoding("/"));
    return urls;
}

} // namespace

int main(int argc, char **argv)
{
    logs::forbidCoreDumps(logs::CoreDumps::NotAsFiles);
    QApplication app(argc, argv);
    QApplication::setOrganizationName(u"Photolift"_s);
    QApplication::setApplicationName(u"Photolift"_s);
    QApplication::setApplicationVersion(QStringLiteral(PHOTOLIFT_VERSION));
    QApplication::setDesktopFileName(u"photolift"_s);

    if (!ui::installTranslation(QLocale::system().name()))
        ui::installTranslation(u"en"_s);

    QCommandLineParser arguments;
    arguments.addHelpOption();
    arguments.addVersionOption();
    const QCommandLineOption data(u"data"_s, QCoreApplication::translate("CommandLine", "Keep everything of this program in DIR."),
                                  QCoreApplication::translate("CommandLine", "DIR"), client::DataFolder::defaultPath());
    arguments.addOption(data);
    arguments.addPositionalArgument(u"paths"_s, QCoreApplication::translate("CommandLine", "Folders and files to add at once."),
                                    QCoreApplication::translate("CommandLine", "[PATH...]"));
    arguments.process(app);

    ui::Appearance appearance(ui::Appearance::Choice::Desktop);

    client::Client::Options options;
    options.dataFolder = arguments.value(data);
    // Before any window: a second start is none of its own.
    const QByteArrayList given = givenPaths(arguments.positionalArguments(), argc, argv);
    if (desktop::SecondStart::raiseFirst(options.dataFolder, given))
        return 0;
    const QFuture<ui::MainWindow::Place> place = ui::MainWindow::readPlace();

    std::optional<logs::JsonLog> log;
    std::unique_ptr<client::Client> client; // outlives the feed
    desktop::EngineFeed feed;
    ui::UploadsController controller(
        feed, {options.isEmbeddedServer(), client::DataFolder::server(QDir(options.dataFolder).absolutePath()), options.server.host()});
    QObject::connect(&feed, &desktop::EngineFeed::storageFolderKnown, &controller, [&controller](const QString &folder) {
        if (folder.isEmpty())
            return;
        ui::Destination destination = controller.destination();
        destination.folder = folder;
        controller.setDestination(destination);
    });
    ui::MainWindow window(controller);
    window.resize(window.size().boundedTo(window.screen()->availableSize())); // its first size; what is remembered comes later

    QThread networkThread;
    desktop::NetworkWatch network;
    network.moveToThread(&networkThread);
    QObject::connect(&network, &desktop::NetworkWatch::networkKnown, &window, &ui::MainWindow::setNetwork);
    networkThread.start();
    QMetaObject::invokeMethod(&network, &desktop::NetworkWatch::start);

    // Closing the window ends the program, after the parts in flight have ended; what is queued waits for the next start.
    QApplication::setQuitOnLastWindowClosed(false);
    QObject::connect(&window, &ui::MainWindow::closed, &app, [&client] {
        if (!client)
            return QCoreApplication::quit();
        client->stop(); // stopped() follows within seconds
    });

    window.showAt(place);

    std::optional<desktop::SecondStart> secondStart;
    // The program ends with the answer.
    const auto refuse = [&options, &window](const Error &error) {
        const QMessageBox *box = desktop::tellRefused(error, options.dataFolder, options.isEmbeddedServer(), window);
        QObject::connect(box, &QMessageBox::finished, qApp, [] { QCoreApplication::exit(1); });
    };
    client::Client::openLater(options, &window, [&](Result<std::unique_ptr<client::Client>> opened) {
        if (!opened) {
            // Two starts at once: the first had the list before it could be heard. Now it can, or soon.
            if (opened.error().code == ErrorCode::LocalListBusy)
                return desktop::SecondStart::raiseFirstSoon(options.dataFolder, given, &window, [&, error = opened.error()](bool wasHeard) {
                    if (wasHeard)
                        return QCoreApplication::quit();
                    refuse(error);
                });
            return refuse(opened.error());
        }
        client = *std::move(opened);
        log.emplace(client::DataFolder::logs(client->dataFolder()));
        secondStart.emplace(client->dataFolder());
        QObject::connect(&*secondStart, &desktop::SecondStart::raiseAsked, &window, [&](const QByteArrayList &paths) {
            window.raiseToPerson();
            controller.addUrls(asUrls(paths));
        });
        QObject::connect(client.get(), &client::Client::stopped, &app, &QCoreApplication::quit);
        if (client->mended())
            desktop::tellMended(*client->mended(), options.isEmbeddedServer(), window);
        client->start();
        feed.attach(*client);
        controller.start();
    });
    controller.addUrls(asUrls(given));

    const int result = QApplication::exec();
    QMetaObject::invokeMethod(&network, [&network, main = QThread::currentThread()] { network.stop(main); }, Qt::BlockingQueuedConnection);
    networkThread.quit();
    networkThread.wait();
    return result;
}
