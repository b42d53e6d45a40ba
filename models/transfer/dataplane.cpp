#include "models/transfer/dataplane.h"

#include "models/transfer/transferloop.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <thread>

namespace photolift::transfer {

/// The loop is shared with its thread, so that a thread left behind never touches what is gone.
class DataPlane::Private
{
public:
    Private(Options options, TransferLoop::Report report)
        : loop(std::make_shared<TransferLoop>(std::move(options), std::move(report)))
        , thread([loop = loop] {
            pthread_setname_np(pthread_self(), "dataplane");
            loop->run();
        })
    {
    }
    std::shared_ptr<TransferLoop> loop;
    std::thread thread;
};

namespace {
void prepareLibcurl()
{
    static std::once_flag once;
    std::call_once(once, [] {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        OPENSSL_thread_stop(); // it may be a thread of Qt's pool that makes the first one; see ~ApiClient()
    });
}
}

DataPlane::DataPlane(Options options, QObject *parent)
    : QObject(parent)
{
    prepareLibcurl();
    d = std::make_unique<Private>(std::move(options), [this](const PartOutcome &outcome) { Q_EMIT partFinished(outcome); });
}

DataPlane::~DataPlane()
{
    d->loop->stop();
    if (d->loop->waitForEnd(std::chrono::seconds(1))) {
        d->thread.join();
        return;
    }
    d->loop->silence();
    d->thread.detach();
}

void DataPlane::start(const PartJob &job)
{
    d->loop->start(job);
}

void DataPlane::cancel(const QUuid &clientUploadId)
{
    d->loop->cancel(clientUploadId);
}

void DataPlane::setRateLimit(qint64 bytesPerSecond)
{
    d->loop->setRateLimit(bytesPerSecond);
}

qint64 DataPlane::sentBytes(const QUuid &clientUploadId) const
{
    return d->loop->progress().running(clientUploadId);
}

qint64 DataPlane::totalSentBytes() const
{
    return d->loop->progress().total();
}

} // namespace photolift::transfer
