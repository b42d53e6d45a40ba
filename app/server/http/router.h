#pragma once

#include "app/server/http/exchange.h"

#include <QByteArray>
#include <QList>

namespace photolift::server {

/// Finds the route of a request. Patterns are matched segment by segment; {name} takes one whole, non-empty segment.
/// Unchanging after construction, so any thread may ask.
class Router
{
public:
    explicit Router(QList<Route> routes);

    struct Match {
        const Route *route = nullptr; ///< null: no such path, or not with this method
        QHash<QByteArray, QByteArray> captures;
        QList<QByteArray> allowedMethods; ///< of the path, when only the method is wrong
    };
    Match find(QByteArrayView method, const QByteArray &path) const;

private:
    struct Line {
        Route route;
        QList<QByteArray> segments;
    };
    QList<Line> m_lines;
};

} // namespace photolift::server
