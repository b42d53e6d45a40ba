#include "models/decode/bytesource.h"

#include <QtEndian>

#include <cerrno>
#include <unistd.h>

namespace photolift::decode {

namespace {

qsizetype readAt(int descriptor, char *to, qsizetype count, quint64 offset)
{
    qsizetype filled = 0;
    while (filled < count) {
        const ssize_t got = ::pread(descriptor, to + filled, static_cast<std::size_t>(count - filled), static_cast<off_t>(offset) + filled);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        filled += got;
    }
    return filled;
}

} // namespace

ByteSource::ByteSource(const OpenPhoto &photo)
    : m_descriptor(photo.descriptor)
    , m_size(photo.size)
    , m_firstBytes(photo.firstBytes)
{
}

bool ByteSource::hasRange(quint64 offset, quint64 length) const
{
    const auto size = static_cast<quint64>(m_size);
    return offset <= size && length <= size - offset;
}

const char *ByteSource::at(quint64 offset, qsizetype length)
{
    if (!hasRange(offset, static_cast<quint64>(length)))
        return nullptr;
    if (offset + static_cast<quint64>(length) <= static_cast<quint64>(m_firstBytes.size()))
        return m_firstBytes.data() + offset;
    if (offset < m_windowOffset || offset + static_cast<quint64>(length) > m_windowOffset + static_cast<quint64>(m_windowFilled)) {
        m_windowOffset = offset;
        m_windowFilled = readAt(m_descriptor, m_window.data(), static_cast<qsizetype>(m_window.size()), offset);
        if (m_windowFilled < length)
            return nullptr;
    }
    return m_window.data() + (offset - m_windowOffset);
}

std::optional<quint8> ByteSource::byte(quint64 offset)
{
    const char *bytes = at(offset, 1);
    return bytes ? std::optional<quint8>(static_cast<quint8>(*bytes)) : std::nullopt;
}

std::optional<quint16> ByteSource::big16(quint64 offset)
{
    const char *bytes = at(offset, 2);
    return bytes ? std::optional(qFromBigEndian<quint16>(bytes)) : std::nullopt;
}

std::optional<quint32> ByteSource::big24(quint64 offset)
{
    const std::optional<quint16> high = big16(offset);
    const std::optional<quint8> low = byte(offset + 2);
    return high && low ? std::optional<quint32>(quint32(*high) << 8 | *low) : std::nullopt;
}

std::optional<quint32> ByteSource::big32(quint64 offset)
{
    const char *bytes = at(offset, 4);
    return bytes ? std::optional(qFromBigEndian<quint32>(bytes)) : std::nullopt;
}

std::optional<quint64> ByteSource::big64(quint64 offset)
{
    const char *bytes = at(offset, 8);
    return bytes ? std::optional(qFromBigEndian<quint64>(bytes)) : std::nullopt;
}

std::optional<quint16> ByteSource::little16(quint64 offset)
{
    const char *bytes = at(offset, 2);
    return bytes ? std::optional(qFromLittleEndian<quint16>(bytes)) : std::nullopt;
}

std::optional<quint32> ByteSource::little24(quint64 offset)
{
    const std::optional<quint16> low = little16(offset);
    const std::optional<quint8> high = byte(offset + 2);
    return low && high ? std::optional<quint32>(quint32(*high) << 16 | *low) : std::nullopt;
}

std::optional<quint32> ByteSource::little32(quint64 offset)
{
    const char *bytes = at(offset, 4);
    return bytes ? std::optional(qFromLittleEndian<quint32>(bytes)) : std::nullopt;
}

std::optional<quint64> ByteSource::little64(quint64 offset)
{
    const char *bytes = at(offset, 8);
    return bytes ? std::optional(qFromLittleEndian<quint64>(bytes)) : std::nullopt;
}

bool ByteSource::hasAt(quint64 offset, QByteArrayView expected)
{
    const char *bytes = at(offset, expected.size());
    return bytes && QByteArrayView(bytes, expected.size()) == expected;
}

QByteArray ByteSource::block(quint64 offset, quint64 length)
{
    if (offset >= static_cast<quint64>(m_size))
        return {};
    const quint64 wanted = std::min(length, static_cast<quint64>(m_size) - offset);
    if (offset + wanted <= static_cast<quint64>(m_firstBytes.size()))
        return m_firstBytes.sliced(static_cast<qsizetype>(offset), static_cast<qsizetype>(wanted)).toByteArray();
    QByteArray bytes(static_cast<qsizetype>(wanted), Qt::Uninitialized);
    bytes.truncate(readAt(m_descriptor, bytes.data(), bytes.size(), offset));
    return bytes;
}

} // namespace photolift::decode
