#pragma once

#include "models/store/changes.h"

#include <QHash>
#include <QString>

namespace photolift::store {

/// What a damaged list still says, row by row, as far as it goes.
struct Salvage {
    struct Drop {
        BatchAccepted accepted;
        qint64 priority = 0;
        bool isPaused = false;
        bool isCounted = false;
        bool isCleared = false;
        bool hasOpen = false;   ///< photos that wait, are under way or need somebody; true also when nobody can tell
        bool hasArrived = false; ///< photos that came to a good end
        QList<Item> leftAlone;  ///< cancelled or dismissed by a person: never to be sent unasked
    };
    struct Untold {
        QString eventId;
        QString rowKey;
        QString json;
    };
    QList<Drop> drops; ///< oldest first
    QHash<QString, QString> settings;
    QList<Untold> untold; ///< of the outbox
};

/// Reads the file as it is and changes nothing in it. A damaged header is replaced in a copy, `scratch`, which is removed again.
Salvage salvage(const QString &damagedPath, const QString &scratch);

} // namespace photolift::store
