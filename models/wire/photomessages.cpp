#include "models/vocabulary/jsonreader.h"
#include "models/wire/messages.h"

using namespace Qt::StringLiterals;

namespace photolift::wire {

QJsonObject toJson(const RemovalAnswer &answer)
{
    return {{u"photos"_s, answer.photos},
            {u"removed"_s, answer.removed},
            {u"under_way"_s, answer.underWay},
            {u"gone_ms"_s, answer.goneMs ? QJsonValue(*answer.goneMs) : QJsonValue()}};
}

Result<RemovalAnswer> removalAnswerFromJson(const QJsonObject &json)
{
    JsonReader reader(json, OtherFields::Ignored);
    RemovalAnswer answer;
    answer.photos = reader.requiredSmallInteger("photos"_L1);
    answer.removed = reader.requiredSmallInteger("removed"_L1);
    answer.underWay = reader.requiredSmallInteger("under_way"_L1);
    answer.goneMs = reader.integer("gone_ms"_L1);
    return reader.finish(answer);
}

QJsonObject toJson(const PhotoLink &link)
{
    return {{u"url"_s, QString::fromLatin1(link.url.toEncoded())},
            {u"expires_ms"_s, link.expiresMs},
            {u"sha256"_s, link.sha256},
            {u"size"_s, link.size},
            {u"relative_path"_s, link.relativePath}};
}

Result<PhotoLink> photoLinkFromJson(const QJsonObject &json)
{
    JsonReader reader(json, OtherFields::Ignored);
    PhotoLink link;
    link.url = QUrl::fromEncoded(reader.requiredText("url"_L1).toLatin1(), QUrl::StrictMode);
    reader.check("url"_L1, link.url.isValid() && (link.url.scheme() == "https"_L1 || link.url.scheme() == "http"_L1));
    link.expiresMs = reader.requiredInteger("expires_ms"_L1);
    link.sha256 = reader.requiredText("sha256"_L1);
    link.size = reader.requiredInteger("size"_L1);
    reader.check("size"_L1, link.size > 0);
    link.relativePath = reader.requiredText("relative_path"_L1);
    return reader.finish(link);
}

} // namespace photolift::wire
