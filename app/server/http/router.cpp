#include "app/server/http/router.h"

#include <utility>

namespace photolift::server {

namespace {
bool isCapture(const QByteArray &segment)
{
    return segment.startsWith('{') && segment.endsWith('}');
}

bool matches(const QList<QByteArray> &pattern, const QList<QByteArray> &path, QHash<QByteArray, QByteArray> &captures)
{
    if (pattern.size() != path.size())
        return false;
    captures.clear();
    for (qsizetype i = 0; i < pattern.size(); ++i) {
        if (isCapture(pattern[i])) {
            if (path[i].isEmpty())
                return false;
            captures.insert(pattern[i].sliced(1, pattern[i].size() - 2), path[i]);
        } else if (pattern[i] != path[i]) {
            return false;
        }
    }
    return true;
}
}

Router::Router(QList<Route> routes)
{
    m_lines.reserve(routes.size());
    for (Route &route : routes) {
        const QList<QByteArray> segments = route.pattern.split('/');
        m_lines.append({std::move(route), segments});
    }
}

Router::Match Router::find(QByteArrayView method, const QByteArray &path) const
{
    const QList<QByteArray> segments = path.split('/');
    Match match;
    QHash<QByteArray, QByteArray> captures;
    for (const Line &line : m_lines) {
        if (!matches(line.segments, segments, captures))
            continue;
        if (line.route.method == method) {
            match.route = &line.route;
            match.captures = std::move(captures);
            return match;
        }
        match.allowedMethods.append(line.route.method);
    }
    return match;
}

} // namespace photolift::server
