#pragma once

#include "models/vocabulary/errorcode.h"

#include <QString>

namespace photolift::ui {

/// What happened, in the person's language; the one source is resources/errors.csv.
/// isThisComputer: the server is the one built in, and its disk is a disk of this person.
QString errorTitle(ErrorCode code, bool isThisComputer = false);
/// What to do, in the person's language; empty when there is nothing to do.
QString errorAdvice(ErrorCode code, bool isThisComputer = false);
/// Both in one line for a table: "reason – action".
QString errorLine(ErrorCode code, bool isThisComputer = false);

/// The stages in people's words.
QString stageWord(Stage stage);

} // namespace photolift::ui
