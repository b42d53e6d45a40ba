#include "models/decode/heifheader.h"

#include <QList>

namespace photolift::decode {

namespace {

struct Box {
    QByteArray type;
    quint64 body = 0;
    quint64 end = 0;
};

/// The boxes between two offsets; a box that claims more than its parent ends the walk.
QList<Box> boxesIn(ByteSource &source, quint64 begin, quint64 end, bool *isCut = nullptr)
{
    QList<Box> boxes;
    quint64 offset = begin;
    while (offset + 8 <= end && boxes.size() < 4096) {
        quint64 size = source.big32(offset).value_or(0);
        quint64 header = 8;
        if (size == 1) {
            size = source.big64(offset + 8).value_or(0);
            header = 16;
        } else if (size == 0) {
            size = end - offset;
        }
        if (size < header || size > end - offset) {
            if (isCut)
                *isCut = true;
            break;
        }
        boxes.append({source.block(offset + 4, 4), offset + header, offset + size});
        offset += size;
    }
    return boxes;
}

/// The indexes, from 1, of the properties of one item.
QList<quint16> propertiesOf(ByteSource &source, const Box &ipma, quint32 wantedItem)
{
    const quint8 version = source.byte(ipma.body).value_or(0);
    const bool isWide = source.big24(ipma.body + 1).value_or(0) & 1U;
    const quint32 count = std::min(source.big32(ipma.body + 4).value_or(0), 65536U);
    quint64 offset = ipma.body + 8;
    for (quint32 i = 0; i < count && offset < ipma.end; ++i) {
        const quint32 item = version < 1 ? source.big16(offset).value_or(0) : source.big32(offset).value_or(0);
        offset += version < 1 ? 2 : 4;
        const quint8 associations = source.byte(offset++).value_or(0);
        QList<quint16> indexes;
        for (int a = 0; a < associations; ++a) {
            indexes.append(isWide ? source.big16(offset).value_or(0) & 0x7fff : source.byte(offset).value_or(0) & 0x7f);
            offset += isWide ? 2 : 1;
        }
        if (item == wantedItem)
            return indexes;
    }
    return {};
}

void readProperties(ByteSource &source, const Box &iprp, quint32 primary, HeifHeader &header)
{
    QList<Box> properties;
    QList<quint16> wanted;
    for (const Box &box : boxesIn(source, iprp.body, iprp.end)) {
        if (box.type == "ipco")
            properties = boxesIn(source, box.body, box.end);
        else if (box.type == "ipma" && wanted.isEmpty())
            wanted = propertiesOf(source, box, primary);
    }
    for (const quint16 index : wanted) {
        if (index < 1 || index > properties.size())
            continue;
        const Box &property = properties[index - 1];
        if (property.type == "ispe") {
            header.width = static_cast<int>(std::min(source.big32(property.body + 4).value_or(0), 0x7fffffffU));
            header.height = static_cast<int>(std::min(source.big32(property.body + 8).value_or(0), 0x7fffffffU));
        } else if (property.type == "colr" && (source.hasAt(property.body, "prof") || source.hasAt(property.body, "rICC"))) {
            header.icc = source.block(property.body + 4, std::min<quint64>(property.end - property.body - 4, 4 * 1024 * 1024));
        }
    }
}

quint32 primaryItem(ByteSource &source, const Box &pitm)
{
    return source.byte(pitm.body).value_or(0) == 0 ? source.big16(pitm.body + 4).value_or(0) : source.big32(pitm.body + 4).value_or(0);
}

} // namespace

HeifHeader readHeifHeader(ByteSource &source)
{
    HeifHeader header;
    for (const Box &box : boxesIn(source, 0, static_cast<quint64>(source.size()), &header.isCut)) {
        if (box.type != "meta")
            continue;
        header.metadataBytes = static_cast<qint64>(box.end - box.body);
        const QList<Box> children = boxesIn(source, box.body + 4, box.end);
        quint32 primary = 0;
        for (const Box &child : children) {
            if (child.type == "pitm")
                primary = primaryItem(source, child);
        }
        for (const Box &child : children) {
            if (child.type == "iprp")
                readProperties(source, child, primary, header);
        }
    }
    return header;
}

} // namespace photolift::decode
