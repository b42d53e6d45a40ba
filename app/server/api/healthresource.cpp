#include "app/server/api/apicontext.h"
#include "app/server/api/refusal.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

void answerReady(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    api->readiness->ask([request, respond](const std::optional<Error> &trouble) {
        respond(trouble ? problemResponse(503, *trouble, request, 1) : jsonResponse(200, {{u"status"_s, u"ready"_s}}));
    });
}

} // namespace photolift::server
