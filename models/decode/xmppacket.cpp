#include "models/decode/xmppacket.h"

#include "models/decode/bytesource.h"
#include "models/decode/pictureheader.h"

#include <QStringDecoder>
#include <QXmlStreamReader>

using namespace Qt::StringLiterals;

namespace photolift::decode {

Result<QByteArray> readSidecar(const OpenPhoto &photo)
{
    if (photo.size > MostMetadataBytes)
        return Error{ErrorCode::ValidationImageTooLarge, u"%1 bytes of metadata"_s.arg(photo.size)};
    ByteSource source(photo);
    const QByteArray bytes = source.block(0, static_cast<quint64>(photo.size));
    const bool isLittle = bytes.startsWith("\xff\xfe") || bytes.startsWith(QByteArrayView("<\0", 2));
    const bool isBig = bytes.startsWith("\xfe\xff") || bytes.startsWith(QByteArrayView("\0<", 2));
    if (!isLittle && !isBig)
        return bytes.startsWith("\xef\xbb\xbf") ? bytes.sliced(3) : bytes;
    QStringDecoder decode(isLittle ? QStringDecoder::Utf16LE : QStringDecoder::Utf16BE);
    QString text = decode(bytes);
    if (text.startsWith(QChar::ByteOrderMark))
        text.remove(0, 1);
    return text.toUtf8();
}

Result<> checkWellFormed(const QByteArray &utf8)
{
    QXmlStreamReader reader(utf8);
    while (!reader.atEnd()) {
        // Entities could name files or grow without end; XMP has no use for a document type.
        if (reader.readNext() == QXmlStreamReader::DTD)
            return Error{ErrorCode::ValidationInvalidImage, u"the XMP has a document type"_s};
    }
    if (reader.error() == QXmlStreamReader::NoError)
        return {};
    const QString detail = u"line %1: %2"_s.arg(reader.lineNumber()).arg(reader.errorString());
    if (reader.error() == QXmlStreamReader::PrematureEndOfDocumentError)
        return Error{ErrorCode::ValidationTruncated, detail};
    return Error{ErrorCode::ValidationInvalidImage, detail};
}

} // namespace photolift::decode
