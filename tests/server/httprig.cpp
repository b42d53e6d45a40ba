#include "tests/server/httprig.h"

#include "app/server/http/calllimit.h"

#include <QJsonDocument>

#include <stdexcept>

namespace photolift::server {

using namespace Qt::StringLiterals;

namespace {
constexpr char Token[] = "the-right-token-of-this-test";

class DiarySink final : public BodySink
{
public:
    explicit DiarySink(SinkDiary &diary)
        : m_diary(diary)
    {
        const std::lock_guard lock(m_diary.mutex);
        ++m_diary.made;
    }
    ~DiarySink() override
    {
        const std::lock_guard lock(m_diary.mutex);
        ++m_diary.destroyed;
    }
    Result<> write(QByteArrayView chunk) override
    {
        const std::lock_guard lock(m_diary.mutex);
        if (m_diary.isFull)
            return Error{ErrorCode::StorageNoSpace, u"test"_s};
        m_diary.bytes.append(chunk);
        m_diary.largestChunk = std::max(m_diary.largestChunk, chunk.size());
        ++m_diary.chunks;
        return {};
    }
    HttpResponse finish() override
    {
        const std::lock_guard lock(m_diary.mutex);
        ++m_diary.finished;
        return {};
    }

private:
    SinkDiary &m_diary;
};
}

HttpRig::HttpRig(HttpServer::Options options, int perToken)
{
    server = std::make_unique<HttpServer>(std::move(options), routes(perToken),
                                          [](QByteArrayView token) {
                                              const bool isOther = token == QByteArrayView("other");
                                              return isOther || token == QByteArrayView(Token)
                                                  ? std::optional(Caller{u"account"_s, isOther ? u"other"_s : u"user"_s, Role::Photographer, {}})
                                                  : std::nullopt;
                                          });
    const auto started = server->start();
    port = started ? *started : 0;
}

QList<Route> HttpRig::routes(int perToken)
{
    const auto echo = [this](const HttpRequest &request, Responder answer) {
        ++calls;
        {
            const std::lock_guard lock(mutex);
            origin = originOf(request);
            peer = request.peer;
        }
        HttpResponse response;
        response.contentType = "text/plain";
        response.body = request.body;
        answer(response);
    };
    const auto wait = [this](const HttpRequest &, Responder answer) {
        const std::lock_guard lock(mutex);
        waiting.push_back(std::move(answer));
    };
    const auto drop = [](const HttpRequest &, const Responder &) {};
    const auto fail = [](const HttpRequest &, const Responder &) { throw std::runtime_error("handler broke"); };
    const auto take = [this](const HttpRequest &request, qint64 length) -> std::variant<std::unique_ptr<BodySink>, HttpResponse> {
        if (length < 0 || request.query == "refuse")
            return problemResponse(403, Error{ErrorCode::TransferLinkRefused, {}}, request);
        return std::make_unique<DiarySink>(diary);
    };
    QList<Route> all;
    const auto add = [&all](const char *method, const char *pattern, Access access, qint64 maxBody, Handler handler, RoleSet roles = {}) -> Route & {
        Route route(RouteRight{pattern, method, pattern, access, roles});
        route.maxBodyBytes = maxBody;
        route.handler = std::move(handler);
        return all.emplaceBack(std::move(route));
    };
    constexpr RoleSet Photographer = RoleSet::of(Role::Photographer);
    Route &post = add("POST", "/echo", Access::Token, 1024 * 1024, echo, Photographer);
    post.isGzipAccepted = true;
    post.limit = std::make_shared<CallLimit>(CallLimit::Options{.perTokenAndMinute = perToken});
    add("GET", "/wait", Access::Token, 0, wait, Photographer);
    add("GET", "/drop", Access::Token, 0, drop, Photographer);
    add("GET", "/fail", Access::Token, 0, fail, Photographer);
    add("GET", "/for-support", Access::Token, 0, echo, RoleSet::of(Role::Support));
    add("GET", "/for-nobody", Access::Token, 0, echo);
    add("GET", "/healthz", Access::Open, 0, echo);
    add("POST", "/knock", Access::Open, 4096, echo);
    add("PUT", "/sink/{name}", Access::Signed, 64LL * 1024 * 1024, {}).sinkMaker = take;
    return all;
}

QByteArray HttpRig::head(const QByteArray &line, const QByteArray &fields, bool withToken) const
{
    QByteArray text = line + " HTTP/1.1\r\nHost: 127.0.0.1:" + QByteArray::number(port) + "\r\n";
    if (withToken)
        text += QByteArray("Authorization: Bearer ") + Token + "\r\n";
    text += fields + "\r\n";
    return text;
}

QByteArray HttpRig::post(const QByteArray &body) const
{
    return head("POST /echo", "Content-Length: " + QByteArray::number(body.size()) + "\r\n") + body;
}

qsizetype HttpRig::waitingCount()
{
    const std::lock_guard lock(mutex);
    return static_cast<qsizetype>(waiting.size());
}

Responder HttpRig::takeWaiting()
{
    const std::lock_guard lock(mutex);
    Responder first = std::move(waiting.back());
    waiting.pop_back();
    return first;
}

QString codeOf(const test::RawAnswer &answer)
{
    return QJsonDocument::fromJson(answer.body).object().value("code"_L1).toString();
}

} // namespace photolift::server
