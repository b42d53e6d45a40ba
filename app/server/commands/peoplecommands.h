#pragma once

#include "app/server/commands/command.h"
#include "app/server/work/databasethreads.h"

namespace photolift::server {

/// Accounts, people and device tokens; each change, and each look at them, with its audit row, in the transaction at hand. `output` gets what the command prints.
Result<> addAccount(Writing &writing, const Command &command);
Result<> closeAccount(Writing &writing, const Command &command); ///< or opens it again, as the command says
Result<> setQuota(Writing &writing, const Command &command);
Result<> listAccounts(Writing &writing, const Command &command, QByteArray &output);
Result<> addUser(Writing &writing, const Command &command);
Result<> changeRole(Writing &writing, const Command &command);
Result<> closeUser(Writing &writing, const Command &command); ///< likewise
/// With --dry-run it says what would go, and changes nothing.
Result<> eraseUser(Writing &writing, const Command &command, QByteArray &output);
Result<> undoErasure(Writing &writing, const Command &command);
Result<> createToken(Writing &writing, const Command &command, QByteArray &output);
Result<> listTokens(Writing &writing, const Command &command, QByteArray &output);
Result<> revokeToken(Writing &writing, const Command &command);

} // namespace photolift::server
