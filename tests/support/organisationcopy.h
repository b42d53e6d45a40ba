#pragma once

#include <QString>

namespace photolift::support {

class OrganisationRun;

/// Copies everything an organisation's server holds into `folder`, in the shape of an embedded server's: each table of PostgreSQL into
/// server.sqlite, each object of the store into a file of the same name. So one checker of the invariants serves both. `user`: whose client
/// it is compared with. Empty, or what went wrong.
QString copyOrganisation(OrganisationRun &organisation, const QString &folder, const QString &user);

} // namespace photolift::support
