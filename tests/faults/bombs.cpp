#include "tests/faults/bombs.h"

#include "tests/decode/testphotos.h"
#include "tests/support/smallphotos.h"

#include <QtEndian>

#include <zlib.h>

using namespace Qt::StringLiterals;

namespace photolift::faults {

namespace {

constexpr int Side = 65'535;
constexpr qsizetype Inflated = 1 << 30;

template <typename Number>
QByteArray big(Number number)
{
    QByteArray raw(sizeof(Number), Qt::Uninitialized);
    qToBigEndian(number, raw.data());
    return raw;
}

template <typename Number>
QByteArray little(Number number)
{
    QByteArray raw(sizeof(Number), Qt::Uninitialized);
    qToLittleEndian(number, raw.data());
    return raw;
}

/// A zlib stream of `bytes` zeros: a thousandth of that.
QByteArray deflatedZeros(qsizetype bytes)
{
    const QByteArray zeros(1 << 20, '\0');
    z_stream stream{};
    deflateInit(&stream, Z_BEST_COMPRESSION);
    QByteArray result;
    QByteArray room(1 << 16, Qt::Uninitialized);
    for (qsizetype given = 0; given <= bytes; given += zeros.size()) {
        const bool isLast = given >= bytes;
        stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(zeros.constData()));
        stream.avail_in = isLast ? 0 : static_cast<uInt>(zeros.size());
        do {
            stream.next_out = reinterpret_cast<Bytef *>(room.data());
            stream.avail_out = static_cast<uInt>(room.size());
            deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH);
            result += room.first(room.size() - static_cast<qsizetype>(stream.avail_out));
        } while (stream.avail_out == 0);
    }
    deflateEnd(&stream);
    return result;
}

struct Entry {
    quint16 tag;
    quint16 type; ///< 2 text, 3 short, 4 long
    quint32 count;
    quint32 value;
};

QByteArray directory(const QList<Entry> &entries, quint32 next)
{
    QByteArray bytes = little(static_cast<quint16>(entries.size()));
    for (const Entry &entry : entries)
        bytes += little(entry.tag) + little(entry.type) + little(entry.count) + little(entry.value);
    return bytes + little(next);
}

const QByteArray TiffStart("II*\0\x08\0\0\0", 8);

/// One tile of 65,520 x 65,520 under a picture of 64 x 48: 13 GB to be taken for it.
QByteArray tiffOfOneTile()
{
    const QByteArray tile = deflatedZeros(1 << 20);
    constexpr quint32 Entries = 11;
    constexpr quint32 TileAt = 8 + 2 + Entries * 12 + 4;
    const QList<Entry> entries{{256, 4, 1, 64},      {257, 4, 1, 48},      {258, 3, 1, 8},  {259, 3, 1, 8}, // deflate
                               {262, 3, 1, 1},       {277, 3, 1, 1},       {284, 3, 1, 1},  {322, 4, 1, 65'520},
                               {323, 4, 1, 65'520},  {324, 4, 1, TileAt},  {325, 4, 1, static_cast<quint32>(tile.size())}};
    return TiffStart + directory(entries, 0) + tile;
}

/// A RAW of previews inside each other: each directory names the next as its picture, the last one the first.
QByteArray rawOfNestedPreviews()
{
    constexpr quint32 Depth = 20'000;
    constexpr quint32 Entries = 4;
    constexpr quint32 Bytes = 2 + Entries * 12 + 4;
    constexpr quint32 MakeAt = 8 + Depth * Bytes;
    QByteArray photo = TiffStart;
    for (quint32 i = 0; i < Depth; ++i) {
        const quint32 next = 8 + ((i + 1) % Depth) * Bytes;
        photo += directory({{256, 4, 1, Side}, {271, 2, 18, MakeAt}, {330, 4, 1, next}, {513, 4, 1, next}}, next);
    }
    return photo + QByteArray("NIKON CORPORATION\0", 18);
}

QByteArray box(const QByteArray &type, const QByteArray &body)
{
    return big(static_cast<quint32>(8 + body.size())) + type + body;
}

/// A HEIF whose picture is a grid of 256 x 256 tiles, each of them the same one, which claims 65,535 x 65,535.
QByteArray heifGrid()
{
    constexpr quint16 Tiles = 65'535;
    const QByteArray versionAndFlags(4, '\0');
    const QByteArray infoVersion("\2\0\0\0", 4);
    const QByteArray grid = QByteArray("\0\0\xff\xff", 4) + big(static_cast<quint16>(Side)) + big(static_cast<quint16>(Side));
    QByteArray references = big(quint16(1)) + big(Tiles);
    for (int i = 0; i < Tiles; ++i)
        references += big(quint16(2));
    const QByteArray sizes = box("ispe", versionAndFlags + big(static_cast<quint32>(Side)) + big(static_cast<quint32>(Side)));
    const QByteArray meta = versionAndFlags
        + box("hdlr", versionAndFlags + QByteArray(4, '\0') + "pict" + QByteArray(13, '\0'))
        + box("pitm", versionAndFlags + big(quint16(1)))
        + box("iinf", versionAndFlags + big(quint16(2)) + box("infe", infoVersion + big(quint16(1)) + big(quint16(0)) + QByteArray("grid\0", 5))
                  + box("infe", infoVersion + big(quint16(2)) + big(quint16(0)) + QByteArray("hvc1\0", 5)))
        + box("iref", versionAndFlags + box("dimg", references))
        + box("iprp", box("ipco", sizes)
                  + box("ipma", versionAndFlags + big(quint32(2)) + big(quint16(1)) + "\1\1" + big(quint16(2)) + "\1\1"))
        + box("iloc", QByteArray("\1\0\0\0\x44\0", 6) + big(quint16(2)) // both in the data box of this one
                  + big(quint16(1)) + big(quint16(1)) + big(quint16(0)) + big(quint16(1)) + big(quint32(0)) + big(static_cast<quint32>(grid.size()))
                  + big(quint16(2)) + big(quint16(1)) + big(quint16(0)) + big(quint16(1)) + big(quint32(0)) + big(static_cast<quint32>(grid.size())))
        + box("idat", grid);
    return box("ftyp", QByteArray("heic\0\0\0\0mif1heic", 16)) + box("meta", meta);
}

/// 20,000 frames on a canvas of 65,535 x 65,535.
QByteArray gifOfManyFrames()
{
    QByteArray gif = "GIF89a" + little(static_cast<quint16>(Side)) + little(static_cast<quint16>(Side)) + QByteArray("\x80\0\0\0\0\0\xff\xff\xff", 9);
    const QByteArray frame("\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0", 15);
    for (int i = 0; i < 20'000; ++i)
        gif += frame;
    return gif + ';';
}

/// Each entity is ten of the one before: 10^9 words.
QByteArray xmpOfEntities()
{
    QByteArray doctype = "<!DOCTYPE x [<!ENTITY e0 'photo'>";
    for (int i = 1; i < 10; ++i) {
        doctype += "<!ENTITY e" + QByteArray::number(i) + " '";
        for (int k = 0; k < 10; ++k)
            doctype += "&e" + QByteArray::number(i - 1) + ";";
        doctype += "'>";
    }
    return testphotos::xmp("tiff:Make='&e9;'").replace("<x:xmpmeta", QByteArray(doctype + "]><x:xmpmeta"));
}

} // namespace

QList<Bomb> bombs()
{
    const QByteArray photo = testphotos::picture(64, 48, ".png");
    const QByteArray text = QByteArray("Comment\0\0", 9) + deflatedZeros(Inflated);
    const QString failed = u"failed"_s;
    const QString tooLarge = u"VALIDATION_IMAGE_TOO_LARGE"_s;
    const QString noImage = u"VALIDATION_INVALID_IMAGE"_s;
    return {
        {"header.png", testphotos::pngClaiming(Side, Side), failed, tooLarge},
        {"tile.tif", tiffOfOneTile(), failed, noImage},
        {"text.png", testphotos::withChunk(photo, "zTXt", text), u"succeeded"_s, {}},
        {"nested.nef", rawOfNestedPreviews(), failed, noImage},
        {"grid.heic", heifGrid(), failed, tooLarge},
        {"frames.gif", gifOfManyFrames(), failed, tooLarge},
        {"scans.jpg", testphotos::blankPicture(12'000, 12'000, ".jpg[interlace,subsample_mode=off]"), u"succeeded"_s, {}},
        {"entities.xmp", xmpOfEntities(), u"skipped"_s, u"SELECTION_NOT_ACCEPTED"_s},
    };
}

} // namespace photolift::faults
