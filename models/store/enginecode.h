#pragma once

#include "models/vocabulary/result.h"

#include <QJsonObject>

namespace photolift::store {

/// Where the error came from an engine: what that called it, for the context of an error row (`sqlstate`, `sqlite`). Nothing else of its
/// detail is taken over.
void noteEngineCode(QJsonObject &context, const Error &error);

} // namespace photolift::store
