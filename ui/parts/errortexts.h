#pragma once

#include "models/vocabulary/errorcode.h"

#include <QString>

namespace photolift::ui {

/// What happened, in the person's language; the one source is resources/errors.csv.
QString errorTitle(ErrorCode code);
/// What to do, in the person's language; empty when there is nothing to do.
QString errorAdvice(ErrorCode code);
/// Both in one line for a table: "reason – action".
QString errorLine(ErrorCode code);

/// The stages in people's words.
QString stageWord(Stage stage);

} // namespace photolift::ui
