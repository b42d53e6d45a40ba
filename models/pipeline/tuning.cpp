#include "models/pipeline/engine.h"
#include "models/vocabulary/jsonreader.h"

#include <QFile>

using namespace Qt::StringLiterals;

namespace photolift::pipeline {

namespace {
constexpr qint64 MaxTuningBytes = 64 * 1024;

template <typename Number> void take(JsonReader &reader, QLatin1StringView key, Number &value, qint64 lowest)
{
    const std::optional<qint64> given = reader.integer(key);
    if (!given)
        return;
    if (*given < lowest || *given > std::numeric_limits<Number>::max())
        reader.fault(key);
    else
        value = static_cast<Number>(*given);
}
}

Result<Tuning> readTuning(const QString &file, Tuning defaults)
{
    QFile source(file);
    if (!source.open(QIODevice::ReadOnly))
        return Error{ErrorCode::ApiRequestRefused, u"the tuning file cannot be opened: "_s + source.errorString()};
    const Result<QJsonObject> object = wire::parseObject(source.read(MaxTuningBytes));
    if (!object)
        return object.error();

    JsonReader reader(*object);
    take(reader, "jobs"_L1, defaults.jobs, 1);
    take(reader, "firstLinks"_L1, defaults.firstLinks, 1);
    take(reader, "stableLookMs"_L1, defaults.stableLookMs, 1);
    take(reader, "inRequestBaseMs"_L1, defaults.inRequestBaseMs, 1);
    take(reader, "inRequestCapMs"_L1, defaults.inRequestCapMs, 1);
    take(reader, "inRequestTries"_L1, defaults.inRequestTries, 1);
    take(reader, "longBaseMs"_L1, defaults.longBaseMs, 1);
    take(reader, "longCapMs"_L1, defaults.longCapMs, 1);
    take(reader, "longForMs"_L1, defaults.longForMs, 1);
    take(reader, "nextAttemptMs"_L1, defaults.nextAttemptMs, 1);
    take(reader, "serverAskedMinMs"_L1, defaults.serverAskedMinMs, 1);
    take(reader, "serverAskedMaxMs"_L1, defaults.serverAskedMaxMs, 1);
    take(reader, "quietTransientMs"_L1, defaults.quietTransientMs, 0);
    take(reader, "undoCancelMs"_L1, defaults.undoCancelMs, 0);
    take(reader, "progressMs"_L1, defaults.progressMs, 10);
    take(reader, "statusWaitSeconds"_L1, defaults.statusWaitSeconds, 0);
    take(reader, "freeExtraRequests"_L1, defaults.freeExtraRequests, 1);
    take(reader, "lowSpaceBytes"_L1, defaults.lowSpaceBytes, 0);
    if (defaults.statusWaitSeconds > wire::MaxWaitSeconds)
        reader.fault("statusWaitSeconds"_L1);
    if (const Result<> verdict = reader.finish(); !verdict)
        return verdict.error();
    return defaults;
}

} // namespace photolift::pipeline
