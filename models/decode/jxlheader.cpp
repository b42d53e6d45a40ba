#include "models/decode/jxlheader.h"

namespace photolift::decode {

namespace {

/// Bits from the least significant on, as the codestream has them.
class Bits
{
public:
    explicit Bits(QByteArrayView bytes)
        : m_bytes(bytes)
    {
    }
    quint32 take(int count)
    {
        quint32 value = 0;
        for (int i = 0; i < count; ++i, ++m_position) {
            const qsizetype byte = m_position / 8;
            if (byte < m_bytes.size() && (static_cast<quint8>(m_bytes[byte]) >> (m_position % 8)) & 1)
                value |= 1U << i;
        }
        return value;
    }

private:
    QByteArrayView m_bytes;
    qsizetype m_position = 0;
};

quint32 takeLength(Bits &bits)
{
    constexpr int Widths[] = {9, 13, 18, 30};
    return 1 + bits.take(Widths[bits.take(2)]);
}

quint32 widthFor(quint32 ratio, quint32 height)
{
    constexpr quint32 Ratios[][2] = {{1, 1}, {12, 10}, {4, 3}, {3, 2}, {16, 9}, {5, 4}, {2, 1}};
    return static_cast<quint32>(quint64(height) * Ratios[ratio - 1][0] / Ratios[ratio - 1][1]);
}

/// Where the codestream begins: at once, or in the first jxlc or jxlp box.
std::optional<quint64> codestreamOffset(ByteSource &source)
{
    if (source.hasAt(0, "\xff\x0a"))
        return 0;
    quint64 offset = 0;
    for (int boxes = 0; boxes < 256; ++boxes) {
        const quint64 size = source.big32(offset).value_or(0);
        const quint64 header = size == 1 ? 16 : 8;
        if (source.hasAt(offset + 4, "jxlc"))
            return offset + header;
        if (source.hasAt(offset + 4, "jxlp"))
            return offset + header + 4;
        const quint64 length = size == 1 ? source.big64(offset + 8).value_or(0) : size;
        if (length < header || !source.hasRange(offset, length))
            return std::nullopt;
        offset += length;
    }
    return std::nullopt;
}

} // namespace

std::optional<std::pair<int, int>> readJxlSize(ByteSource &source)
{
    const std::optional<quint64> begin = codestreamOffset(source);
    if (!begin || !source.hasAt(*begin, "\xff\x0a"))
        return std::nullopt;
    const QByteArray header = source.block(*begin + 2, 16);
    if (header.size() < 10)
        return std::nullopt;
    Bits bits(header);
    const bool isSmall = bits.take(1);
    const quint32 height = isSmall ? 8 * (bits.take(5) + 1) : takeLength(bits);
    const quint32 ratio = bits.take(3);
    const quint32 width = ratio ? widthFor(ratio, height) : isSmall ? 8 * (bits.take(5) + 1) : takeLength(bits);
    if (width > 0x7fffffffU || height > 0x7fffffffU)
        return std::nullopt;
    return std::pair{static_cast<int>(width), static_cast<int>(height)};
}

} // namespace photolift::decode
