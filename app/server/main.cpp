#include "app/server/commands/runcommand.h"
#include "app/server/embeddedserver.h"
#include "app/server/organisation.h"
#include "app/server/say.h"
#include "app/server/serverlog.h"
#include "models/logs/coredumps.h"

#include <QCoreApplication>

#include <cstdio>
#include <sys/resource.h>
#include <sys/stat.h>

using namespace photolift::server;
using namespace Qt::StringLiterals;

namespace {

void raiseDescriptorLimit()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

int complain(const QString &text)
{
    std::fputs(qPrintable(text), stderr);
    return Usage;
}

int runConfigured(QCoreApplication &app)
{
    const auto command = commandFrom(app.arguments());
    if (const QString *complaint = std::get_if<QString>(&command))
        return complain(*complaint);
    const Command &given = std::get<Command>(command);
    const auto config = serverConfigFrom(given.configFile, given.what == Command::What::Migrate ? ConfigFor::Migrating : ConfigFor::Running);
    if (const QStringList *faults = std::get_if<QStringList>(&config))
        return complain(faults->join(u'\n') + u'\n');
    if (given.what != Command::What::Serve)
        return runCommand(given, std::get<ServerConfig>(config));
    const ServerLog log(given.logFolder);
    raiseDescriptorLimit();
    return runOrganisation(app, std::get<ServerConfig>(config));
}

} // namespace

int main(int argc, char *argv[])
{
    ::umask(0077);
    photolift::logs::forbidCoreDumps(photolift::logs::CoreDumps::Nowhere);
    QCoreApplication app(argc, argv);
    QCoreApplication::setApplicationName(u"photolift-server"_s);
    QCoreApplication::setApplicationVersion(QStringLiteral(PHOTOLIFT_VERSION));
    if (!app.arguments().contains(u"--embedded"_s))
        return runConfigured(app);
    const auto options = embeddedOptionsFrom(app.arguments());
    if (const QString *complaint = std::get_if<QString>(&options))
        return complain(*complaint);
    const ServerLog log(std::get<EmbeddedOptions>(options).logFolder);
    raiseDescriptorLimit();
    return runEmbedded(app, std::get<EmbeddedOptions>(options));
}
