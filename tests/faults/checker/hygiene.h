#pragma once

#include "tests/faults/checker/rows.h"
#include "tests/faults/checker/verdict.h"

namespace photolift::check {

/// I7: nothing lies in incoming/ for more than 24 hours, nor in the server's books as open.
Verdict noOrphans(const QString &serverFolder, Rows &server, qint64 nowMs);

/// I9: no file below these folders holds a link's signature, a bearer token or one of the given secrets; photos and pictures made
/// from them are left out (objects/, incoming/, derived/), and so is the token file itself, which has to be 0600.
Verdict noSecrets(const QStringList &folders, const QList<QByteArray> &secrets);

} // namespace photolift::check
