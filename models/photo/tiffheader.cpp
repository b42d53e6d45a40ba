#include "models/photo/tiffheader.h"

#include <QtEndian>

namespace photolift::photo {

namespace {

enum Tag : quint16 {
    NewSubfileType = 0x00fe,
    Compression = 0x0103,
    Photometric = 0x0106,
    Make = 0x010f,
    Model = 0x0110,
    SubDirectories = 0x014a,
    DngVersion = 0xc612,
    SonyPrivateData = 0xc634,
};

/// Numbers out of untrusted bytes: an offset beyond them is nullopt.
class Bytes
{
public:
    Bytes(QByteArrayView bytes, bool isLittleEndian)
        : m_bytes(bytes)
        , m_isLittleEndian(isLittleEndian)
    {
    }

    template <typename T> std::optional<T> number(quint64 offset) const
    {
        if (offset > static_cast<quint64>(m_bytes.size()) || static_cast<quint64>(m_bytes.size()) - offset < sizeof(T))
            return std::nullopt;
        const char *from = m_bytes.data() + offset;
        return m_isLittleEndian ? qFromLittleEndian<T>(from) : qFromBigEndian<T>(from);
    }

    QByteArrayView text(quint64 offset, quint64 length) const
    {
        if (offset > static_cast<quint64>(m_bytes.size()))
            return {};
        const quint64 left = static_cast<quint64>(m_bytes.size()) - offset;
        const QByteArrayView text = m_bytes.sliced(static_cast<qsizetype>(offset), static_cast<qsizetype>(std::min({length, left, quint64(64)})));
        const qsizetype end = text.indexOf('\0');
        return (end < 0 ? text : text.first(end)).trimmed();
    }

private:
    QByteArrayView m_bytes;
    bool m_isLittleEndian;
};

struct Layout {
    quint64 countBytes, entryBytes, valueOffset, inlineBytes;
};
constexpr Layout ClassicLayout{2, 12, 8, 4};
constexpr Layout BigLayout{8, 20, 12, 8};

void readEntry(const Bytes &bytes, quint64 entry, const Layout &layout, bool isBig, TiffHeader &header)
{
    const quint16 tag = bytes.number<quint16>(entry).value_or(0);
    const quint16 type = bytes.number<quint16>(entry + 2).value_or(0);
    const quint64 value = entry + layout.valueOffset;
    const auto number = [&]() -> std::optional<quint32> {
        return type == 3 ? std::optional<quint32>(bytes.number<quint16>(value)) : bytes.number<quint32>(value);
    };
    const auto text = [&] {
        const quint64 length = isBig ? bytes.number<quint64>(entry + 4).value_or(0) : bytes.number<quint32>(entry + 4).value_or(0);
        const quint64 offset = isBig ? bytes.number<quint64>(value).value_or(0) : bytes.number<quint32>(value).value_or(0);
        return bytes.text(length <= layout.inlineBytes ? value : offset, length);
    };
    switch (tag) {
    case NewSubfileType:
        header.newSubfileType = number();
        break;
    case Compression:
        header.compression = number();
        break;
    case Photometric:
        header.photometric = number();
        break;
    case Make:
        header.make = text();
        break;
    case Model:
        header.model = text();
        break;
    case SubDirectories:
        header.hasSubDirectories = true;
        break;
    case DngVersion:
        header.hasDngVersion = true;
        break;
    case SonyPrivateData:
        header.hasSonyPrivateData = true;
        break;
    default:
        break;
    }
}

} // namespace

std::optional<TiffHeader> readTiffHeader(QByteArrayView view)
{
    const bool isLittleEndian = view.startsWith("II");
    if (view.size() < 8 || (!isLittleEndian && !view.startsWith("MM")))
        return std::nullopt;
    const Bytes bytes(view, isLittleEndian);
    const quint16 version = bytes.number<quint16>(2).value_or(0);
    if (version != 42 && version != 43)
        return std::nullopt;

    TiffHeader header;
    header.isBig = version == 43;
    const Layout &layout = header.isBig ? BigLayout : ClassicLayout;
    if (header.isBig && (bytes.number<quint16>(4) != 8 || bytes.number<quint16>(6) != 0))
        return std::nullopt;
    const quint64 directory = header.isBig ? bytes.number<quint64>(8).value_or(0) : bytes.number<quint32>(4).value_or(0);
    if (directory < 8)
        return std::nullopt;
    const quint64 count = header.isBig ? bytes.number<quint64>(directory).value_or(0) : bytes.number<quint16>(directory).value_or(0);
    for (quint64 i = 0; i < std::min<quint64>(count, 4096); ++i) {
        const quint64 entry = directory + layout.countBytes + i * layout.entryBytes;
        if (!bytes.number<quint16>(entry))
            break;
        readEntry(bytes, entry, layout, header.isBig, header);
    }
    return header;
}

} // namespace photolift::photo
