#include "app/server/api/apicontext.h"
#include "app/server/api/refusal.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

void answerToken(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    const bool isTaken = api->database->read([api, request, respond](const QSqlDatabase &database) {
        const Result<QJsonObject> json = wire::parseObject(request.body);
        const Result<wire::TokenRequest> asked = json ? wire::tokenRequestFromJson(*json) : Result<wire::TokenRequest>(json.error());
        if (!asked)
            return respond(malformed(asked.error(), request));
        const Result<Doorkeeper::Admitted> admitted = api->doorkeeper->admit(database, asked->deviceToken.toUtf8());
        if (!admitted)
            return respond(refusal(admitted.error(), request));
        constexpr int ExpiresSeconds = AccessTokens::LifeMs / 1000;
        HttpResponse response = jsonResponse(200, wire::toJson(wire::TokenAnswer{QString::fromLatin1(admitted->accessToken), ExpiresSeconds,
                                                                                 admitted->caller.userId, roleName(admitted->caller.role)}));
        response.headers.emplaceBack("Cache-Control", "no-store"); // RFC 6749, 5.1
        respond(std::move(response));
    });
    if (!isTaken)
        respond(overloaded(request));
}

} // namespace photolift::server
