#pragma once

#include "models/vocabulary/result.h"
#include "tests/faults/checker/verdict.h"

#include <QJsonObject>
#include <QList>
#include <QStringList>

#include <optional>

namespace photolift::check {

/// What is checked; clients and server are data folders.
struct Order {
    QStringList clientFolders;
    QString serverFolder;          ///< the one that holds objects/; empty: server/ below the first client, as the embedded one has it
    QStringList snapshotFiles;     ///< of the source folders, from before
    QStringList searchFolders;     ///< further places for I9: crash dumps, a home folder, captured output
    QList<QByteArray> secrets;     ///< to look for in I9
    QJsonObject figures;           ///< for I6 and I8
    qint64 nowMs = 0;
};

/// The nine verdicts, I1 to I9; an error when a folder holds no database of ours.
Result<QList<Verdict>> checkAll(const Order &order);

} // namespace photolift::check
