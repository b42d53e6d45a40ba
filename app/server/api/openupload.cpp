#include "app/server/api/openupload.h"

#include "app/server/api/apicontext.h"
#include "app/server/api/refusal.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

Result<Upload> ofItsCaller(Result<std::optional<Upload>> upload, const HttpRequest &request)
{
    if (!upload)
        return upload.error();
    if (!*upload || (*upload)->accountId != request.caller.accountId)
        return Error{ErrorCode::TransferUploadGone, u"unknown upload"_s};
    if ((*upload)->userId != request.caller.userId)
        return Error{ErrorCode::TransferUploadGone, u"the upload is another person's"_s};
    if (!request.correlation.isNull() && request.correlation != (*upload)->attempt.clientUploadId)
        return Error{ErrorCode::TransferUploadGone, u"the upload belongs to another attempt"_s};
    return **std::move(upload);
}

} // namespace

Result<Upload> uploadOf(const QSqlDatabase &database, const HttpRequest &request)
{
    return ofItsCaller(UploadTable(database).byId(idOf(request)), request);
}

Result<Upload> heldUploadOf(const QSqlDatabase &database, const HttpRequest &request)
{
    return ofItsCaller(UploadTable(database).heldById(idOf(request)), request);
}

Error closedBecause(UploadState state)
{
    const QString detail = u"the upload is "_s + uploadStateName(state);
    if (isServerOwned(state))
        return {ErrorCode::TransferAlreadyThere, detail};
    return {state == UploadState::Aborted ? ErrorCode::UserCancelled : ErrorCode::TransferUploadGone, detail};
}

Result<Upload> openUpload(const QSqlDatabase &database, const HttpRequest &request)
{
    Result<Upload> upload = uploadOf(database, request);
    if (upload && upload->state != UploadState::Open)
        return closedBecause(upload->state);
    return upload;
}

} // namespace photolift::server
