#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

namespace photolift::faults {

/// A small file that asks for a large amount of something when it is opened, and how it ends.
struct Bomb {
    QByteArray name;
    QByteArray content;
    QString status; ///< in the words of the command line
    QString code;   ///< empty: it is a photo all the same, and arrives
};

/// F50: one of each kind, made when asked for.
QList<Bomb> bombs();

} // namespace photolift::faults
