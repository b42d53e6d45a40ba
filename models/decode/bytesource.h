#pragma once

#include "models/decode/openphoto.h"

#include <QByteArray>

#include <array>
#include <optional>

namespace photolift::decode {

/// Numbers and blocks out of an untrusted file by offset, through one small window: the file is never in memory as a whole.
/// What lies beyond the end is nullopt or shorter, never an error of its own.
class ByteSource
{
public:
    /// Reads through the descriptor what is not among the first bytes that the photo has in memory.
    explicit ByteSource(const OpenPhoto &photo);

    qint64 size() const { return m_size; }
    bool hasRange(quint64 offset, quint64 length) const;

    std::optional<quint8> byte(quint64 offset);
    std::optional<quint16> big16(quint64 offset);
    std::optional<quint32> big24(quint64 offset);
    std::optional<quint32> big32(quint64 offset);
    std::optional<quint64> big64(quint64 offset);
    std::optional<quint16> little16(quint64 offset);
    std::optional<quint32> little24(quint64 offset);
    std::optional<quint32> little32(quint64 offset);
    std::optional<quint64> little64(quint64 offset);
    /// True when these bytes stand at `offset`.
    bool hasAt(quint64 offset, QByteArrayView expected);
    /// At most `length` bytes, fewer at the end of the file.
    QByteArray block(quint64 offset, quint64 length);

private:
    const char *at(quint64 offset, qsizetype length); ///< null beyond the end; length at most 16

    int m_descriptor;
    qint64 m_size;
    QByteArrayView m_firstBytes;
    quint64 m_windowOffset = 0;
    qsizetype m_windowFilled = 0;
    std::array<char, 4096> m_window;
};

} // namespace photolift::decode
