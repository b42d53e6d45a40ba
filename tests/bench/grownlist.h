#pragma once

#include <QString>

namespace photolift::bench {

/// Makes the client's database in this file, with its real schema, as years leave it behind: so many attempts in drops of 4,000
/// photos that have all ended and are all still listed, the newest tenth with its stages, and a paused queue of a tenth as many photos.
void makeGrownList(const QString &databasePath, int attempts);

} // namespace photolift::bench
