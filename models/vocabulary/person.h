#pragma once

#include "models/vocabulary/role.h"

#include <QString>

namespace photolift {

/// Somebody as the server of their organisation knows them.
struct Person {
    QString name; ///< from the server: plain text
    Role role = Role::Photographer;
    bool operator==(const Person &) const = default;
};

} // namespace photolift
