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
    JsonReader reader(json);
    RemovalAnswer answer;
    answer.photos = reader.requiredSmallInteger("photos"_L1);
    answer.removed = reader.requiredSmallInteger("removed"_L1);
    answer.underWay = reader.requiredSmallInteger("under_way"_L1);
    answer.goneMs = reader.integer("gone_ms"_L1);
    return reader.finish(answer);
}

} // namespace photolift::wire
