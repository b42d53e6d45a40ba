#pragma once

#include "app/server/commands/command.h"
#include "app/server/work/databasethreads.h"

namespace photolift::server {

/// Device groups and who belongs to them; each change with its audit row, in the transaction at hand. `output` gets what the command prints.
Result<> addGroup(Writing &writing, const Command &command);
Result<> listGroups(Writing &writing, const Command &command, QByteArray &output); ///< those in use, or the retired ones
Result<> setGroup(Writing &writing, const Command &command);
Result<> retireGroup(Writing &writing, const Command &command); ///< ends all memberships; or restores it, as the command says
Result<> addGroupMember(Writing &writing, const Command &command);
Result<> removeGroupMember(Writing &writing, const Command &command);

} // namespace photolift::server
