#pragma once

#include "models/vocabulary/role.h"

#include <QString>

namespace photolift::ui {

/// A role in the person's language, for lists and in parentheses.
QString roleText(Role role);

} // namespace photolift::ui
