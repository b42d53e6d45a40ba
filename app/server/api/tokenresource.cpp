#include "app/server/api/apicontext.h"
#include "app/server/api/refusal.h"

#include <QCryptographicHash>

using namespace Qt::StringLiterals;

namespace photolift::server {

void answerToken(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    const bool isTaken = api->database->read(OnBehalfOf::everybody(), [api, request, respond](const QSqlDatabase &database) {
        const Result<QJsonObject> json = wire::parseRequest(request.body);
        const Result<wire::TokenRequest> asked = json ? wire::tokenRequestFromJson(*json) : Result<wire::TokenRequest>(json.error());
        if (!asked) {
            api->limits.tokensOfAddress->count(request);
            return respond(malformed(asked.error(), request));
        }
        // A loop in one client: told before the database is asked. Not by the token itself, which nothing here keeps.
        const QByteArray device = QCryptographicHash::hash(asked->deviceToken.toUtf8(), QCryptographicHash::Sha256);
        if (const auto seconds = api->limits.tokensOfDevice->take(device))
            return respond(problemResponse(429, {ErrorCode::ApiRateLimited, u"too many exchanges of one device token"_s}, request, *seconds));
        const Result<Doorkeeper::Admitted> admitted = api->doorkeeper->admit(database, asked->deviceToken.toUtf8());
        if (!admitted) {
            // Only wrong ones are counted by address: a whole office exchanges its tokens every quarter of an hour behind one, many at once.
            if (admitted.error().code != ErrorCode::ApiUnavailable)
                api->limits.tokensOfAddress->count(request);
            return respond(refusal(admitted.error(), request));
        }
        constexpr int ExpiresSeconds = AccessTokens::LifeMs / 1000;
        HttpResponse response = jsonResponse(200, wire::toJson(wire::TokenAnswer{QString::fromLatin1(admitted->accessToken), ExpiresSeconds,
                                                                                 admitted->caller.userId, admitted->userName,
                                                                                 roleName(admitted->caller.role)}));
        response.headers.emplaceBack("Cache-Control", "no-store"); // RFC 6749, 5.1
        respond(std::move(response));
    });
    if (!isTaken)
        respond(overloaded(request));
}

} // namespace photolift::server
