#include "models/vocabulary/errorcause.h"

using namespace Qt::StringLiterals;

namespace photolift {

void noteCause(QJsonObject &context, const ErrorCause &cause)
{
    const std::pair<QLatin1StringView, int> numbers[] = {
        {"os_errno"_L1, cause.osErrno}, {"signal"_L1, cause.signal},      {"http"_L1, cause.httpStatus},
        {"qt_error"_L1, cause.qtError}, {"curl_code"_L1, cause.curlCode}, {"sqlite"_L1, cause.sqlite},
    };
    for (const auto &[key, number] : numbers) {
        if (number != 0)
            context.insert(key, number);
    }
    if (!cause.sqlState.isEmpty())
        context.insert("sqlstate"_L1, cause.sqlState);
    if (!cause.s3Code.isEmpty())
        context.insert("s3_code"_L1, cause.s3Code);
}

} // namespace photolift
