#include "app/cli/ownphotos.h"
#include "app/cli/projects.h"
#include "app/cli/readingcommands.h"
#include "app/cli/runcommand.h"
#include "models/logs/coredumps.h"

#include <QCoreApplication>
#include <QSocketNotifier>

#include <csignal>
#include <cstdio>
#include <sys/signalfd.h>
#include <unistd.h>

using namespace photolift;

namespace {

/// SIGINT and SIGTERM as events; the second one ends the program at once. Blocked before any thread starts, so that all inherit it.
int interruptDescriptor()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

template <typename Running> int runInteractive(QCoreApplication &app, Running &command, const std::function<void()> &begin)
{
    QSocketNotifier interrupt(interruptDescriptor(), QSocketNotifier::Read);
    int interrupts = 0;
    QObject::connect(&interrupt, &QSocketNotifier::activated, &command, [&](QSocketDescriptor descriptor) {
        signalfd_siginfo info;
        while (::read(static_cast<int>(descriptor), &info, sizeof info) == sizeof info) {
            if (++interrupts > 1)
                ::_exit(cli::ExitInterrupted);
            command.interrupt();
        }
    });
    begin();
    return app.exec();
}

}

int main(int argc, char *argv[])
{
    logs::forbidCoreDumps(logs::CoreDumps::Nowhere);
    QList<QByteArray> arguments;
    for (int i = 1; i < argc; ++i)
        arguments.append(argv[i]);
    const cli::Command command = cli::readCommandLine(arguments);
    // Qt would take some arguments as its own.
    int noArguments = 1;
    QCoreApplication app(noArguments, argv);
    QCoreApplication::setApplicationName(QStringLiteral("Photolift"));
    QCoreApplication::setApplicationVersion(QStringLiteral(PHOTOLIFT_VERSION));

    if (const auto *message = std::get_if<cli::Message>(&command)) {
        const QByteArray text = message->text.toLocal8Bit();
        std::fputs(text.constData(), message->isError ? stderr : stdout);
        return message->isError ? cli::ExitUsage : cli::ExitGood;
    }
    if (const auto *attempts = std::get_if<cli::AttemptsOptions>(&command))
        return cli::showAttempts(*attempts);
    if (const auto *inspect = std::get_if<cli::InspectOptions>(&command))
        return cli::inspectFiles(*inspect);
    if (const auto *upload = std::get_if<cli::UploadOptions>(&command)) {
        if (upload->isDryRun)
            return cli::dryRun(*upload);
        cli::RunCommand run(upload->common, upload->server);
        return runInteractive(app, run, [&] { run.upload(*upload); });
    }
    if (const auto *own = std::get_if<cli::OwnPhotosOptions>(&command)) {
        cli::OwnPhotos run(*own);
        return runInteractive(app, run, [&] { run.begin(); });
    }
    if (const auto *projects = std::get_if<cli::ProjectsOptions>(&command)) {
        cli::Projects run(*projects);
        return runInteractive(app, run, [&] { run.begin(); });
    }
    const auto &retry = std::get<cli::RetryOptions>(command);
    cli::RunCommand run(retry.common, retry.server);
    return runInteractive(app, run, [&] { run.retry(retry); });
}
