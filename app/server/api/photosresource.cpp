#include "app/server/api/apicontext.h"
#include "app/server/api/refusal.h"
#include "app/server/api/requestkeys.h"
#include "app/server/people/auditlog.h"
#include "app/server/work/withdrawaltable.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

using By = WithdrawalTable::By;

/// What is asked for: which photos, and whether they go or come back.
struct Wish {
    By by = By::Photo;
    bool isRemoval = true;

    /// In the audit log: photo.removed, batch.restore_refused.
    QString action(bool isRefused) const
    {
        const QString what = by == By::Photo ? u"photo."_s : u"batch."_s;
        return what + (isRemoval ? u"remove"_s : u"restore"_s) + (isRefused ? u"_refused"_s : u"d"_s);
    }
};

Result<> audit(Writing &writing, const HttpRequest &request, const QString &action, const QJsonObject &detail)
{
    return AuditLog(writing.database)
        .append({request.caller.accountId, nowMs(), request.caller.userId, request.caller.tokenId, request.requestId, action, idText(idOf(request)),
                 detail});
}

Result<> noteUnknown(Writing &writing, const HttpRequest &request, const QString &action)
{
    return audit(writing, request, action, {});
}

/// One transaction with its row in the audit log. nullopt: the caller has no such photos, which is in that log too.
Result<std::optional<WithdrawalTable::Standing>> fulfil(Writing &writing, const HttpRequest &request, Wish wish)
{
    const Result<KeyUse> use = useRequestKey(writing.database, request, nowMs());
    if (!use)
        return use.error();
    const WithdrawalTable table(writing.database, {request.caller.accountId, request.caller.userId});
    const QUuid id = idOf(request);
    const Result<WithdrawalTable::Standing> before = table.standing(wish.by, id);
    if (!before)
        return before.error();
    if (before->photos == 0 && before->underWay == 0) {
        const Result<> noted = noteUnknown(writing, request, wish.action(true));
        return noted ? Result<std::optional<WithdrawalTable::Standing>>(std::nullopt) : noted.error();
    }
    // A request that comes once more has done its work: between the two somebody may have said the contrary.
    const Result<int> changed = *use == KeyUse::Repeated ? Result<int>(0)
        : wish.isRemoval                                 ? table.withdraw(wish.by, id, nowMs())
                                                         : table.takeBack(wish.by, id);
    if (!changed)
        return changed.error();
    if (*changed > 0) {
        if (const Result<> noted = audit(writing, request, wish.action(false), {{u"photos"_s, *changed}}); !noted)
            return noted.error();
    }
    const Result<WithdrawalTable::Standing> after = table.standing(wish.by, id);
    return after ? Result<std::optional<WithdrawalTable::Standing>>(*after) : after.error();
}

void answer(Wish wish, const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    const auto standing = std::make_shared<std::optional<WithdrawalTable::Standing>>();
    const bool isTaken = api->database->write(
        forCaller(request),
        [request, wish, standing](Writing &writing) -> Result<> {
            const auto found = fulfil(writing, request, wish);
            if (!found)
                return found.error();
            *standing = *found;
            faultPoint("api.removal.before_commit");
            return {};
        },
        [request, respond, standing](const Result<> &written) {
            if (!written)
                return respond(refusal(written.error(), request));
            faultPoint("api.removal.after_commit");
            if (!*standing)
                return respond(refusal({ErrorCode::TransferUploadGone, u"the caller has no such photos"_s}, request));
            const wire::RemovalAnswer told{(*standing)->photos, (*standing)->removed, (*standing)->underWay, (*standing)->goneMs};
            respond(jsonResponse(200, wire::toJson(told)));
        });
    if (!isTaken)
        respond(overloaded(request));
}

} // namespace

void answerPhotoLink(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    const bool isTaken = api->database->read(forCaller(request), [api, request, respond](const QSqlDatabase &database) {
        const WithdrawalTable table(database, {request.caller.accountId, request.caller.userId});
        const Result<QList<WithdrawalTable::Photo>> photos = table.photos(By::Photo, idOf(request), nowMs(), 0, 2);
        if (!photos)
            return respond(refusal(photos.error(), request));
        // An item has one photo, unless its file was moved between two tries: the newest is what its id means then.
        std::optional<WithdrawalTable::Photo> photo;
        for (const WithdrawalTable::Photo &found : *photos) {
            if (!found.removedMs && !found.isOverdue)
                photo = found;
        }
        if (photo) {
            const Result<wire::PartLink> given = api->store.downloadLink(photo->sha256, photo->size, originOf(request));
            if (!given)
                return respond(refusal(given.error(), request));
            const wire::PhotoLink link{given->url, given->expiresMs, photo->sha256, photo->size, photo->relativePath};
            return respond(jsonResponse(200, wire::toJson(link)));
        }
        const bool isNoted = api->database->write(
            forCaller(request), [request](Writing &writing) { return noteUnknown(writing, request, u"photo.link_refused"_s); },
            [request, respond](const Result<> &written) {
                respond(refusal(written ? Error{ErrorCode::TransferUploadGone, u"the caller has no such photo"_s} : written.error(), request));
            });
        if (!isNoted)
            respond(overloaded(request));
    });
    if (!isTaken)
        respond(overloaded(request));
}

void answerPhotoRemove(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    answer({By::Photo, true}, api, request, respond);
}

void answerPhotoRestore(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    answer({By::Photo, false}, api, request, respond);
}

void answerBatchRemove(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    answer({By::Batch, true}, api, request, respond);
}

void answerBatchRestore(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    answer({By::Batch, false}, api, request, respond);
}

} // namespace photolift::server
