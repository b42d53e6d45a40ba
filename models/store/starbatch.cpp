#include "models/store/starbatch.h"

#include "models/store/database.h"
#include "models/store/dimensions.h"
#include "models/store/jsonkeys.h"
#include "models/store/starbatchrows.h"
#include "models/store/starrules.h"

#include "models/vocabulary/ids.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QSqlQuery>

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {

/// Parts of a natural key as one text; no part holds the separator, because the database takes no NUL.
QString keyOf(const QStringList &parts)
{
    return parts.join(QChar::Null);
}

/// What a newer description does not say about a row stays as it was, as far as the row's columns are like that.
template <typename Facts> Facts over(const Facts &, const Facts &newer)
{
    return newer;
}

NetworkFacts over(const NetworkFacts &older, NetworkFacts newer)
{
    if (!newer.typicalBandwidthKbps)
        newer.typicalBandwidthKbps = older.typicalBandwidthKbps;
    if (!newer.typicalLatencyMs)
        newer.typicalLatencyMs = older.typicalLatencyMs;
    return newer;
}

template <typename Facts> int describedNumber(Numbered<QString, Described<Facts>> &rows, const QString &key, const Facts &facts, const QString &by)
{
    Described<Facts> &row = rows.at(key, {facts, by});
    if (row.by < by)
        row = {over(row.facts, facts), by};
    return rows.numberOf(key);
}

} // namespace

int StarBatch::Private::user(const QString &userId)
{
    if (userId.isEmpty())
        return 0;
    users.at(userId, userId);
    return users.numberOf(userId);
}

Where StarBatch::Private::where(const Surroundings &surroundings, const QString &describedBy)
{
    Where numbers;
    numbers.user = user(surroundings.userId);
    if (const DeviceFacts &device = surroundings.device; !device.deviceId.isEmpty())
        numbers.device = describedNumber(devices, keyOf({device.deviceId, device.osName, device.osVersion}), device, describedBy);
    if (const AppVersionFacts &app = surroundings.app; !app.version.isEmpty())
        numbers.app = describedNumber(apps, keyOf({app.platform, app.version, app.buildNumber}), app, describedBy);
    const NetworkFacts &network = surroundings.network;
    numbers.network = describedNumber(
        networks, keyOf({network.connectionType, network.carrierName, network.subtype, QString::number(signalKey(network).value_or(-1))}),
        network, networkDescription(network, describedBy));
    return numbers;
}

int StarBatch::Private::photoType(const PhotoRecord &photo)
{
    if (photo.typeName.isEmpty())
        return 0;
    const QString key = keyOf({photo.typeName, photo.fileExtension});
    types.at(key, {photo.typeName, photo.fileExtension});
    return types.numberOf(key);
}

int StarBatch::Private::location(const QString &location)
{
    const QStringList words = location.split(u'|').mid(0, 4);
    if (words.first().isEmpty())
        return 0;
    QStringList parts = words;
    parts.resize(4);
    const QString key = keyOf(parts);
    locations.at(key, parts);
    return locations.numberOf(key);
}

StarBatch::StarBatch()
    : d(std::make_unique<Private>())
{
}

StarBatch::~StarBatch() = default;

Result<> StarBatch::write(const ProjectRecord &project, const QUuid &eventId)
{
    if (const Result<> fits = fitsTheStar(project); !fits)
        return fits;
    d->project(project.projectId);
    d->user(project.ownerUserId);
    ProjectRow &row = d->projects.at(project.projectId, {project, eventId, {}});
    const QString event = idText(eventId);
    row.events.append(event);
    if (idText(row.eventId) < event) {
        row.record = project;
        row.eventId = eventId;
    }
    return {};
}

Result<> StarBatch::write(const BatchRecord &batch, const QUuid &eventId)
{
    if (const Result<> fits = fitsTheStar(batch); !fits)
        return fits;
    d->project(batch.projectId);
    d->batch(batch.batchId);
    const bool isFirst = !d->batches.contains(batch.batchId);
    BatchRow &row = d->batches.at(batch.batchId, {batch, eventId, {}});
    const std::pair<qint64, qint64> counts(batch.numPhotos.value_or(-1), batch.totalBytes.value_or(-1));
    row.counts.append(counts);
    BatchRecord &known = row.record;
    if (isFirst || (counts.first <= known.numPhotos.value_or(-1) && counts.second <= known.totalBytes.value_or(-1)))
        return {};
    if (known.name.isEmpty())
        known.name = batch.name;
    if (known.projectId.isNull())
        known.projectId = batch.projectId;
    if (known.sourceLabel.isEmpty())
        known.sourceLabel = batch.sourceLabel;
    known.numPhotos = std::max(known.numPhotos, batch.numPhotos); // nullopt is the smallest
    known.totalBytes = std::max(known.totalBytes, batch.totalBytes);
    if (idText(row.eventId) < idText(eventId))
        row.eventId = eventId;
    return {};
}

Result<> StarBatch::write(const AttemptRecord &attempt, const QUuid &eventId, SameVersion sameVersion)
{
    if (const Result<> fits = fitsTheStar(attempt); !fits)
        return fits;
    noteUndocumentedKeys(JsonColumn::UploadMetadata, attempt.metadata);
    const Where where = d->where(attempt.surroundings, descriptionOrder(attempt.clientUploadId, attempt.rowVersion));
    const int project = d->project(attempt.projectId);
    const int batch = d->batch(attempt.batchId);
    AttemptRow first;
    first.isReplacing = sameVersion == SameVersion::Replaces;
    AttemptRow &row = d->attempts.at(attempt.clientUploadId, first);
    if (row.tell(attempt, eventId)) {
        row.where = where;
        row.project = project;
        row.batch = batch;
    }
    return {};
}

Result<> StarBatch::write(const StageRecord &stage, const QUuid &eventId)
{
    if (const Result<> fits = fitsTheStar(stage); !fits)
        return fits;
    noteUndocumentedKeys(JsonColumn::StageMetadata, stage.metadata);
    d->upload(stage.clientUploadId);
    d->stages.at({stage.clientUploadId, static_cast<int>(stage.stage)}, {}).tell(stage, eventId);
    return {};
}

Result<> StarBatch::write(const ErrorRecord &error)
{
    if (const Result<> fits = fitsTheStar(error); !fits)
        return fits;
    noteUndocumentedKeys(JsonColumn::ErrorContext, error.context);
    d->upload(error.clientUploadId);
    // Unique for its day, as in the table; but the stage it names has its row even when the error is a repeat.
    const QString key = idText(error.errorUid) + QString::number(dateKeyOf(instantOf(error.clientUploadId)));
    d->errors.at(key, error);
    return {};
}

Result<> StarBatch::write(const PhotoRecord &photo, const QUuid &eventId)
{
    if (const Result<> fits = fitsTheStar(photo); !fits)
        return fits;
    noteUndocumentedKeys(JsonColumn::ExtractedMetadata, photo.extracted);
    noteUndocumentedKeys(JsonColumn::ProcessingParameters, photo.processing);
    d->upload(photo.clientUploadId);
    d->photoType(photo);
    d->location(photo.storageLocation);
    d->photos.at(photo.clientUploadId, {}).tell(photo, eventId);
    return {};
}

Result<> StarBatch::write(const HeartbeatRecord &heartbeat, qint64 receivedMs)
{
    if (const Result<> fits = fitsTheStar(heartbeat); !fits)
        return fits;
    noteUndocumentedKeys(JsonColumn::Metrics, heartbeat.metrics);
    const Where where = d->where(heartbeat.surroundings, descriptionOrder(heartbeat.heartbeatId, 1));
    d->heartbeats.at(heartbeat.heartbeatId, {heartbeat, receivedMs, where});
    return {};
}

int StarBatch::Private::applied(const QJsonObject &before) const
{
    int count = 0;
    const auto eachRow = [&before](const char *name, const auto &rows, auto use) {
        const QJsonArray found = before.value(QLatin1StringView(name)).toArray();
        for (qsizetype i = 0; i < rows.size(); ++i)
            use(rows.at(i), found.at(i));
    };
    const auto versions = [&count](const auto &row, const QJsonValue &found) { count += row.applied(found); };
    const auto onlyOnce = [&count](const auto &, const QJsonValue &found) { count += found.isNull() ? 1 : 0; };
    eachRow("attempts", attempts.rows(), versions);
    eachRow("stages", stages.rows(), versions);
    eachRow("photos", photos.rows(), versions);
    eachRow("errors", errors.rows(), onlyOnce);
    eachRow("heartbeats", heartbeats.rows(), onlyOnce);
    eachRow("projects", projects.rows(), [&count](const ProjectRow &row, const QJsonValue &found) {
        std::optional<QString> newest = found.isNull() ? std::nullopt : std::optional<QString>(found.toString()); // empty: of no event
        for (const QString &event : row.events) {
            if (!newest || *newest < event) {
                newest = event;
                ++count;
            }
        }
    });
    eachRow("batches", batches.rows(), [&count](const BatchRow &row, const QJsonValue &found) {
        const QJsonArray values = found.toArray();
        bool isKnown = values.at(0).toBool();
        std::pair known(static_cast<qint64>(values.at(1).toDouble(-1)), static_cast<qint64>(values.at(2).toDouble(-1)));
        for (const std::pair<qint64, qint64> &told : row.counts) {
            if (isKnown && told.first <= known.first && told.second <= known.second)
                continue;
            isKnown = true;
            known = {std::max(known.first, told.first), std::max(known.second, told.second)};
            ++count;
        }
    });
    return count;
}

Result<int> StarBatch::flush(const QSqlDatabase &database)
{
    QSqlQuery query(database);
    query.setForwardOnly(true);
    if (!query.prepare(u"SELECT ingest_events(?)"_s)) // unchecked, exec() would only say "Parameter count mismatch"
        return databaseError(database, query.lastError());
    query.addBindValue(QString::fromUtf8(json()));
    if (!query.exec() || !query.next())
        return databaseError(database, query.lastError());
    return d->applied(QJsonDocument::fromJson(query.value(0).toString().toUtf8()).object());
}

} // namespace photolift::store
