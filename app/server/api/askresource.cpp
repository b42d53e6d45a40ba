#include "app/server/api/apicontext.h"
#include "app/server/api/partorders.h"
#include "app/server/api/question.h"
#include "app/server/api/refusal.h"
#include "app/server/api/requestkeys.h"
#include "app/server/work/catalogue.h"
#include "app/server/work/sweep.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

/// When the store was seen without what the database says it has: a missing object must never be called a duplicate. nullopt: it has it.
/// Where nobody can look, nobody knows.
Result<std::optional<qint64>> seenWithoutObject(const ApiContext &api, const QSqlDatabase &database, const QString &accountId, const wire::Question &question)
{
    const auto known = ObjectTable(database).known(accountId, question.sha256, question.size);
    if (!known)
        return known.error();
    if (!*known || (*known)->state != ObjectTable::State::Stored)
        return std::optional<qint64>();
    const qint64 lookedMs = nowMs();
    const Result<bool> isThere = api.store.hasObject(question.sha256, question.size);
    if (!isThere)
        return isThere.error();
    return *isThere ? std::optional<qint64>() : std::optional(lookedMs);
}

/// How much an upload may take of the store's disk now; nothing when the store knows no such limit.
std::optional<qint64> room(const ApiContext &api)
{
    const std::optional<qint64> free = api.store.freeBytes();
    return free ? std::optional(*free - api.options.reservedBytes) : std::nullopt;
}

/// Whether what is still to come fits. Only a new upload takes room: of known bytes nothing travels, and the place of an unfinished
/// upload was reserved when it was made.
Result<> checkRoom(const ApiContext &api, const Decision &decision, std::optional<qint64> room)
{
    if (!room || !decision.isOpen || *room >= decision.size)
        return {};
    const Result<QList<StoredPart>> parts = api.store.parts(decision.offer.uploadId);
    if (parts)
        return {};
    if (parts.error().code != ErrorCode::TransferUploadGone)
        return parts.error();
    return Error{ErrorCode::StorageNoSpace, u"room for %1 bytes, %2 asked for"_s.arg(*room).arg(decision.size)};
}

/// Those of all parts, when the question names them all and as they have to be: links are signed for nothing else then.
QStringList checksumsOfAll(const ApiContext &api, const wire::Question &question)
{
    if (!checkPartOrders(question.parts, question.size, wire::PartBytes, api.store.partChecksum()))
        return {};
    QStringList checksums;
    for (const wire::PartOrder &part : question.parts) {
        if (part.number != checksums.size() + 1)
            return {};
        checksums.append(part.checksum);
    }
    const bool areAll = checksums.size() == (question.size + wire::PartBytes - 1) / wire::PartBytes;
    return areAll ? checksums : QStringList();
}

/// A place in a store that names uploads, when it looks as if the decision will be to make one: what it is in the end says the decision, and a place
/// that nobody needs is given up again, or found by the sweep after a kill.
Result<std::optional<Begun>> beginAhead(ApiContext &api, const QSqlDatabase &database, const QString &accountId, const wire::Question &question)
{
    if (!api.store.namesUploads())
        return std::optional<Begun>();
    const Result<bool> isOpen = UploadTable(database).mayBeAnswered(accountId, question);
    if (!isOpen || *isOpen)
        return isOpen ? Result<std::optional<Begun>>(std::nullopt) : isOpen.error();
    Begun begun;
    begun.uploadId = QUuid::createUuid();
    Result<QByteArray> name = api.store.begin(begun.uploadId, question.size, wire::PartBytes);
    if (!name)
        return name.error();
    begun.storeName = *std::move(name);
    begun.partChecksums = checksumsOfAll(api, question);
    return std::optional(begun);
}

/// Links for the parts that the question names and the store does not hold. Where they cannot be made the client asks for them.
QList<wire::PartLink> firstLinks(ApiContext &api, const wire::Question &question, const wire::Offer &offer, const QByteArray &origin)
{
    QList<wire::PartOrder> missing;
    for (const wire::PartOrder &part : question.parts) {
        const bool isHeld = std::any_of(offer.parts.begin(), offer.parts.end(), [&part](const wire::HeldPart &held) { return held.number == part.number; });
        if (!isHeld)
            missing.append(part);
    }
    if (!checkPartOrders(missing, question.size, offer.partBytes, api.store.partChecksum()))
        return {};
    const Result<QList<wire::PartLink>> links = api.store.links(offer.uploadId, missing, origin);
    return links ? *links : QList<wire::PartLink>();
}

/// What the store has to do after the decision was made durable: a place for the parts, what it holds of them, and links.
Result<> settleWithStore(ApiContext &api, Decision &decision, const wire::Question &question, const QByteArray &origin)
{
    if (!decision.replaced.isNull())
        (void)api.store.discard(decision.replaced);
    wire::Offer &offer = decision.offer;
    if (decision.isOpen) {
        api.store.know(offer.uploadId, decision.size, offer.partBytes, decision.storeName);
        // Repeated for an upload that has a place already, because a kill may have come between the decision and the place.
        if (decision.storeName.isEmpty()) {
            if (const auto begun = api.store.begin(offer.uploadId, decision.size, offer.partBytes); !begun)
                return begun.error();
        }
        const Result<QList<StoredPart>> parts = decision.isNew ? QList<StoredPart>() : api.store.parts(offer.uploadId);
        if (!parts)
            return parts.error();
        for (const StoredPart &part : *parts)
            offer.parts.append({part.number, part.size, part.checksum});
        offer.kind = offer.parts.isEmpty() ? wire::Offer::Kind::Upload : wire::Offer::Kind::Resume;
        offer.links = firstLinks(api, question, offer, origin);
    }
    return {};
}

/// The store has lost the place of an upload that is open in the records: it is closed, and who asks again gets a new one.
void closeAndRespond(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const QUuid &uploadId, const Responder &respond)
{
    const bool isTaken = api->database->write(
        forCaller(request), [uploadId](Writing &writing) { return closeGone(writing, uploadId); },
        [request, respond](const Result<> &closed) {
            const Error askAgain{ErrorCode::ApiUnavailable, u"the store has lost what there was of the upload: ask again"_s};
            respond(refusal(closed ? askAgain : closed.error(), request));
        });
    if (!isTaken)
        respond(overloaded(request));
}

} // namespace

void answerAsk(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    using Claim = std::shared_ptr<ClaimedLinks>;
    const auto decideAndAnswer = [api, request, respond](const QSqlDatabase &reading, const wire::Question &question, const Claim &claim) {
        const Result<std::optional<qint64>> lostSeen = seenWithoutObject(*api, reading, request.caller.accountId, question);
        if (!lostSeen)
            return respond(refusal(lostSeen.error(), request));
        const Result<std::optional<Begun>> ahead = beginAhead(*api, reading, request.caller.accountId, question);
        if (!ahead)
            return respond(refusal(ahead.error(), request));
        const std::optional<Begun> begun = *ahead;
        const std::optional<qint64> roomNow = room(*api);
        const auto decision = std::make_shared<Decision>();
        const auto hasDecided = std::make_shared<bool>(false); // in its last run: what was written may be there, whatever the commit said
        const auto giveUpPlace = [api, request, begun] {
            if (begun) // if nobody takes this, the sweep finds the place by its age
                (void)api->database->read(forCaller(request), [api, begun](const QSqlDatabase &) { (void)api->store.discard(begun->uploadId); });
        };
        const bool isTaken = api->database->write(
            forCaller(request),
            [api, request, question, lostSeenMs = *lostSeen, roomNow, begun, decision, hasDecided](Writing &writing) -> Result<> {
                *hasDecided = false;
                const qint64 now = nowMs();
                if (const Result<KeyUse> use = useRequestKey(writing.database, request, now); !use)
                    return use.error();
                Result<Decision> made = decide(writing, request.caller, clientVersion(request), question, lostSeenMs, locationOf(api->store), begun, now);
                if (!made)
                    return made.error();
                // Inside the transaction, so that of a question without room nothing is kept.
                if (const Result<> fits = checkRoom(*api, *made, roomNow); !fits)
                    return fits;
                *decision = *std::move(made);
                *hasDecided = true;
                faultPoint("api.ask.before_commit");
                return {};
            },
            [api, request, question, claim, respond, decision, hasDecided, begun, giveUpPlace](const Result<> &written) {
                if (!written) {
                    if (!*hasDecided) // else the sweep finds the place, unless an upload answers for it
                        giveUpPlace();
                    return respond(refusal(written.error(), request));
                }
                faultPoint("api.ask.after_commit");
                const auto settleAndAnswer = [api, request, question, claim, respond, decision] {
                    const Result<> settled = settleWithStore(*api, *decision, question, originOf(request));
                    claim->given(decision->offer.links.size());
                    faultPoint("api.ask.linked");
                    if (!settled && settled.error().code == ErrorCode::TransferUploadGone)
                        return closeAndRespond(api, request, decision->offer.uploadId, respond);
                    respond(settled ? jsonResponse(200, wire::toJson(decision->offer)) : refusal(settled.error(), request));
                };
                const bool hasItsPlace = begun && decision->isNew;
                if (hasItsPlace && decision->replaced.isNull())
                    return settleAndAnswer(); // which asks nobody
                if (!hasItsPlace)
                    giveUpPlace();
                if (!api->database->read(forCaller(request), [settleAndAnswer](const QSqlDatabase &) { settleAndAnswer(); }))
                    respond(overloaded(request));
            });
        if (!isTaken) {
            giveUpPlace();
            respond(overloaded(request));
        }
    };

    const auto answerWhenDecided = [api, request, respond, decideAndAnswer](const wire::Question &question, const Claim &claim, const QUuid &equalUpload) {
        const auto look = [api, request, respond, decideAndAnswer, question, claim](quint64 waiter, bool isLast) {
            const bool isLooking = api->database->read(forCaller(request), [api, request, respond, decideAndAnswer, question, claim, waiter, isLast](const QSqlDatabase &database) {
                const auto undecided = UploadTable(database).undecided(request.caller.accountId, question);
                if (undecided && *undecided && !isLast)
                    return api->changes->again(waiter);
                api->changes->leave(waiter);
                if (!undecided)
                    return respond(refusal(undecided.error(), request));
                if (*undecided)
                    return respond(refusal({ErrorCode::ApiUnavailable, u"the same bytes came with another attempt and are not checked yet"_s}, request));
                decideAndAnswer(database, question, claim);
            });
            if (!isLooking) {
                api->changes->leave(waiter);
                respond(overloaded(request));
            }
        };
        api->changes->wait({equalUpload}, ChangeWatch::Clock::now() + api->options.waitForEqualBytes, look);
    };

    const bool isTaken = api->database->read(forCaller(request), [api, request, respond, decideAndAnswer, answerWhenDecided](const QSqlDatabase &database) {
        const Result<QJsonObject> json = wire::parseRequest(request.body);
        const Result<wire::Question> question = json ? wire::questionFromJson(*json) : Result<wire::Question>(json.error());
        if (!question)
            return respond(malformed(question.error(), request));
        if (const Result<> sound = checkQuestion(*question); !sound)
            return respond(refusal(sound.error(), request));
        const int wanted = static_cast<int>(question->parts.size());
        if (auto refused = wanted > 0 ? api->limits.links->refusalOf(wanted, request) : std::nullopt)
            return respond(std::move(*refused));
        const auto claim = std::make_shared<ClaimedLinks>(api->limits.links, request, wanted);
        // The client of those bytes has lost its list, or another one was faster: sent again they would travel twice.
        const auto undecided = UploadTable(database).undecided(request.caller.accountId, *question);
        if (!undecided)
            return respond(refusal(undecided.error(), request));
        if (*undecided)
            return answerWhenDecided(*question, claim, **undecided);
        decideAndAnswer(database, *question, claim);
    });
    if (!isTaken)
        respond(overloaded(request));
}

} // namespace photolift::server
