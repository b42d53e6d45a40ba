#include "ui/parts/roletext.h"

#include <QCoreApplication>

namespace photolift::ui {

QString roleText(Role role)
{
    switch (role) {
    case Role::Photographer:
        return QCoreApplication::translate("Roles", "photographer");
    case Role::Coordinator:
        return QCoreApplication::translate("Roles", "coordinator");
    case Role::Support:
        return QCoreApplication::translate("Roles", "support");
    case Role::Analyst:
        return QCoreApplication::translate("Roles", "analyst");
    case Role::Admin:
        return QCoreApplication::translate("Roles", "administrator");
    }
    return {};
}

} // namespace photolift::ui
