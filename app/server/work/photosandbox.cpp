#include "app/server/work/photosandbox.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

#ifdef PHOTOLIFT_SANITIZED
constexpr bool CanHaveSandbox = false; // see findSandbox()
#else
constexpr bool CanHaveSandbox = true;
#endif

} // namespace

Result<photo::Sandbox> photoSandbox(const QString &program, bool isRequired)
{
    photo::Sandbox sandbox = photo::findSandbox(program);
    if (sandbox.command.isEmpty() && isRequired && CanHaveSandbox)
        return Error{ErrorCode::ApiServerError, u"photos cannot be opened in a sandbox: "_s + sandbox.fault};
    return sandbox;
}

} // namespace photolift::server
