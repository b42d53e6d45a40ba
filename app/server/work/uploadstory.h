#pragma once

#include "app/server/work/uploadtable.h"

#include <initializer_list>

class QLoggingCategory;

namespace photolift::server {

/// One line for each of these stages that the upload has entered, as it is on record now; one more when its attempt has ended.
void logStages(const QLoggingCategory &category, const Upload &upload, std::initializer_list<Stage> stages);

/// Whether the last error on record says the same already: what is tried again and again is told of once.
bool isRecordedLast(const Upload &upload, Stage stage, ErrorCode code);

} // namespace photolift::server
