#include "app/server/work/uploadstory.h"

#include "models/vocabulary/stagelog.h"

#include <algorithm>

namespace photolift::server {

void logStages(const QLoggingCategory &category, const Upload &upload, std::initializer_list<Stage> stages)
{
    for (const StageRecord &record : upload.told.stages) {
        if (std::find(stages.begin(), stages.end(), record.stage) != stages.end())
            logStage(category, record);
    }
    if (upload.state == UploadState::Ended)
        logEnd(category, upload.attempt);
}

bool isRecordedLast(const Upload &upload, Stage stage, ErrorCode code)
{
    return !upload.told.errors.isEmpty() && upload.told.errors.last().code == code && upload.told.errors.last().stage == stage;
}

} // namespace photolift::server
