#pragma once

#include <QByteArray>
#include <QHash>
#include <QList>

namespace photolift::pipeline {

/// What each of several dropped roots (absolute paths) is called in relative paths: its own name, and before it as many folders above as tell
/// it from others of that name. So card1/DCIM and card2/DCIM stay two, and each can be restored.
QHash<QByteArray, QByteArray> rootNames(const QList<QByteArray> &roots);

/// The last component of a path; "/" has none.
QByteArray lastComponent(const QByteArray &path);

} // namespace photolift::pipeline
