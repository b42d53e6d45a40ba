#pragma once

#include "models/vocabulary/result.h"

#include <QString>

/// What becomes of a database file that is no sound database any more (SQLITE_CORRUPT, SQLITE_NOTADB): it is noticed, examined at the
/// next start and set aside under a name with the date. Never deleted, never written again. A locked file is not a damaged one.
namespace photolift::store {

/// Leaves a note beside the database that SQLite found it damaged while it was in use: FILE.suspect. For the next start.
void noteDamage(const QString &path);
/// SQLite said so since the last start.
bool isDamageNoted(const QString &path);

/// True when the file has to be set aside. Reads all of it when there is a note, or when it is small enough for that to be quick
/// (64 MiB); otherwise only as much as opening it takes. A file that is missing or empty is no damaged one. An error when nobody can
/// tell now: LOCAL_LIST_BUSY, LOCAL_DISK_.... Nobody else may write the file meanwhile.
Result<bool> isDamaged(const QString &path);

/// Renames the file with its journals to FILE.damaged-2026-11-21T09-20-11Z and drops the note; the new name. Nobody may have it open.
Result<QString> setAside(const QString &path, qint64 nowMs);

} // namespace photolift::store
