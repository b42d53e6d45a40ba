#include "models/decode/tiffpages.h"

#include <QSet>

namespace photolift::decode {

namespace {

enum Tag : quint16 {
    NewSubfileType = 254,
    ImageWidth = 256,
    ImageLength = 257,
    StripOffsets = 273,
    StripByteCounts = 279,
    TileOffsets = 324,
    TileByteCounts = 325,
    SubDirectories = 330,
    PanasonicRawOffset = 280,
    JpegOffset = 513,
    JpegLength = 514,
    Xmp = 700,
    Iptc = 33723,
    Photoshop = 34377,
    IccProfile = 34675,
};

constexpr int MostDirectories = 1000;
constexpr quint64 MostValues = 1'000'000;
constexpr quint64 LargestProfile = 4ULL * 1024 * 1024;

struct Entry {
    quint16 tag = 0;
    quint16 type = 0;
    quint64 count = 0;
    quint64 valueOffset = 0; ///< where the values stand, inline or not
    quint64 bytes = 0;
};

quint64 bytesOfType(quint16 type)
{
    switch (type) {
    case 3: // SHORT
    case 8:
        return 2;
    case 4: // LONG
    case 9:
    case 11:
    case 13:
        return 4;
    case 5: // RATIONAL
    case 10:
    case 12:
    case 16: // LONG8
    case 17:
    case 18:
        return 8;
    default:
        return 1;
    }
}

class Reader
{
public:
    explicit Reader(ByteSource &source)
        : m_source(source)
        , m_isLittleEndian(source.hasAt(0, "II"))
        , m_isBig(number16(2) == 43)
    {
    }

    TiffPages read()
    {
        TiffPages result;
        quint64 offset = m_isBig ? number64(8).value_or(0) : number32(4).value_or(0);
        while (offset != 0 && result.pages.size() < MostDirectories) {
            TiffPage page;
            const std::optional<quint64> next = readDirectory(offset, page, result, &result.subPages);
            if (!next)
                break;
            result.pages.append(page);
            offset = *next;
        }
        return result;
    }

private:
    std::optional<quint16> number16(quint64 at) { return m_isLittleEndian ? m_source.little16(at) : m_source.big16(at); }
    std::optional<quint32> number32(quint64 at) { return m_isLittleEndian ? m_source.little32(at) : m_source.big32(at); }
    std::optional<quint64> number64(quint64 at) { return m_isLittleEndian ? m_source.little64(at) : m_source.big64(at); }

    /// The offset of the next directory, 0 for none; nullopt when this one cannot be read. Sub-directories go to `subPages`.
    std::optional<quint64> readDirectory(quint64 offset, TiffPage &page, TiffPages &result, QList<TiffPage> *subPages)
    {
        if (m_seen.contains(offset)) {
            result.hasLoop = true;
            return std::nullopt;
        }
        m_seen.insert(offset);
        const std::optional<quint64> count = m_isBig ? number64(offset) : std::optional<quint64>(number16(offset));
        const quint64 entryBytes = m_isBig ? 20 : 12;
        const quint64 begin = offset + (m_isBig ? 8 : 2);
        if (!count || *count > 65535 || !m_source.hasRange(begin, *count * entryBytes)) {
            result.isCut = true;
            return std::nullopt;
        }
        QList<Entry> entries;
        for (quint64 i = 0; i < *count; ++i)
            entries.append(readEntry(begin + i * entryBytes));
        judge(entries, page, result, subPages);
        const quint64 link = begin + *count * entryBytes;
        return m_isBig ? number64(link).value_or(0) : number32(link).value_or(0);
    }

    Entry readEntry(quint64 at)
    {
        Entry entry;
        entry.tag = number16(at).value_or(0);
        entry.type = number16(at + 2).value_or(0);
        entry.count = m_isBig ? number64(at + 4).value_or(0) : number32(at + 4).value_or(0);
        const quint64 field = at + (m_isBig ? 12 : 8);
        const quint64 inlineBytes = m_isBig ? 8 : 4;
        entry.bytes = entry.count > (1ULL << 40) ? (1ULL << 43) : entry.count * bytesOfType(entry.type);
        entry.valueOffset = entry.bytes <= inlineBytes ? field : m_isBig ? number64(field).value_or(0) : number32(field).value_or(0);
        return entry;
    }

    std::optional<quint64> value(const Entry &entry, quint64 index)
    {
        const quint64 at = entry.valueOffset + index * bytesOfType(entry.type);
        switch (bytesOfType(entry.type)) {
        case 2:
            return number16(at);
        case 4:
            return number32(at);
        case 8:
            return number64(at);
        default:
            return m_source.byte(at);
        }
    }

    static const Entry *find(const QList<Entry> &entries, quint16 tag)
    {
        for (const Entry &entry : entries) {
            if (entry.tag == tag && entry.count > 0)
                return &entry;
        }
        return nullptr;
    }

    void judgeRanges(const Entry *offsets, const Entry *lengths, TiffPage &page)
    {
        if (!offsets || !lengths)
            return;
        page.hasPicture = true;
        const quint64 count = std::min({offsets->count, lengths->count, MostValues});
        for (quint64 i = 0; i < count && !page.reachesBeyondEnd; ++i) {
            const std::optional<quint64> offset = value(*offsets, i);
            const std::optional<quint64> length = value(*lengths, i);
            page.reachesBeyondEnd = !offset || !length || !m_source.hasRange(*offset, *length);
        }
    }

    void judge(const QList<Entry> &entries, TiffPage &page, TiffPages &result, QList<TiffPage> *subPages)
    {
        const auto number = [&](quint16 tag) -> std::optional<quint32> {
            const Entry *entry = find(entries, tag);
            const std::optional<quint64> found = entry ? value(*entry, 0) : std::nullopt;
            return found && *found <= 0x7fffffff ? std::optional<quint32>(static_cast<quint32>(*found)) : std::nullopt;
        };
        page.width = number(ImageWidth);
        page.height = number(ImageLength);
        page.isReduced = number(NewSubfileType).value_or(0) & 1U;
        // Panasonic writes no offset here and names the place of its sensor data in a tag of its own.
        const bool hasOffsetElsewhere = number32(4) == 24 && number(StripOffsets) == std::nullopt && find(entries, PanasonicRawOffset);
        judgeRanges(find(entries, hasOffsetElsewhere ? PanasonicRawOffset : StripOffsets), find(entries, StripByteCounts), page);
        judgeRanges(find(entries, TileOffsets), find(entries, TileByteCounts), page);
        judgeRanges(find(entries, JpegOffset), find(entries, JpegLength), page);
        for (const quint16 tag : {Xmp, Iptc, Photoshop, IccProfile}) {
            if (const Entry *entry = find(entries, tag)) {
                result.metadataBytes += static_cast<qint64>(entry->bytes);
                page.reachesBeyondEnd = page.reachesBeyondEnd || !m_source.hasRange(entry->valueOffset, entry->bytes);
            }
        }
        if (const Entry *icc = find(entries, IccProfile); icc && result.icc.isEmpty())
            result.icc = m_source.block(icc->valueOffset, std::min(icc->bytes, LargestProfile));
        if (const Entry *subs = find(entries, SubDirectories); subs && subPages) {
            for (quint64 i = 0; i < std::min<quint64>(subs->count, 32); ++i) {
                TiffPage subPage;
                if (readDirectory(value(*subs, i).value_or(0), subPage, result, nullptr))
                    subPages->append(subPage);
            }
        }
    }

    ByteSource &m_source;
    bool m_isLittleEndian;
    bool m_isBig;
    QSet<quint64> m_seen;
};

} // namespace

TiffPages readTiffPages(ByteSource &source)
{
    return Reader(source).read();
}

} // namespace photolift::decode
