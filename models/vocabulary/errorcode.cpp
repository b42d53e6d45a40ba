#include "models/vocabulary/errorcode.h"

#include "models/vocabulary/nametable.h"

using namespace Qt::StringLiterals;

namespace photolift {

namespace {
constexpr std::array<NamedValue<RetryPolicy>, 7> Policies{{{RetryPolicy::None, "none"_L1},
                                                           {RetryPolicy::InRequest, "in_request"_L1},
                                                           {RetryPolicy::Long, "long"_L1},
                                                           {RetryPolicy::ServerAsked, "server_asked"_L1},
                                                           {RetryPolicy::NewUrl, "new_url"_L1},
                                                           {RetryPolicy::WaitForCondition, "wait_for_condition"_L1},
                                                           {RetryPolicy::RestartFile, "restart_file"_L1}}};
constexpr std::array<NamedValue<ErrorType>, 4> Types{{{ErrorType::User, "user"_L1},
                                                      {ErrorType::Transient, "transient"_L1},
                                                      {ErrorType::System, "system"_L1},
                                                      {ErrorType::Permanent, "permanent"_L1}}};
}

const ErrorInfo &errorInfo(ErrorCode code)
{
    // The generated table is in the order of the enum.
    return allErrors()[static_cast<std::size_t>(code)];
}

QLatin1StringView errorName(ErrorCode code)
{
    return errorInfo(code).name;
}

ErrorCode errorFromName(QStringView name)
{
    for (const ErrorInfo &info : allErrors()) {
        if (name == info.name)
            return info.code;
    }
    return ErrorCode::InternalUnknown;
}

QLatin1StringView retryPolicyName(RetryPolicy policy)
{
    return nameOf(Policies, policy);
}

QLatin1StringView errorTypeName(ErrorType type)
{
    return nameOf(Types, type);
}

bool holdsQueue(ErrorCode code)
{
    switch (code) {
    case ErrorCode::NetworkOffline:
    case ErrorCode::ApiUnavailable:
    case ErrorCode::ApiRateLimited:
    case ErrorCode::StorageNoSpace:
    case ErrorCode::StorageNotReady:
    case ErrorCode::LocalDiskFull:
    case ErrorCode::LocalListBusy:
    case ErrorCode::LocalResourcesLow:
    case ErrorCode::InitiationTokenExpired:
    case ErrorCode::ApiAccountClosed:
        return true;
    default:
        return false;
    }
}

} // namespace photolift
