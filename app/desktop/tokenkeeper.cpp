#include "app/desktop/tokenkeeper.h"

#include "models/vocabulary/serveraddress.h"
#include "models/vocabulary/whendone.h"

#include <QPromise>
#include <QTimer>
#include <qt6keychain/keychain.h>

#include <memory>

using namespace Qt::StringLiterals;

namespace photolift::desktop {

namespace {

const QString Service = u"Photolift"_s;

/// On the keyring's thread. Jobs delete themselves when they have ended.
void run(QKeychain::Job *job, const QUrl &server, std::function<void()> ended)
{
    job->setKey(serverName(server));
    job->setInsecureFallback(false);
    QObject::connect(job, &QKeychain::Job::finished, job, [ended = std::move(ended)] { ended(); });
    job->start();
}

Error unavailable(const QString &why)
{
    return {ErrorCode::LocalKeyringUnavailable, why};
}

/// Calls `then` with the answer or at the end of the patience, whichever is first, and `late` with an answer after that.
template <typename T>
void await(const QFuture<T> &answer, std::chrono::milliseconds patience, QObject *context, const std::function<void(T)> &then,
           const std::function<void(T)> &late)
{
    auto *end = new QTimer(context);
    end->setSingleShot(true);
    QObject::connect(end, &QTimer::timeout, context, [then] { then(unavailable(u"the keyring does not answer"_s)); });
    end->start(patience);
    whenDone(answer, context, [end, then, late](const T &told) {
        const bool isInTime = end->isActive();
        delete end;
        (isInTime ? then : late)(told);
    });
}

template <typename T> void fulfil(QPromise<T> &promise, T value)
{
    promise.addResult(std::move(value));
    promise.finish();
}

} // namespace

TokenKeeper::TokenKeeper(std::chrono::milliseconds patience)
    : m_patience(patience)
    , m_keyring(new QObject)
{
    m_thread.setObjectName(u"keyring"_s);
    m_keyring->moveToThread(&m_thread);
    QObject::connect(&m_thread, &QThread::finished, m_keyring, &QObject::deleteLater);
    m_thread.start();
}

TokenKeeper::~TokenKeeper()
{
    m_thread.quit();
    m_thread.wait();
}

void TokenKeeper::read(const QUrl &server, QObject *context, const std::function<void(Result<QByteArray>)> &then)
{
    const auto promise = std::make_shared<QPromise<Result<QByteArray>>>();
    promise->start();
    await<Result<QByteArray>>(promise->future(), m_patience, context, then, [then](const Result<QByteArray> &token) {
        if (token && !token->isEmpty())
            then(token);
    });
    QMetaObject::invokeMethod(m_keyring, [keyring = m_keyring, server, promise] {
        auto *job = new QKeychain::ReadPasswordJob(Service, keyring);
        run(job, server, [job, promise] {
            if (job->error() == QKeychain::NoError)
                fulfil<Result<QByteArray>>(*promise, job->binaryData());
            else if (job->error() == QKeychain::EntryNotFound)
                fulfil<Result<QByteArray>>(*promise, QByteArray());
            else
                fulfil<Result<QByteArray>>(*promise, unavailable(job->errorString()));
        });
    });
}

void TokenKeeper::keep(const QUrl &server, const QByteArray &token, QObject *context, const std::function<void(Result<>)> &then)
{
    const auto promise = std::make_shared<QPromise<Result<>>>();
    promise->start();
    await<Result<>>(promise->future(), m_patience, context, then, [](const Result<> &) {});
    QMetaObject::invokeMethod(m_keyring, [keyring = m_keyring, server, token, promise] {
        auto *job = new QKeychain::WritePasswordJob(Service, keyring);
        job->setBinaryData(token);
        run(job, server, [job, promise] { fulfil(*promise, job->error() == QKeychain::NoError ? Result<>() : Result<>(unavailable(job->errorString()))); });
    });
}

} // namespace photolift::desktop
