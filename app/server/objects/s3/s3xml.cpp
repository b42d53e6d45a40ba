#include "app/server/objects/s3/s3xml.h"

#include <QXmlStreamReader>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

QByteArray textOf(QXmlStreamReader &xml)
{
    return xml.readElementText(QXmlStreamReader::SkipChildElements).toUtf8();
}

QDateTime instantOf(QXmlStreamReader &xml)
{
    return QDateTime::fromString(xml.readElementText(QXmlStreamReader::SkipChildElements), Qt::ISODateWithMs).toUTC();
}

QByteArray unquoted(QByteArray etag)
{
    return etag.replace('"', QByteArray());
}

S3Listed entryFrom(QXmlStreamReader &xml)
{
    S3Listed entry;
    while (xml.readNextStartElement()) {
        if (xml.name() == "Key"_L1)
            entry.key = textOf(xml);
        else if (xml.name() == "UploadId"_L1)
            entry.uploadId = textOf(xml);
        else if (xml.name() == "Initiated"_L1 || xml.name() == "LastModified"_L1)
            entry.since = instantOf(xml);
        else if (xml.name() == "Size"_L1)
            entry.size = textOf(xml).toLongLong();
        else
            xml.skipCurrentElement();
    }
    return entry;
}

S3Page pageFrom(const QByteArray &document, QLatin1StringView entryName)
{
    S3Page page;
    QXmlStreamReader xml(document);
    xml.readNextStartElement(); // the list itself
    while (xml.readNextStartElement()) {
        if (xml.name() == entryName)
            page.entries.append(entryFrom(xml));
        else if (xml.name() == "IsTruncated"_L1)
            page.isTruncated = textOf(xml) == "true";
        else if (xml.name() == "NextKeyMarker"_L1)
            page.nextKey = textOf(xml);
        else if (xml.name() == "NextUploadIdMarker"_L1)
            page.nextUploadId = textOf(xml);
        else if (xml.name() == "NextContinuationToken"_L1)
            page.continuation = textOf(xml);
        else
            xml.skipCurrentElement();
    }
    return page;
}

StoredPart partFrom(QXmlStreamReader &xml, QDateTime &lastWritten)
{
    StoredPart part;
    while (xml.readNextStartElement()) {
        if (xml.name() == "PartNumber"_L1)
            part.number = textOf(xml).toInt();
        else if (xml.name() == "Size"_L1)
            part.size = textOf(xml).toLongLong();
        else if (xml.name() == "ETag"_L1)
            part.checksum = QString::fromLatin1(unquoted(textOf(xml)));
        else if (xml.name() == "LastModified"_L1)
            lastWritten = std::max(lastWritten, instantOf(xml));
        else
            xml.skipCurrentElement();
    }
    return part;
}

} // namespace

QByteArray uploadIdFrom(const QByteArray &document)
{
    QXmlStreamReader xml(document);
    xml.readNextStartElement();
    while (xml.readNextStartElement()) {
        if (xml.name() == "UploadId"_L1)
            return textOf(xml);
        xml.skipCurrentElement();
    }
    return {};
}

bool saysCompleted(const QByteArray &document)
{
    QXmlStreamReader xml(document);
    return xml.readNextStartElement() && xml.name() == "CompleteMultipartUploadResult"_L1;
}

S3Page uploadsFrom(const QByteArray &xml)
{
    return pageFrom(xml, "Upload"_L1);
}

S3Page objectsFrom(const QByteArray &xml)
{
    return pageFrom(xml, "Contents"_L1);
}

S3PartPage partsFrom(const QByteArray &document)
{
    S3PartPage page;
    QXmlStreamReader xml(document);
    xml.readNextStartElement();
    while (xml.readNextStartElement()) {
        if (xml.name() == "Part"_L1)
            page.parts.append(partFrom(xml, page.lastWritten));
        else if (xml.name() == "IsTruncated"_L1)
            page.isTruncated = textOf(xml) == "true";
        else if (xml.name() == "NextPartNumberMarker"_L1)
            page.nextMarker = textOf(xml).toInt();
        else
            xml.skipCurrentElement();
    }
    return page;
}

QByteArray completionOf(const QList<StoredPart> &parts)
{
    QByteArray xml = "<CompleteMultipartUpload>";
    for (const StoredPart &part : parts)
        xml += "<Part><PartNumber>" + QByteArray::number(part.number) + "</PartNumber><ETag>\"" + part.checksum.toLatin1() + "\"</ETag></Part>";
    return xml + "</CompleteMultipartUpload>";
}

} // namespace photolift::server
