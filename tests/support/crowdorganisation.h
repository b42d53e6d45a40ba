#pragma once

#include "tests/support/organisationrun.h"

#include <QByteArrayList>

namespace photolift::support
{

/// People of an organisation by the hundred, as `user add` and `token create` would make them one by one: `devices`
/// device tokens, five of each person. Empty, with the reason in `failure`, when that did not work.
QByteArrayList addDevices(OrganisationRun &organisation, int devices, QString &failure);

} // namespace photolift::support
