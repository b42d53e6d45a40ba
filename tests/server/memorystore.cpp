#include "tests/server/memorystore.h"

#include "models/photo/hasher.h"
#include "models/vocabulary/ids.h"

#include <sys/mman.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::test {

namespace {

QString keyOf(const QString &sha256, qint64 size)
{
    return sha256 + u'-' + QString::number(size);
}

int descriptorOf(const QByteArray &bytes)
{
    const int descriptor = ::memfd_create("object", MFD_CLOEXEC);
    if (::write(descriptor, bytes.constData(), static_cast<std::size_t>(bytes.size())) != bytes.size())
        qFatal("no memory for an object");
    ::lseek(descriptor, 0, SEEK_SET);
    return descriptor;
}

} // namespace

QString sha256Of(const QByteArray &bytes)
{
    photo::Sha256 hash;
    hash.add(bytes);
    return QString::fromLatin1(hash.result().toHex());
}

bool MemoryStore::put(const QUuid &uploadId, int number, const QByteArray &bytes)
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_incoming.find(uploadId);
    if (found == m_incoming.end())
        return false;
    found->parts.insert(number, bytes);
    return true;
}

QByteArray MemoryStore::object(const QString &sha256, qint64 size)
{
    const std::scoped_lock lock(m_mutex);
    return m_objects.value(keyOf(sha256, size));
}

void MemoryStore::keepObject(const QByteArray &bytes)
{
    const std::scoped_lock lock(m_mutex);
    m_objects.insert(keyOf(sha256Of(bytes), bytes.size()), bytes);
}

void MemoryStore::loseObject(const QString &sha256, qint64 size)
{
    const std::scoped_lock lock(m_mutex);
    m_objects.remove(keyOf(sha256, size));
}

void MemoryStore::rotObject(const QString &sha256, qint64 size)
{
    const std::scoped_lock lock(m_mutex);
    QByteArray &bytes = m_objects[keyOf(sha256, size)];
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
}

QList<QUuid> MemoryStore::incoming()
{
    const std::scoped_lock lock(m_mutex);
    return m_incoming.keys();
}

int MemoryStore::objectCount()
{
    const std::scoped_lock lock(m_mutex);
    return static_cast<int>(m_objects.size());
}

int MemoryStore::pictureCount()
{
    const std::scoped_lock lock(m_mutex);
    return static_cast<int>(m_derived.size());
}

Result<QByteArray> MemoryStore::begin(const QUuid &uploadId, qint64 size, qint64)
{
    const std::scoped_lock lock(m_mutex);
    // As a folder does it: the place takes its room when it is made, and a repeat takes none.
    if (!m_incoming.contains(uploadId)) {
        if (m_freeBytes < size)
            return Error{ErrorCode::StorageNoSpace, u"%1 bytes free"_s.arg(m_freeBytes)};
        m_freeBytes -= size;
    }
    m_incoming[uploadId].size = size;
    m_incoming[uploadId].begunMs = nowMs();
    ++m_begun;
    return m_isNaming ? "name of " + idText(uploadId).toLatin1() : QByteArray();
}

void MemoryStore::know(const QUuid &uploadId, qint64, qint64, const QByteArray &name)
{
    const std::scoped_lock lock(m_mutex);
    if (m_isNaming && name == "name of " + idText(uploadId).toLatin1())
        m_known.append(name);
}

QList<QByteArray> MemoryStore::known() const
{
    const std::scoped_lock lock(m_mutex);
    return m_known;
}

Result<QList<wire::PartLink>> MemoryStore::links(const QUuid &uploadId, const QList<wire::PartOrder> &parts, const QByteArray &origin)
{
    QList<wire::PartLink> links;
    for (const wire::PartOrder &part : parts) {
        const QUrl url(QString::fromLatin1(origin) + u"/incoming/"_s + idText(uploadId) + u'/' + QString::number(part.number));
        links.append({part.number, url, {{"x-amz-checksum-sha256", part.checksum.toLatin1()}}, nowMs() + wire::LinkSeconds * 1000});
    }
    return links;
}

Result<QList<server::StoredPart>> MemoryStore::parts(const QUuid &uploadId)
{
    ++m_askedForParts;
    const std::scoped_lock lock(m_mutex);
    QList<server::StoredPart> parts;
    const auto found = m_incoming.constFind(uploadId);
    if (found == m_incoming.constEnd())
        return Error{ErrorCode::TransferUploadGone, idText(uploadId)};
    for (auto it = found->parts.begin(); it != found->parts.end(); ++it)
        parts.append({it.key(), it->size(), sha256Of(*it)});
    return parts;
}

Result<> MemoryStore::assemble(const QUuid &uploadId, const QList<server::StoredPart> &expected)
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_incoming.find(uploadId);
    if (found == m_incoming.end())
        return Error{ErrorCode::ReceptionPartsMissing, u"no such upload"_s};
    if (found->assembled)
        return {};
    for (const server::StoredPart &part : expected) {
        const auto held = found->parts.constFind(part.number);
        if (held == found->parts.constEnd() || part.size != held->size() || part.checksum != sha256Of(*held))
            return Error{ErrorCode::ReceptionPartsMissing, u"part %1"_s.arg(part.number)};
    }
    QByteArray whole;
    for (const QByteArray &part : std::as_const(found->parts))
        whole.append(part);
    if (whole.size() != found->size)
        return Error{ErrorCode::ReceptionPartsMissing, u"%1 of %2 bytes"_s.arg(whole.size()).arg(found->size)};
    if (m_isFlipping)
        whole[whole.size() / 2] = static_cast<char>(whole[whole.size() / 2] ^ 1);
    found->assembled = whole;
    return {};
}

Result<server::ObjectStore::Reread> MemoryStore::reread(const QUuid &uploadId, const std::atomic<bool> &)
{
    const std::scoped_lock lock(m_mutex);
    const QByteArray bytes = m_incoming.value(uploadId).assembled.value_or(QByteArray());
    return Reread{sha256Of(bytes), bytes.size()};
}

Result<qint64> MemoryStore::assembledSize(const QUuid &uploadId)
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_incoming.constFind(uploadId);
    if (found == m_incoming.constEnd() || !found->assembled)
        return Error{ErrorCode::TransferUploadGone, u"not assembled"_s};
    return found->assembled->size();
}

Result<int> MemoryStore::openAssembled(const QUuid &uploadId)
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_incoming.constFind(uploadId);
    if (found == m_incoming.constEnd() || !found->assembled)
        return Error{ErrorCode::TransferUploadGone, u"not assembled"_s};
    return descriptorOf(*found->assembled);
}

Result<int> MemoryStore::openObject(const QString &sha256, qint64 size)
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_objects.constFind(keyOf(sha256, size));
    if (found == m_objects.constEnd())
        return Error{ErrorCode::StorageCopyDamaged, u"no such object"_s};
    return descriptorOf(*found);
}

Result<> MemoryStore::promote(const QUuid &uploadId, const QString &sha256, qint64 size)
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_incoming.find(uploadId);
    const QString key = keyOf(sha256, size);
    if (found == m_incoming.end())
        return m_objects.contains(key) ? Result<>() : Result<>(Error{ErrorCode::StorageNotReady, u"nothing to promote"_s});
    if (!m_objects.contains(key) || sha256Of(m_objects.value(key)) != sha256)
        m_objects.insert(key, found->assembled.value_or(QByteArray()));
    m_incoming.erase(found);
    return {};
}

Result<wire::PartLink> MemoryStore::downloadLink(const QString &sha256, qint64 size, const QByteArray &origin)
{
    wire::PartLink link;
    link.url = QUrl(QString::fromLatin1(origin) + QStringLiteral("/memory/%1-%2").arg(sha256).arg(size));
    link.expiresMs = 5;
    return link;
}

Result<bool> MemoryStore::hasObject(const QString &sha256, qint64 size)
{
    ++m_asked;
    if (m_isBroken)
        return Error{ErrorCode::StorageNotReady, {}};
    const std::scoped_lock lock(m_mutex);
    return m_objects.contains(keyOf(sha256, size));
}

Result<bool> MemoryStore::holdsObject(const QString &sha256, qint64 size, const std::atomic<bool> &)
{
    if (m_beforeReading)
        m_beforeReading(sha256);
    if (m_isBroken || m_locked.contains(sha256))
        return Error{ErrorCode::StorageNotReady, {}};
    const std::scoped_lock lock(m_mutex);
    const auto found = m_objects.constFind(keyOf(sha256, size));
    return found != m_objects.constEnd() && found->size() == size && sha256Of(*found) == sha256;
}

Result<> MemoryStore::putDerived(const QString &sha256, qint64 size, QLatin1StringView what, QByteArrayView bytes)
{
    const std::scoped_lock lock(m_mutex);
    m_derived.insert(keyOf(sha256, size) + u'/' + what, bytes.toByteArray());
    if (m_isLosing.exchange(false)) {
        for (Incoming &incoming : m_incoming)
            incoming.assembled.reset();
    }
    return {};
}

Result<QByteArray> MemoryStore::derived(const QString &sha256, qint64 size, QLatin1StringView what)
{
    const std::scoped_lock lock(m_mutex);
    return m_derived.value(keyOf(sha256, size) + u'/' + what);
}

Result<> MemoryStore::removeObject(const QString &sha256, qint64 size)
{
    if (m_beforeRemoval)
        m_beforeRemoval();
    if (m_isBroken || m_locked.contains(sha256))
        return Error{ErrorCode::StorageNotReady, {}};
    const std::scoped_lock lock(m_mutex);
    const QString key = keyOf(sha256, size);
    m_objects.remove(key);
    m_derived.removeIf([&key](const auto &entry) { return entry.key().startsWith(key + u'/'); });
    return {};
}

Result<> MemoryStore::discard(const QUuid &uploadId)
{
    const std::scoped_lock lock(m_mutex);
    m_incoming.remove(uploadId);
    return {};
}

Result<QList<QUuid>> MemoryStore::stale(qint64 olderThanMs)
{
    const std::scoped_lock lock(m_mutex);
    if (!m_isNaming)
        return m_incoming.keys();
    // What is begun before the decision has no row yet: its age is what keeps the sweep away.
    QList<QUuid> old;
    for (auto it = m_incoming.constBegin(); it != m_incoming.constEnd(); ++it) {
        if (it->begunMs < nowMs() - olderThanMs)
            old.append(it.key());
    }
    return old;
}

} // namespace photolift::test
