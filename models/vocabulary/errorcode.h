#pragma once

#include "models/vocabulary/errorcodes_generated.h" // enum class ErrorCode, made from resources/errors.csv
#include "models/vocabulary/stage.h"

#include <QLatin1StringView>
#include <QString>
#include <QStringView>

#include <optional>
#include <span>

namespace photolift {

/// The retry policies of FAULTS, by the names of the list.
enum class RetryPolicy { None, InRequest, Long, ServerAsked, NewUrl, WaitForCondition, RestartFile };

enum class ErrorType { User, Transient, System, Permanent };

/// One line of resources/errors.csv. Titles and advice are English sources; ui/ translates them.
struct ErrorInfo {
    ErrorCode code;
    QLatin1StringView name;       ///< such as VALIDATION_TRUNCATED
    std::optional<Stage> home;    ///< the stage the code belongs to; none for `any` and `api`
    ErrorType type;
    int severity;                 ///< 1 note, 2 heals itself, 3 user soon, 4 file blocked, 5 data or system at risk
    bool isFatal;
    RetryPolicy retry;
    QLatin1StringView causes;
    const char *title;            ///< UTF-8, context "Errors" for tr()
    const char *advice;           ///< UTF-8, may be empty
    const char *supportNote;      ///< UTF-8
};

std::span<const ErrorInfo> allErrors();
const ErrorInfo &errorInfo(ErrorCode code);
QLatin1StringView errorName(ErrorCode code);
/// An unknown name is INTERNAL_UNKNOWN: a newer server may know more codes than this program.
ErrorCode errorFromName(QStringView name);
QLatin1StringView retryPolicyName(RetryPolicy policy);
QLatin1StringView errorTypeName(ErrorType type);
/// True for the conditions of the whole device or server that hold the queue and end no attempt (FAULTS 2).
bool holdsQueue(ErrorCode code);

} // namespace photolift
