#include "app/server/api/apicontext.h"
#include "app/server/api/eventbatch.h"
#include "app/server/api/lostphotos.h"
#include "app/server/api/refusal.h"
#include "app/server/api/requestkeys.h"
#include "app/server/http/inflate.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

using Apply = decltype(&applyEvents);

void applyBatch(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond, const EventBatch &batch,
                Apply apply, Isolation isolation)
{
    struct Outcome {
        wire::EventsAnswer answer;
        QSet<QUuid> changed;
        bool isOneRowRefused = false;
    };
    const auto outcome = std::make_shared<Outcome>();
    const bool isTaken = api->database->write(
        forCaller(request),
        [request, batch, outcome, apply](Writing &writing) -> Result<> {
            const qint64 now = nowMs();
            *outcome = {};
            if (const Result<KeyUse> use = useRequestKey(writing.database, request, now); !use)
                return use.error();
            const Result<wire::EventsAnswer> answer = apply(writing, request.caller, batch, now, outcome->changed);
            if (!answer) {
                outcome->isOneRowRefused = isOfTheBatch(answer.error());
                return answer.error();
            }
            outcome->answer = *answer;
            if (hasHeartbeat(batch)) { // often enough, and not with each of many batches
                const Result<QList<QUuid>> lost = attemptsOfLostPhotos(writing.database, request.caller);
                if (!lost)
                    return lost.error();
                outcome->answer.notSafe += *lost;
            }
            faultPoint("api.events.before_commit");
            return {};
        },
        [api, request, respond, batch, outcome, apply](const Result<> &written) {
            if (!written && outcome->isOneRowRefused && apply != &applyEvents)
                return applyBatch(api, request, respond, batch, &applyEvents, Isolation::Serializable);
            if (!written)
                return respond(refusal(written.error(), request));
            faultPoint("api.events.after_commit");
            for (const QUuid &uploadId : std::as_const(outcome->changed))
                api->changes->noteChanged(uploadId);
            respond(jsonResponse(200, wire::toJson(outcome->answer)));
        },
        isolation);
    if (!isTaken)
        respond(overloaded(request));
}

/// What is kept of a batch whose gzip is damaged: as much as it still says, by which a purge finds the names in it, and all its bytes as they came.
QByteArray damagedPayload(const QByteArray &packed)
{
    return inflated(packed, wire::MaxJsonBytes).bytes + "\n--- as it came, gzip in base64:\n" + packed.toBase64() + '\n';
}

} // namespace

void answerEvents(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    const auto batchId = QString::fromLatin1(request.headers.value("idempotency-key"));
    const auto clientId = QString::fromLatin1(request.peer);

    const auto refuseWhole = [api, request, respond, batchId, clientId](const QByteArray &payload, const Error &why) {
        const bool isTaken = api->database->write(
            forCaller(request),
            [request, batchId, clientId, payload, why](Writing &writing) {
                return setAsideWhole(writing, request.caller, batchId, clientId, payload, why, nowMs());
            },
            [request, respond, why](const Result<> &written) {
                respond(written ? malformed(why, request) : refusal(written.error(), request));
            });
        if (!isTaken)
            respond(overloaded(request));
    };
    const auto applyAndAnswer = [api, request, respond](const EventBatch &batch) {
        if (api->options.postgres && !recallsAttempts(batch))
            applyBatch(api, request, respond, batch, &applyEventsAtOnce, tellsOfProjects(batch) ? Isolation::Serializable : Isolation::RowByRow);
        else
            applyBatch(api, request, respond, batch, &applyEvents, Isolation::Serializable);
    };

    const bool isTaken = api->database->read(forCaller(request), [api, request, respond, batchId, clientId, refuseWhole, applyAndAnswer](const QSqlDatabase &database) {
        if (request.isBodyDamaged)
            return refuseWhole(damagedPayload(request.body), {ErrorCode::ApiRequestRefused, u"the gzip body is damaged or cut"_s});
        Result<EventBatch> batch = readEventBatch(request.body);
        if (!batch)
            return refuseWhole(request.body, batch.error());
        batch->batchId = batchId;
        batch->clientId = clientId;
        const qint64 databaseMadeMs = instantOf(QUuid::fromString(api->epoch->current()));
        if (const Result<> looked = lookForRecalled(*batch, database, request.caller, api->store, databaseMadeMs); !looked)
            return respond(refusal(looked.error(), request));
        applyAndAnswer(*batch);
    });
    if (!isTaken)
        respond(overloaded(request));
}

} // namespace photolift::server
