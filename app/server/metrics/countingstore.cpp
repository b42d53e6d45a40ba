#include "app/server/metrics/countingstore.h"

#include <utility>

namespace photolift::server {

CountingStore::CountingStore(ObjectStore &store, std::shared_ptr<ServerMetrics> metrics)
    : m_store(store)
    , m_metrics(std::move(metrics))
{
}

void CountingStore::note(ErrorCode code)
{
    switch (code) {
    case ErrorCode::TransferUploadGone:
    case ErrorCode::TransferAlreadyThere:
    case ErrorCode::ReceptionPartsMissing:
    case ErrorCode::ApiRequestRefused:
    case ErrorCode::UserCancelled:
        return;
    default:
        m_metrics->countStoreError();
    }
}

} // namespace photolift::server
