#include "models/pipeline/recordasked.h"

#include "models/store/recorder.h"
#include "models/vocabulary/errorcode.h"
#include "models/vocabulary/whendone.h"

#include <QLoggingCategory>

namespace photolift::pipeline {

namespace {
Q_LOGGING_CATEGORY(lcAsked, "photolift.pipeline")
}

void recordAsked(store::Recorder &recorder, const store::Changes &changes, QObject *context, const char *what,
                 std::function<void(bool isOnDisk)> then)
{
    whenDone(recorder.recordDurably(changes), context, [what, then = std::move(then)](const Result<> &recorded) {
        if (!recorded)
            qCWarning(lcAsked).noquote() << "not recorded and taken back:" << what << errorName(recorded.error().code) << recorded.error().detail;
        then(bool(recorded));
    });
}

} // namespace photolift::pipeline
