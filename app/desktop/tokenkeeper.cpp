#include "app/desktop/tokenkeeper.h"

#include "models/vocabulary/serveraddress.h"

#include <qt6keychain/keychain.h>

using namespace Qt::StringLiterals;

namespace photolift::desktop::tokenkeeper {

namespace {

const QString Service = u"Photolift"_s;

/// Jobs delete themselves when they have ended.
void run(QKeychain::Job *job, const QUrl &server, QObject *context, std::function<void()> ended)
{
    job->setKey(serverName(server));
    job->setInsecureFallback(false);
    QObject::connect(job, &QKeychain::Job::finished, context, [ended = std::move(ended)] { ended(); });
    job->start();
}

Error unavailable(const QKeychain::Job &job)
{
    return {ErrorCode::LocalKeyringUnavailable, job.errorString()};
}

} // namespace

void read(const QUrl &server, QObject *context, std::function<void(Result<QByteArray>)> then)
{
    auto *job = new QKeychain::ReadPasswordJob(Service);
    run(job, server, context, [job, then = std::move(then)] {
        if (job->error() == QKeychain::NoError)
            then(job->binaryData());
        else if (job->error() == QKeychain::EntryNotFound)
            then(QByteArray());
        else
            then(unavailable(*job));
    });
}

void keep(const QUrl &server, const QByteArray &token, QObject *context, std::function<void(Result<>)> then)
{
    auto *job = new QKeychain::WritePasswordJob(Service);
    job->setBinaryData(token);
    run(job, server, context, [job, then = std::move(then)] { then(job->error() == QKeychain::NoError ? Result<>() : Result<>(unavailable(*job))); });
}

} // namespace photolift::desktop::tokenkeeper
