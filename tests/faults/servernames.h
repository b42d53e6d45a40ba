#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

namespace photolift::faults {

/// Files below a server's data folder whose names are none that a server makes by itself: where a photo's name became a path.
QList<QByteArray> namesWeDidNotMake(const QString &serverFolder);

} // namespace photolift::faults
