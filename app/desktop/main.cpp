#include "app/client/datafolder.h"
#include "app/client/tokenfile.h"
#include "app/desktop/secondstart.h"
#include "app/desktop/serverchoice.h"
#include "app/desktop/session.h"
#include "app/desktop/tokenkeeper.h"
#include "models/logs/coredumps.h"
#include "models/vocabulary/serveraddress.h"
#include "ui/shell/appearance.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QFile>
#include <QLocale>
#include <QThreadPool>

#include <cstdio>
#include <filesystem>
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

/// Said on standard error and the end: what was typed makes no sense.
int refuseUsage(const QString &why)
{
    std::fputs(qPrintable(u"photolift: "_s + why + u'\n'), stderr);
    return 2;
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
    const QCommandLineOption server(u"server"_s, QCoreApplication::translate("CommandLine", "Use the server of an organisation, with a list of its own."), u"URL"_s);
    const QCommandLineOption tokenFile(u"token-file"_s, QCoreApplication::translate("CommandLine", "The file that holds the device token for it (0600)."), u"FILE"_s);
    arguments.addOptions({server, tokenFile});
    arguments.addPositionalArgument(u"paths"_s, QCoreApplication::translate("CommandLine", "Folders and files to add at once."),
                                    QCoreApplication::translate("CommandLine", "[PATH...]"));
    arguments.process(app);

    const ui::Appearance appearance(ui::Appearance::Choice::Desktop);

    desktop::Session::Start start;
    start.dataFolder = arguments.value(data);
    if (start.dataFolder.isEmpty() || arguments.positionalArguments().contains(QString()))
        return refuseUsage(QCoreApplication::translate("CommandLine", "one of the arguments is empty"));
    if (arguments.isSet(server) != arguments.isSet(tokenFile))
        return refuseUsage(QCoreApplication::translate("CommandLine", "--server and --token-file go together"));
    if (arguments.isSet(server)) {
        const std::optional<QUrl> address = serverAddress(arguments.value(server));
        if (!address)
            return refuseUsage(QCoreApplication::translate("CommandLine", "--server needs an address such as https://photos.example.org"));
        if (isOpenToOthers(*address))
            return refuseUsage(QCoreApplication::translate("CommandLine", "photos and the token leave this computer over https:// only"));
        start.server = *address;
        start.tokenFile = arguments.value(tokenFile);
        if (const Result<QByteArray> token = client::readToken(start.tokenFile); !token)
            return refuseUsage(token.error().detail);
    } else {
        start.server = desktop::ServerChoice::read(start.dataFolder).used();
    }
    start.paths = givenPaths(arguments.positionalArguments(), argc, argv);
    // Before any window: a second start is none of its own.
    if (desktop::SecondStart::raiseFirst(start.ownFolder(), start.paths))
        return 0;

    // Closing the window ends the program, after the parts in flight have ended.
    QApplication::setQuitOnLastWindowClosed(false);
    desktop::TokenKeeper tokens;
    while (true) {
        const desktop::Session session(start, tokens);
        QObject::connect(&session, &desktop::Session::ended, &app, [](int exitCode) { QCoreApplication::exit(exitCode); });
        const int exitCode = QApplication::exec();
        if (!session.next())
            return exitCode;
        QThreadPool::globalInstance()->waitForDone(); // where the window was is written there, and read by the next
        start = *session.next();
    }
}
