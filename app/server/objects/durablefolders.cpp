#include "app/server/objects/durablefolders.h"

#include "app/server/objects/durable.h"

#include <QList>

#include <cerrno>
#include <sys/stat.h>
#include <unistd.h>

namespace photolift::server {

using namespace Qt::StringLiterals;

Result<> DurableFolders::make(const QByteArray &relative)
{
    const std::scoped_lock lock(m_mutex);
    if (m_durable.contains(relative)) {
        if (::access(QByteArray(m_root + '/' + relative).constData(), F_OK) == 0)
            return {};
        m_durable.clear(); // somebody has removed it underneath, and perhaps others
    }
    QByteArray path = m_root;
    QByteArray name;
    for (const QByteArray &step : relative.split('/')) {
        const QByteArray parent = path;
        path += '/' + step;
        name += (name.isEmpty() ? "" : "/") + step;
        if (m_durable.contains(name))
            continue;
        if (::mkdir(path.constData(), 0700) != 0 && errno != EEXIST)
            return durable::storeError(errno, "mkdir"_L1);
        if (Result<> synced = durable::syncFolder(parent); !synced)
            return synced;
        m_durable.insert(name);
    }
    return {};
}

} // namespace photolift::server
