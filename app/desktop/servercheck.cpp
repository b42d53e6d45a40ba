#include "app/desktop/servercheck.h"

#include "models/transfer/apiclient.h"
#include "models/vocabulary/whendone.h"

#include <QEventLoop>
#include <QThreadPool>
#include <QtConcurrentRun>

namespace photolift::desktop {

namespace {

/// Somebody looks at the dialog.
constexpr int MostWaitMs = 10'000;

/// The API client lives where it is used, and its first look at certificates is disk work: not the UI thread's.
Result<Person> ask(const std::stop_token &end, const QUrl &server, const QByteArray &token)
{
    Result<Person> person = Error{};
    QEventLoop loop;
    const std::stop_callback over(end, [&loop] { QMetaObject::invokeMethod(&loop, &QEventLoop::quit, Qt::QueuedConnection); });
    transfer::ApiClient api;
    api.setTimeouts(MostWaitMs, MostWaitMs);
    api.setServer(server, token);
    whenDone(api.signIn(), &loop, [&](const transfer::ApiAnswer<wire::TokenAnswer> &answer) {
        if (answer)
            person = transfer::ApiClient::personOf(*answer.value);
        else
            person = answer.fault.error;
        loop.quit();
    });
    loop.exec();
    return person;
}

} // namespace

QFuture<Result<Person>> checkServer(QThreadPool &pool, std::stop_token end, const QUrl &server, const QByteArray &token)
{
    return QtConcurrent::run(&pool, ask, std::move(end), server, token);
}

} // namespace photolift::desktop
