#pragma once

#include <QLatin1StringView>
#include <QStringView>

#include <array>
#include <optional>

namespace photolift {

/// What a person may do: one role in one account (SCHEMA.md).
enum class Role : int {
    Photographer, ///< brings photos
    Coordinator,  ///< sees what a project has and lacks, and says how it stands
    Support,      ///< looks at failures
    Analyst,      ///< reads charts
    Admin,        ///< runs the server
};

const std::array<Role, 5> &allRoles();
QLatin1StringView roleName(Role role);
std::optional<Role> roleFromName(QStringView name);

/// Some roles; empty: nobody.
class RoleSet
{
public:
    constexpr RoleSet() = default;
    template <typename... Roles> static constexpr RoleSet of(Roles... roles)
    {
        RoleSet set;
        ((set.m_bits |= 1u << static_cast<unsigned>(roles)), ...);
        return set;
    }
    constexpr bool contains(Role role) const { return ((m_bits >> static_cast<unsigned>(role)) & 1u) != 0; }

private:
    unsigned m_bits = 0;
};

} // namespace photolift
