#include "models/vocabulary/systemerror.h"

#include <cstring>

using namespace Qt::StringLiterals;

namespace photolift {

Error systemError(ErrorCode code, QAnyStringView what, int osErrno)
{
    return {code, u"%1: %2 (errno %3)"_s.arg(what.toString(), QString::fromLocal8Bit(std::strerror(osErrno))).arg(osErrno), {.osErrno = osErrno}};
}

} // namespace photolift
