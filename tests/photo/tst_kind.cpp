#include "models/photo/kind.h"

#include <QTest>
#include <QtEndian>

using namespace Qt::StringLiterals;
using namespace photolift::photo;

namespace {

/// Bytes with zeros in them, padded so that no rule can pass by running out of bytes.
template <std::size_t N> QByteArray bytes(const char (&literal)[N])
{
    return QByteArray(literal, N - 1) + QByteArray(64, '\0');
}

QByteArray number16(quint16 value)
{
    return {QByteArray(1, char(value & 0xff)) + char(value >> 8)};
}

QByteArray number32(quint32 value)
{
    return number16(quint16(value & 0xffff)) + number16(quint16(value >> 16));
}

struct Entry {
    quint16 tag;
    quint16 type;
    quint32 value;
};

/// A little-endian TIFF of one directory, Make after it.
QByteArray tiff(const QByteArray &make, const QList<Entry> &entries)
{
    const quint32 makeOffset = 8 + 2 + 12 * quint32(entries.size() + 1) + 4;
    QByteArray file = QByteArray("II*\0", 4) + number32(8) + number16(quint16(entries.size() + 1));
    file += number16(0x010f) + number16(2) + number32(quint32(make.size() + 1)) + number32(makeOffset);
    for (const Entry &entry : entries)
        file += number16(entry.tag) + number16(entry.type) + number32(1) + number32(entry.value);
    return file + number32(0) + make + '\0';
}

QByteArray utf16(const QByteArray &ascii, bool isLittle, bool hasMark)
{
    QByteArray text = hasMark ? (isLittle ? "\xff\xfe"_ba : "\xfe\xff"_ba) : QByteArray();
    for (const char c : ascii)
        text += isLittle ? QByteArray(1, c) + '\0' : QByteArray(1, '\0') + c;
    return text;
}

QByteArray movieBox(const char *brand)
{
    return QByteArray("\0\0\0\x18""ftyp", 8) + brand + QByteArray("\0\0\0\0", 4) + "isommp42" + QByteArray("\0\0\0\x08moov", 8);
}

QByteArray jpegOfSize(int width, int height)
{
    QByteArray file("\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0", 20);
    file += QByteArray("\xff\xc0\x00\x11\x08", 5);
    file += char(height >> 8);
    file += char(height & 0xff);
    file += char(width >> 8);
    file += char(width & 0xff);
    return file + QByteArray("\x03\x01\x22\0\x02\x11\x01\x03\x11\x01", 10);
}

QByteArray box(const char *type, const QByteArray &content)
{
    QByteArray size(4, '\0');
    qToBigEndian(static_cast<quint32>(content.size() + 8), size.data());
    return size + type + content;
}

/// What Canon writes into the `moov` box: who compressed it, in a box of its own.
QByteArray canonBox(const char *compressor)
{
    return box("uuid", QByteArray::fromHex("85c0b687820f11e08111f4ce462b6a48") + box("CNCV", compressor));
}

QByteArray canonRaw(const QByteArray &boxes)
{
    return box("ftyp", QByteArray("crx \0\0\0\1crx isom", 16)) + boxes;
}

const QByteArray Packet = "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>\n"
                          "<x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk='x'><rdf:RDF/></x:xmpmeta>";
}

class TestKind final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void acceptedKinds_data()
    {
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<QString>("typeName");
        QTest::addColumn<QString>("mediaType");
        const auto row = [](const char *name, const QByteArray &file, const QString &typeName, const QString &mediaType) {
            QTest::newRow(name) << file << typeName << mediaType;
        };
        row("JPEG, JFIF first", bytes("\xff\xd8\xff\xe0"), u"JPEG"_s, u"image/jpeg"_s);
        row("JPEG, tables first", bytes("\xff\xd8\xff\xdb"), u"JPEG"_s, u"image/jpeg"_s);
        row("PNG", bytes("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), u"PNG"_s, u"image/png"_s);
        row("APNG says its frames before the data", QByteArray("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) + QByteArray(17, '\0') + QByteArray("\0\0\0\x08""acTL", 8) + QByteArray(12, '\0'), u"PNG"_s, u"image/apng"_s);
        row("PNG whose data only spells acTL", QByteArray("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) + QByteArray(17, '\0') + QByteArray("\0\0\0\x08IDATacTL", 12) + QByteArray(12, '\0'), u"PNG"_s, u"image/png"_s);
        row("WebP lossy", bytes("RIFF\x10\0\0\0WEBPVP8 "), u"WebP"_s, u"image/webp"_s);
        row("WebP lossless", bytes("RIFF\x10\0\0\0WEBPVP8L"), u"WebP"_s, u"image/webp"_s);
        row("WebP extended", bytes("RIFF\x10\0\0\0WEBPVP8X"), u"WebP"_s, u"image/webp"_s);
        row("GIF 87", bytes("GIF87a"), u"GIF"_s, u"image/gif"_s);
        row("GIF 89", bytes("GIF89a"), u"GIF"_s, u"image/gif"_s);
        row("TIFF, directory far away", QByteArray("MM\0*\0\x20\0\0", 8) + QByteArray(64, '\0'), u"TIFF"_s, u"image/tiff"_s);
        row("BigTIFF", QByteArray("II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0", 16) + QByteArray(64, '\0'), u"TIFF"_s, u"image/tiff"_s);
        row("TIFF of an editor keeps the camera's make", tiff("NIKON CORPORATION", {{0x00fe, 4, 0}, {0x0103, 3, 1}}), u"TIFF"_s, u"image/tiff"_s);
        row("HEIC", bytes("\0\0\0\x18""ftypheic\0\0\0\0mif1heic"), u"HEIF"_s, u"image/heic"_s);
        row("HEIC under its structural brand", bytes("\0\0\0\x18""ftypmif1\0\0\0\0mif1heic"), u"HEIF"_s, u"image/heic"_s);
        row("HEIF of another codec", bytes("\0\0\0\x14""ftypmif1\0\0\0\0mif1"), u"HEIF"_s, u"image/heif"_s);
        row("HEIF burst", bytes("\0\0\0\x14""ftyphevc\0\0\0\0msf1"), u"HEIF"_s, u"image/heic-sequence"_s);
        row("AVIF", bytes("\0\0\0\x18""ftypavif\0\0\0\0mif1miaf"), u"AVIF"_s, u"image/avif"_s);
        row("AVIF under its structural brand", bytes("\0\0\0\x18""ftypmif1\0\0\0\0mif1avif"), u"AVIF"_s, u"image/avif"_s);
        row("JPEG XL bare", bytes("\xff\x0a\xba\x21"), u"JPEG XL"_s, u"image/jxl"_s);
        row("JPEG XL in its container", bytes("\0\0\0\x0cJXL \r\n\x87\n"), u"JPEG XL"_s, u"image/jxl"_s);
        row("CR2", bytes("II*\0\x10\0\0\0CR\x02\0"), u"RAW"_s, u"image/x-canon-cr2"_s);
        row("CR3", bytes("\0\0\0\x18""ftypcrx \0\0\0\x01"), u"RAW"_s, u"image/x-canon-cr3"_s);
        row("CR3 that names its compressor", canonRaw(box("moov", canonBox("CanonCR3_001/00.09.00/00.00.00")) + box("mdat", "sensor")), u"RAW"_s, u"image/x-canon-cr3"_s);
        row("CR3 cut within its first box", canonRaw(box("moov", canonBox("CanonCR3_001/00.09.00/00.00.00"))).left(60), u"RAW"_s, u"image/x-canon-cr3"_s);
        row("CRW", bytes("II\x1a\0\0\0HEAPCCDR"), u"RAW"_s, u"image/x-canon-crw"_s);
        row("NEF by small first picture and sub-directories", tiff("NIKON CORPORATION", {{0x00fe, 4, 1}, {0x014a, 4, 99}}), u"RAW"_s, u"image/x-nikon-nef"_s);
        row("ARW", tiff("SONY", {{0x00fe, 4, 1}, {0x014a, 4, 99}}), u"RAW"_s, u"image/x-sony-arw"_s);
        row("DNG of any maker", tiff("Ricoh", {{0xc612, 1, 0x00000401}}), u"RAW"_s, u"image/x-adobe-dng"_s);
        row("PEF by compression", tiff("PENTAX Corporation", {{0x0103, 3, 65535}}), u"RAW"_s, u"image/x-pentax-pef"_s);
        row("SRW", tiff("SAMSUNG", {{0x0103, 3, 32770}}), u"RAW"_s, u"image/x-samsung-srw"_s);
        row("3FR by its colour filters", tiff("Hasselblad", {{0x0106, 3, 32803}}), u"RAW"_s, u"image/x-hasselblad-3fr"_s);
        row("ORF", bytes("IIRO\x08\0\0\0"), u"RAW"_s, u"image/x-olympus-orf"_s);
        row("ORF big-endian", bytes("MMOR\0\0\0\x08"), u"RAW"_s, u"image/x-olympus-orf"_s);
        row("RW2", bytes("IIU\0\x18\0\0\0\x88\xe7\x74\xd8"), u"RAW"_s, u"image/x-panasonic-rw2"_s);
        row("RAF", bytes("FUJIFILMCCD-RAW 0200"), u"RAW"_s, u"image/x-fujifilm-raf"_s);
        row("X3F", bytes("FOVb\0\0\x02\0"), u"RAW"_s, u"image/x-sigma-x3f"_s);
        row("MRW", bytes("\0MRM\0\0\0\0"), u"RAW"_s, u"image/x-minolta-mrw"_s);
        row("IIQ", bytes("II*\0\x08\0\0\0IIII"), u"RAW"_s, u"image/x-phaseone-iiq"_s);
        row("XMP packet", Packet, u"XMP"_s, u"application/rdf+xml"_s);
        row("XMP with a byte order mark", "\xef\xbb\xbf" + Packet, u"XMP"_s, u"application/rdf+xml"_s);
        row("XMP in UTF-16, little-endian", utf16(Packet, true, true), u"XMP"_s, u"application/rdf+xml"_s);
        row("XMP in UTF-16, big-endian", utf16(Packet, false, true), u"XMP"_s, u"application/rdf+xml"_s);
        row("XMP in UTF-16 without a mark", utf16(Packet, true, false), u"XMP"_s, u"application/rdf+xml"_s);
        row("XMP without packet, after an XML declaration", "<?xml version='1.0'?>\n<!-- by hand -->\n<x:xmpmeta\n xmlns:x='adobe:ns:meta/'/>", u"XMP"_s, u"application/rdf+xml"_s);
        for (const char space : {' ', '\t', '\r', '\n'})
            row(qPrintable(u"XMP with space %1 behind the name of its element"_s.arg(int(space))), QByteArray("<x:xmpmeta") + space + "xmlns:x='adobe:ns:meta/'/>", u"XMP"_s, u"application/rdf+xml"_s);
        row("XMP behind a long comment", "<!-- " + QByteArray(5000, 'c') + " -->" + Packet, u"XMP"_s, u"application/rdf+xml"_s);
        row("XMP behind many comments", QByteArray("<!--c-->\t\r\n").repeated(5000) + Packet, u"XMP"_s, u"application/rdf+xml"_s);
        row("XMP in UTF-16 behind a long comment", utf16("<!-- " + QByteArray(5000, 'c') + " -->" + Packet, true, true), u"XMP"_s, u"application/rdf+xml"_s);
        row("XMP with much before its namespace", "<x:xmpmeta x:xmptk='a > b " + QByteArray(3000, 't') + "' xmlns:x='adobe:ns:meta/'/>", u"XMP"_s, u"application/rdf+xml"_s);
        row("bare RDF", "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"/>", u"XMP"_s, u"application/rdf+xml"_s);
        // Two formats in one file: the first bytes decide, what is glued on behind travels with the photo, byte for byte.
        row("JPEG with a ZIP behind it", QByteArray("\xff\xd8\xff\xe0\x00\x10JFIF\0", 11) + "PK\x03\x04", u"JPEG"_s, u"image/jpeg"_s);
        row("JPEG with HTML in its comment", QByteArray("\xff\xd8\xff\xfe\x00\x20<html><script>", 20), u"JPEG"_s, u"image/jpeg"_s);
        row("GIF that is a script too", "GIF89a=1;alert(1)", u"GIF"_s, u"image/gif"_s);
        row("PNG with a PDF behind it", QByteArray("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) + "%PDF-1.7", u"PNG"_s, u"image/png"_s);
        row("TIFF with an ELF in its pixels", QByteArray("II*\0\x08\0\0\0\0\0", 10) + "\x7f""ELF", u"TIFF"_s, u"image/tiff"_s);
    }
    void acceptedKinds()
    {
        QFETCH(QByteArray, file);
        QFETCH(QString, typeName);
        QFETCH(QString, mediaType);

        const Kind kind = kindOf(file);

        QVERIFY(kind.isAccepted);
        QCOMPARE(kind.typeName, typeName);
        QCOMPARE(kind.mediaType, mediaType);
        QCOMPARE(kind.isRaw, typeName == u"RAW");
        QCOMPARE(kind.isSidecar, typeName == u"XMP");
        QCOMPARE(typeNameOf(mediaType), typeName);
    }

    void refusedKinds_data()
    {
        QTest::addColumn<QByteArray>("file");
        const auto row = [](const char *name, const QByteArray &file) { QTest::newRow(name) << file; };
        row("nothing", {});
        row("one byte of a JPEG", "\xff");
        row("JPEG start marker without a next one", "\xff\xd8");
        row("two start markers", bytes("\xff\xd8\xff\xd8"));
        row("end marker after the start", bytes("\xff\xd8\xff\xd9"));
        row("text", "version https://example.org/spec\n");
        row("PDF with a JPEG inside", "%PDF-1.4 \xff\xd8\xff\xe0");
        row("ZIP with a JPEG inside", QByteArray("PK\x03\x04\xff\xd8\xff\xe0", 8));
        row("HTML with XMP inside", "<html>" + Packet);
        row("SVG with XMP in its metadata", "<svg xmlns='http://www.w3.org/2000/svg'><metadata>" + Packet);
        row("SVG behind an XML declaration", "<?xml version='1.0'?><svg/>");
        row("document type with entities before XMP", "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]>" + Packet);
        row("element only called xmpmeta", "<xmpmeta>hello</xmpmeta>");
        row("element only called RDF", "<RDF>hello</RDF>");
        row("namespace of XMP in another element only", "<x:xmpmeta a='>'><b xmlns:x='adobe:ns:meta/'/></x:xmpmeta>");
        row("comment without an end", "<!-->" + Packet);
        row("processing instruction without an end", "<?xpacket begin='' ");
        row("XML catalogue", "<?xml version='1.0'?><catalog><photo/></catalog>");
        row("Lightroom catalogue", QByteArray("SQLite format 3\0", 16));
        row("Canon CTG", QByteArray("\x0a\0\0\0\x01\0\0\0CTG", 11));
        row("MP4", movieBox("mp42"));
        row("MP4 that lists HEIC among its brands", QByteArray("\0\0\0\x18""ftypisom\0\0\0\0isomheic", 24));
        row("LRV of an action camera", movieBox("avc1"));
        row("QuickTime", movieBox("qt  "));
        row("Canon raw movie", canonRaw(box("moov", canonBox("CanonCRM0001/02.09.00/00.00.00")) + box("mdat", "sensor")));
        row("Canon raw movie, other boxes before", canonRaw(box("free", "1234") + box("moov", box("mvhd", "12") + canonBox("CanonCRM0001/02.09.00/00.00.00"))));
        row("Canon raw movie whose data comes first", canonRaw(box("mdat", QByteArray(70000, 's'))));
        row("3GP", movieBox("3gp4"));
        row("QuickTime without ftyp", QByteArray("\0\0\0\x08wide\0\0\0\0mdat", 16));
        row("AVI", bytes("RIFF\x10\0\0\0AVI LIST"));
        row("WAV", bytes("RIFF\x10\0\0\0WAVEfmt "));
        row("RIFF that only claims WEBP", bytes("RIFF\x10\0\0\0WEBPJUNK"));
        row("MPEG transport stream", QByteArray("\x47\x40\0\x10", 4) + QByteArray(188, '\xff'));
        row("Matroska", bytes("\x1a\x45\xdf\xa3"));
        row("BMP", bytes("BM\x36\0\0\0"));
        row("PSD", bytes("8BPS\0\x01"));
        row("JPEG 2000", bytes("\0\0\0\x0cjP  \r\n\x87\n"));
        row("OpenEXR", bytes("\x76\x2f\x31\x01"));
        row("ICO", bytes("\0\0\x01\0\x01\0"));
        row("ELF", bytes("\x7f""ELF"));
        row("Windows program", bytes("MZ\x90\0"));
        row("shell script", "#!/bin/sh\n");
        row("PNG signature alone", "\x89PNG\r\n\x1a\n");
        row("PNG signature damaged by line ends", bytes("\x89PNG\n\x1a\n\0\0\0\rIHDR"));
        row("GIF of no version", "GIF90a");
        row("TIFF whose directory is its own header", bytes("II*\0\x04\0\0\0"));
        row("TIFF of no version", bytes("II\x2c\0\x08\0\0\0"));
        row("BigTIFF with odd offset size", bytes("II+\0\x04\0\0\0"));
        row("ftyp box shorter than a brand", bytes("\0\0\0\x08""ftypheic"));
        row("ftyp box of absurd size", bytes("\x7f\xff\xff\xf0""ftypheic"));
        row("zeros", QByteArray(4096, '\0'));
        row("ones", QByteArray(4096, '\xff'));
    }
    void refusedKinds()
    {
        QFETCH(QByteArray, file);

        QVERIFY2(!kindOf(file).isAccepted, qPrintable(kindOf(file).typeName));
    }

    void everyBeginningOfEveryKindIsSafeToRead()
    {
        const QList<QByteArray> files = {Packet, utf16(Packet, true, true), tiff("NIKON", {{0x014a, 4, 99}}), movieBox("heic"), jpegOfSize(160, 120)};
        for (const QByteArray &file : files) {
            for (qsizetype length = 0; length <= file.size(); ++length) {
                const QByteArray beginning(file.constData(), length); // a copy, so that a read beyond it is seen by ASan
                kindOf(beginning);
                isMovieThumbnail("a.thm", beginning);
            }
        }
    }

    void smallJpegBesideAMovieIsNoPhoto_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<bool>("expected");
        QTest::newRow("160x120 .THM -> thumbnail") << "MVI_0001.THM"_ba << jpegOfSize(160, 120) << true;
        QTest::newRow("320x240 .thm -> thumbnail") << "GOPR.thm"_ba << jpegOfSize(320, 240) << true;
        QTest::newRow("4000x3000 .thm -> a photo under an odd name") << "IMG.thm"_ba << jpegOfSize(4000, 3000) << false;
        QTest::newRow("160x120 .jpg -> a photo") << "small.jpg"_ba << jpegOfSize(160, 120) << false;
        QTest::newRow("folder ending in .thm -> a photo") << "/a.thm/IMG"_ba << jpegOfSize(160, 120) << false;
    }
    void smallJpegBesideAMovieIsNoPhoto()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, file);
        QFETCH(bool, expected);

        QCOMPARE(isMovieThumbnail(name, file), expected);
    }

    void endings()
    {
        const Kind jpeg = kindOf(bytes("\xff\xd8\xff\xe0"));
        QVERIFY(endingAgrees("a/IMG_1.JPG", jpeg));
        QVERIFY(!endingAgrees("IMG_1.png", jpeg));
        QVERIFY(!endingAgrees("IMG_1", jpeg));
        QVERIFY(!endingAgrees("folder.jpg/IMG_1", jpeg));
        QVERIFY(endsLikePhoto("IMG.NEF"));
        QVERIFY(!endsLikePhoto("IMG.xmp"));
        QVERIFY(!endsLikePhoto("movie.mp4"));
        QVERIFY(!endsLikePhoto("jpg"));
    }
    void whatShouldBeAPhotoIsWorseSkipped()
    {
        QCOMPARE(severityWhenSkipped(photolift::ErrorCode::SelectionNotAccepted, "DSC_1.JPG"), 3);
        QCOMPARE(severityWhenSkipped(photolift::ErrorCode::SelectionNotAccepted, "clip.mov"), 2);
        QCOMPARE(severityWhenSkipped(photolift::ErrorCode::SelectionFileEmpty, "notes.txt"), 3);
    }
};

QTEST_APPLESS_MAIN(TestKind)
#include "tst_kind.moc"
