#include "models/pipeline/agreedupload.h"

using namespace Qt::StringLiterals;

namespace photolift::pipeline {

AgreedUpload::AgreedUpload(const store::WorkList::Progress &progress)
    : m_id(progress.uploadId)
    , m_partBytes(progress.partBytes)
{
}

void AgreedUpload::guessPartBytes(const std::optional<wire::Info> &info)
{
    if (m_partBytes <= 0)
        m_partBytes = info ? info->partBytes : wire::PartBytes;
}

QList<wire::PartOrder> AgreedUpload::firstParts(const photo::FileHash &hash, int most) const
{
    QList<wire::PartOrder> parts;
    const qsizetype count = std::min<qsizetype>({hash.partDigests.size(), most, wire::MaxLinksPerCall});
    for (int number = 1; number <= count; ++number) {
        const qint64 size = std::min(m_partBytes, hash.size - (number - 1) * m_partBytes);
        parts.append({number, size, QString::fromLatin1(hash.partDigests.at(number - 1).toHex())});
    }
    return parts;
}

bool AgreedUpload::agree(const wire::Offer &offer, const photo::FileHash &hash)
{
    m_id = offer.uploadId;
    const bool hasOurParts = offer.partBytes == m_partBytes;
    m_partBytes = offer.partBytes;
    m_held.clear();
    for (const wire::HeldPart &part : offer.parts) {
        const bool isOurs = part.number >= 1 && part.number <= hash.partDigests.size()
            && part.checksum == QString::fromLatin1(hash.partDigests.at(part.number - 1).toHex());
        if (isOurs && hasOurParts)
            m_held.insert(part.number);
    }
    m_links = offer.links;
    m_resumedParts = int(m_held.size());
    m_ackedBytes = std::min(hash.size, m_resumedParts * m_partBytes);
    return hasOurParts;
}

TransferOrder AgreedUpload::order(const photo::FileHash &hash)
{
    TransferOrder order;
    order.uploadId = m_id;
    order.partBytes = m_partBytes;
    order.size = hash.size;
    order.partDigests = hash.partDigests;
    order.held = m_held;
    order.links = std::exchange(m_links, {});
    return order;
}

void AgreedUpload::acknowledged(const store::PartAcknowledged &part)
{
    m_held.insert(part.number);
    m_ackedBytes += part.size;
    m_sentBytes += part.size;
}

QJsonObject AgreedUpload::metadata(const photo::FileHash &hash) const
{
    return {{u"parts"_s, hash.partDigests.size()},
            {u"parts_resumed"_s, m_resumedParts},
            {u"part_bytes"_s, m_partBytes},
            {u"bytes_sent"_s, m_sentBytes}};
}

void AgreedUpload::forget()
{
    m_id = {};
    m_partBytes = 0;
    m_held.clear();
    m_ackedBytes = 0;
}

} // namespace photolift::pipeline
