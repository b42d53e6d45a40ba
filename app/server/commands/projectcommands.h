#pragma once

#include "app/server/commands/command.h"
#include "app/server/work/databasethreads.h"

namespace photolift::server {

/// The projects of an account, and what else of the catalogue is retired and restored; each change with its audit row, in the transaction at hand. `output` gets what the command prints.
Result<> listProjects(Writing &writing, const Command &command, QByteArray &output);
Result<> setProject(Writing &writing, const Command &command); ///< its state, how long it keeps its photos, or both
Result<> retireProject(Writing &writing, const Command &command); ///< or restores it, as the command says; the others likewise
Result<> retireAppVersion(Writing &writing, const Command &command);
Result<> retirePhotoType(Writing &writing, const Command &command);
Result<> retireLocation(Writing &writing, const Command &command);
Result<> listPurges(Writing &writing, const Command &command, QByteArray &output);
/// How long a purge can be taken back, a line for below listPurges().
QByteArray saidOfUndo();
/// What a purge does not reach, a line for below listPurges(); nullopt: nobody has stated how long backups are kept.
QByteArray saidOfBackups(std::optional<int> keptDays);
Result<> undoPurge(Writing &writing, const Command &command, QByteArray &output);

} // namespace photolift::server
