#pragma once

#include "models/store/starbatch.h"

#include <QHash>
#include <QJsonValue>

#include <optional>
#include <utility>

/// What StarBatch keeps until it is written; for its two .cpp files alone.
namespace photolift::store {

/// Rows of one table by natural key, numbered from 1 in the order they were first named in; the fold keeps what one row is to say.
template <typename Key, typename Row> class Numbered
{
public:
    /// The row of the key, made from `first` when it is new.
    Row &at(const Key &key, const Row &first)
    {
        const auto found = m_numbers.constFind(key);
        if (found != m_numbers.cend())
            return m_rows[*found - 1];
        m_rows.append(first);
        m_numbers.insert(key, static_cast<int>(m_rows.size()));
        return m_rows.last();
    }
    int numberOf(const Key &key) const { return m_numbers.value(key); }
    bool contains(const Key &key) const { return m_numbers.contains(key); }
    const QList<Row> &rows() const { return m_rows; }

private:
    QHash<Key, int> m_numbers;
    QList<Row> m_rows;
};

/// What one dimension row is described by: the newest one that was told.
template <typename Facts> struct Described {
    Facts facts;
    QString by;
};
/// A fact whose row has a version: of all that were told the one that wins, and the versions in their order.
template <typename Record> struct Versioned {
    Record record;
    QUuid eventId;
    QList<int> versions;
    bool isReplacing = false;

    /// True when it is the one that wins so far.
    bool tell(const Record &other, const QUuid &event)
    {
        const bool isFirst = versions.isEmpty();
        versions.append(other.rowVersion);
        if (!isFirst && other.rowVersion < record.rowVersion + (isReplacing ? 0 : 1))
            return false;
        record = other;
        eventId = event;
        return true;
    }
    /// `before`: the version of the row that was there; null when there was none.
    int applied(const QJsonValue &before) const
    {
        int count = 0;
        std::optional<int> current = before.isNull() ? std::nullopt : std::optional<int>(before.toInt());
        for (const int version : versions) {
            if (!current || *current < version + (isReplacing ? 1 : 0)) {
                current = version;
                ++count;
            }
        }
        return count;
    }
};

/// The dimensions of one fact, by their numbers in the batch; 0 is "unknown".
struct Where {
    int user = 0, device = 0, app = 0, network = 0;
};

struct AttemptRow : Versioned<AttemptRecord> {
    Where where;
    int project = 0, batch = 0;
};

struct HeartbeatRow {
    HeartbeatRecord record;
    qint64 receivedMs = 0;
    Where where;
};

struct ProjectRow {
    ProjectRecord record;
    QUuid eventId;
    QStringList events; ///< in their order
};

struct BatchRow {
    BatchRecord record;
    QUuid eventId;
    QList<std::pair<qint64, qint64>> counts; ///< photos and bytes, -1 for unknown, in their order
};

class StarBatch::Private
{
public:
    int user(const QString &userId);
    Where where(const Surroundings &surroundings, const QString &describedBy);
    int project(const QUuid &id) { return id.isNull() ? 0 : (projectIds.at(id, id), projectIds.numberOf(id)); }
    int batch(const QUuid &id) { return id.isNull() ? 0 : (batchIds.at(id, id), batchIds.numberOf(id)); }
    int upload(const QUuid &id) { return uploads.at(id, id), uploads.numberOf(id); }
    int photoType(const PhotoRecord &photo);
    int location(const QString &location);
    int applied(const QJsonObject &before) const;

    Numbered<QString, QString> users;
    Numbered<QString, Described<DeviceFacts>> devices;
    Numbered<QString, Described<AppVersionFacts>> apps;
    Numbered<QString, Described<NetworkFacts>> networks;
    Numbered<QString, std::pair<QString, QString>> types;
    Numbered<QString, QStringList> locations;
    Numbered<QUuid, QUuid> projectIds;
    Numbered<QUuid, QUuid> batchIds;
    Numbered<QUuid, QUuid> uploads; ///< whose rows children need
    Numbered<QUuid, ProjectRow> projects;
    Numbered<QUuid, BatchRow> batches;
    Numbered<QUuid, AttemptRow> attempts;
    Numbered<std::pair<QUuid, int>, Versioned<StageRecord>> stages;
    Numbered<QString, ErrorRecord> errors;
    Numbered<QUuid, Versioned<PhotoRecord>> photos;
    Numbered<QUuid, HeartbeatRow> heartbeats;
};

} // namespace photolift::store
