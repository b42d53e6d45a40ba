#include "app/server/work/photosandbox.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;

Q_DECLARE_LOGGING_CATEGORY(lcServerWork)

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

void tellIsolation(const photo::Sandbox &sandbox)
{
    if (!sandbox.command.isEmpty())
        qCInfo(lcServerWork) << "each photo is opened in a process of its own, in a sandbox without files, network and rights, with filtered system calls";
    else
        qCWarning(lcServerWork).noquote() << "each photo is opened in a process of its own, with limits and filtered system calls, but in no sandbox:"
                                          << sandbox.fault;
}

} // namespace photolift::server
