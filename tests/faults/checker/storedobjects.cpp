#include "tests/faults/checker/storedobjects.h"

#include "tests/faults/checker/filehash.h"

#include <QFile>

using namespace Qt::StringLiterals;

namespace photolift::check {

StoredObjects::StoredObjects(QString serverFolder)
    : m_root(std::move(serverFolder))
{
}

QString StoredObjects::pathOf(const QString &sha256, qint64 size) const
{
    return u"%1/objects/%2/%3/%4-%5"_s.arg(m_root, sha256.left(2), sha256.mid(2, 2), sha256, QString::number(size));
}

QString StoredObjects::fault(const QString &sha256, qint64 size)
{
    const QString path = pathOf(sha256, size);
    if (const auto known = m_faults.constFind(path); known != m_faults.cend())
        return *known;
    QString fault;
    const auto hash = hashFile(QFile::encodeName(path));
    if (!hash)
        fault = u"no object %1-%2"_s.arg(sha256, QString::number(size));
    else if (hash->size != size || QString::fromLatin1(hash->sha256) != sha256)
        fault = u"object %1-%2 holds other bytes"_s.arg(sha256, QString::number(size));
    m_faults.insert(path, fault);
    return fault;
}

} // namespace photolift::check
