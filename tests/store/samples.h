#pragma once

#include "models/vocabulary/ids.h"
#include "models/vocabulary/records.h"

/// Records as one real upload makes them, for the tests of the store.
namespace photolift::samples {

inline constexpr qint64 SomeTimeMs = 1795000000000; // 2026-11-18

inline Surroundings surroundings()
{
    Surroundings s;
    s.userId = QStringLiteral("local");
    s.device.deviceId = QStringLiteral("d0d0");
    s.device.type = QStringLiteral("laptop");
    s.device.osName = QStringLiteral("debian");
    s.device.osVersion = QStringLiteral("12");
    s.device.memoryMb = 16000;
    s.app.version = QStringLiteral("0.1.0");
    s.app.platform = QStringLiteral("linux-x86_64");
    s.network.connectionType = QStringLiteral("wifi");
    s.network.signalStrength = 73;
    return s;
}

inline ProjectRecord project()
{
    ProjectRecord p;
    p.projectId = newUuid7(SomeTimeMs - 5000);
    return p;
}

inline BatchRecord batch(const ProjectRecord &project)
{
    BatchRecord b;
    b.batchId = newUuid7(SomeTimeMs - 4000);
    b.name = QStringLiteral("100CANON");
    b.projectId = project.projectId;
    b.createdMs = SomeTimeMs - 4000;
    return b;
}

inline AttemptRecord attempt(const BatchRecord &batch, qint64 startedMs = SomeTimeMs)
{
    AttemptRecord a;
    a.clientUploadId = newUuid7(startedMs);
    a.itemId = newUuid7(startedMs - 1000);
    a.projectId = batch.projectId;
    a.batchId = batch.batchId;
    a.relativePath = QStringLiteral("100CANON/IMG_0001.JPG");
    a.surroundings = surroundings();
    a.startedMs = startedMs;
    a.fileSize = 5'000'000;
    return a;
}

inline StageRecord stage(const AttemptRecord &attempt, Stage name, int rowVersion = 1)
{
    StageRecord s;
    s.clientUploadId = attempt.clientUploadId;
    s.stage = name;
    s.startedMs = attempt.startedMs + 100 * static_cast<int>(name);
    s.rowVersion = rowVersion;
    return s;
}

inline StageRecord ended(StageRecord stage, bool isSuccessful = true)
{
    stage.endedMs = stage.startedMs + 90;
    stage.durationMs = 90;
    stage.isSuccessful = isSuccessful;
    ++stage.rowVersion;
    return stage;
}

inline ErrorRecord error(const AttemptRecord &attempt, std::optional<Stage> stage, ErrorCode code)
{
    ErrorRecord e;
    e.errorUid = newUuid7(attempt.startedMs + 300);
    e.clientUploadId = attempt.clientUploadId;
    e.stage = stage;
    e.code = code;
    e.happenedMs = attempt.startedMs + 300;
    return e;
}

inline PhotoRecord photo(const AttemptRecord &attempt)
{
    PhotoRecord p;
    p.clientUploadId = attempt.clientUploadId;
    p.photoId = attempt.itemId;
    p.typeName = QStringLiteral("JPEG");
    p.fileExtension = QStringLiteral("jpg");
    p.mimeType = QStringLiteral("image/jpeg");
    p.fileSize = attempt.fileSize;
    p.extracted = {{QStringLiteral("make"), QStringLiteral("Canon")}};
    return p;
}

} // namespace photolift::samples
