#pragma once

#include "tests/store/samples.h"

#include <QList>

#include <random>
#include <variant>

/// What a few clients tell in a month, for the tests and measurements of the ways into the star: every kind of row, versions that
/// follow each other, rows without their parents, descriptions that change. The facts follow from the seed, ids do not.
namespace photolift::samples {

struct Told {
    std::variant<ProjectRecord, BatchRecord, AttemptRecord, StageRecord, ErrorRecord, PhotoRecord, HeartbeatRecord> record;
    QUuid eventId;
};

/// Gives one row to whatever has StarWriter's functions.
template <typename Star> auto tell(Star &star, const Told &told, qint64 receivedMs = SomeTimeMs)
{
    return std::visit(
        [&](const auto &record) {
            using Record = std::decay_t<decltype(record)>;
            if constexpr (std::is_same_v<Record, ErrorRecord>)
                return star.write(record);
            else if constexpr (std::is_same_v<Record, HeartbeatRecord>)
                return star.write(record, receivedMs);
            else
                return star.write(record, told.eventId);
        },
        told.record);
}

class Telemetry
{
public:
    explicit Telemetry(unsigned seed)
        : m_random(seed)
    {
    }

    /// The rows of one photo's attempt: 13 to 18, in their order.
    QList<Told> attempt()
    {
        QList<Told> rows;
        const qint64 startedMs = SomeTimeMs + upTo(30) * 86'400'000LL + upTo(86'000'000);
        AttemptRecord attempt = samples::attempt(m_batch, startedMs);
        attempt.surroundings.userId = QStringLiteral("user%1").arg(upTo(3));
        attempt.surroundings.device.deviceId = QStringLiteral("device%1").arg(upTo(4));
        attempt.surroundings.device.osVersion = upTo(2) ? QStringLiteral("13") : QStringLiteral("12");
        attempt.surroundings.device.memoryMb = 1000 * upTo(64);
        attempt.surroundings.app.featureFlags = {{QStringLiteral("some_flag"), upTo(2) == 1}};
        attempt.surroundings.network.signalStrength = upTo(2) ? std::optional(upTo(101)) : std::nullopt;
        if (upTo(2)) { // a program that has just started has measured nothing
            attempt.surroundings.network.typicalBandwidthKbps = upTo(100'000);
            attempt.surroundings.network.typicalLatencyMs = upTo(300);
        }
        attempt.relativePath = QStringLiteral("100CANON/Ärger \"%1\" \\ IMG.JPG").arg(upTo(10'000));
        attempt.metadata = {{QStringLiteral("queued_ms"), upTo(5000)}, {QStringLiteral("sha256"), QString(64, QLatin1Char('a'))}};
        rows.append({attempt, newUuid7()});
        for (int i = 0; i < ClientStageCount; ++i) {
            StageRecord stage = samples::stage(attempt, AllStages[static_cast<std::size_t>(i)]);
            rows.append({stage, newUuid7()});
            stage = samples::ended(stage, upTo(9) > 0);
            stage.metadata = {{QStringLiteral("requests"), upTo(9)}, {QStringLiteral("bytes_sent"), upTo(5'000'000)}};
            rows.append({stage, newUuid7()});
            if (!*stage.isSuccessful) {
                const ErrorRecord error = samples::error(attempt, stage.stage, ErrorCode::TransferTimeout);
                rows.append({error, error.errorUid});
            }
        }
        PhotoRecord photo = samples::photo(attempt);
        photo.createdMs = startedMs - 86'400'000;
        photo.width = 1000 + upTo(5000);
        if (upTo(5) == 0)
            photo.typeName = QStringLiteral("RAW");
        rows.append({photo, newUuid7()});
        if (upTo(10) == 0) {
            const ErrorRecord error = samples::error(attempt, std::nullopt, ErrorCode::ApiUnavailable);
            rows.append({error, error.errorUid});
        }
        attempt.status = upTo(8) ? Status::Succeeded : Status::Failed;
        attempt.endedMs = startedMs + 1000 + upTo(60'000);
        attempt.totalDurationMs = *attempt.endedMs - startedMs;
        attempt.rowVersion = 2;
        rows.append({attempt, newUuid7()});
        return rows;
    }

    /// A drop as it is told before and after its walk, under a project that gets a new name.
    QList<Told> batch()
    {
        ProjectRecord project = samples::project();
        project.name = QStringLiteral("Photos %1").arg(++m_projects); // a person has each name once
        QList<Told> rows{{project, newUuid7(++m_toldMs)}};
        m_batch = samples::batch(project);
        rows.append({m_batch, newUuid7(++m_toldMs)});
        m_batch.numPhotos = 1 + upTo(50);
        rows.append({m_batch, newUuid7(++m_toldMs)});
        m_batch.totalBytes = 5'000'000 * *m_batch.numPhotos;
        rows.append({m_batch, newUuid7(++m_toldMs)});
        project.name = QStringLiteral("Wedding %1").arg(m_projects);
        rows.append({project, newUuid7(++m_toldMs)});
        return rows;
    }

    Told heartbeat()
    {
        HeartbeatRecord heartbeat;
        heartbeat.capturedMs = SomeTimeMs + upTo(86'000'000);
        heartbeat.heartbeatId = newUuid7(heartbeat.capturedMs);
        heartbeat.surroundings = surroundings();
        heartbeat.surroundings.device.memoryMb = 1000 * upTo(64);
        heartbeat.metrics = {{QStringLiteral("outbox_depth"), upTo(100)}};
        return {heartbeat, heartbeat.heartbeatId};
    }

    /// All of it, in the order it happens; about 15 rows an attempt.
    QList<Told> rows(int attempts)
    {
        QList<Told> all;
        for (int i = 0; i < attempts; ++i) {
            if (i % 20 == 0)
                all += batch();
            all += attempt();
            if (i % 10 == 0)
                all.append(heartbeat());
        }
        return all;
    }

    /// One attempt with one of its stages: 6 to 8 rows, in their order.
    QList<Told> shortAttempt()
    {
        if (m_batch.batchId.isNull())
            (void)batch();
        QList<Told> rows = attempt();
        rows.removeIf([](const Told &told) {
            const auto *stage = std::get_if<StageRecord>(&told.record);
            const auto *error = std::get_if<ErrorRecord>(&told.record);
            return (stage && stage->stage != Stage::Transfer) || (error && error->stage && error->stage != Stage::Transfer);
        });
        return rows;
    }

    std::mt19937 &random() { return m_random; }

private:
    int upTo(int end) { return static_cast<int>(m_random() % static_cast<unsigned>(end)); }

    std::mt19937 m_random;
    BatchRecord m_batch;
    int m_projects = 0;
    qint64 m_toldMs = SomeTimeMs; ///< events of projects and batches are told apart by their time alone
};

} // namespace photolift::samples
