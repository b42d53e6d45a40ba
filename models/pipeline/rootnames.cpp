#include "models/pipeline/rootnames.h"

#include <QSet>

namespace photolift::pipeline {

namespace {

/// The last `count` components, or all there are.
QByteArray lastComponents(QByteArray path, int count)
{
    while (path.size() > 1 && path.endsWith('/'))
        path.chop(1);
    qsizetype slash = path.size();
    while (count-- > 0 && slash > 0)
        slash = path.lastIndexOf('/', slash - 1);
    return path.mid(slash + 1);
}

} // namespace

QHash<QByteArray, QByteArray> rootNames(const QList<QByteArray> &roots)
{
    QHash<QByteArray, QByteArray> names;
    QSet<QByteArray> alike(roots.begin(), roots.end());
    for (int components = 1; !alike.isEmpty(); ++components) {
        QHash<QByteArray, int> times;
        for (const QByteArray &root : std::as_const(alike)) {
            names[root] = lastComponents(root, components);
            ++times[names.value(root)];
        }
        // One that has no more folders above it differs by that from those that have.
        alike.removeIf([&](const QByteArray &root) { return times.value(names.value(root)) == 1 || components > root.count('/'); });
    }
    return names;
}

QByteArray lastComponent(const QByteArray &path)
{
    return lastComponents(path, 1);
}

} // namespace photolift::pipeline
