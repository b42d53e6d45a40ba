#include "models/vocabulary/role.h"

#include "models/vocabulary/nametable.h"

using namespace Qt::StringLiterals;

namespace photolift {

namespace {
constexpr std::array<NamedValue<Role>, 5> Names{{{Role::Photographer, "photographer"_L1},
                                                 {Role::Coordinator, "coordinator"_L1},
                                                 {Role::Support, "support"_L1},
                                                 {Role::Analyst, "analyst"_L1},
                                                 {Role::Admin, "admin"_L1}}};
}

const std::array<Role, 5> &allRoles()
{
    static constexpr std::array<Role, 5> Roles{Role::Photographer, Role::Coordinator, Role::Support, Role::Analyst, Role::Admin};
    return Roles;
}

QLatin1StringView roleName(Role role)
{
    return nameOf(Names, role);
}

std::optional<Role> roleFromName(QStringView name)
{
    return valueNamed(Names, name);
}

} // namespace photolift
