#pragma once

#include "models/photo/hasher.h"
#include "models/pipeline/transferstep.h"
#include "models/store/worklist.h"

namespace photolift::pipeline {

/// The upload of one attempt as it was agreed on with the server: its id, how large its parts are, which of them the server holds, and
/// how far the rest has come. A plain value; whoever has it asks and sends.
class AgreedUpload
{
public:
    AgreedUpload() = default;
    /// As an earlier run of the program left it.
    explicit AgreedUpload(const store::WorkList::Progress &progress);

    const QUuid &id() const { return m_id; } ///< null as long as nothing is agreed on
    qint64 partBytes() const { return m_partBytes; }
    qint64 ackedBytes() const { return m_ackedBytes; } ///< the server has them
    qint64 sentBytes() const { return m_sentBytes; }   ///< by this run

    /// Before the server was asked: as its info says, or as usual.
    void guessPartBytes(const std::optional<wire::Info> &info);
    /// The first parts to travel when the answer is there, for the question.
    QList<wire::PartOrder> firstParts(const photo::FileHash &hash, int most) const;
    /// What the server answered. False: it wants parts of another size, and the file is hashed again.
    bool agree(const wire::Offer &offer, const photo::FileHash &hash);
    /// What is left to send; the links of the offer are given away, once.
    TransferOrder order(const photo::FileHash &hash);
    void acknowledged(const store::PartAcknowledged &part);
    void dropLinks() { m_links.clear(); }
    /// For the row of the transfer.
    QJsonObject metadata(const photo::FileHash &hash) const;
    /// The file begins again. What was sent stays counted.
    void forget();

private:
    QUuid m_id;
    qint64 m_partBytes = 0;
    QSet<int> m_held;
    QList<wire::PartLink> m_links; ///< used by the first run of the transfer only
    int m_resumedParts = 0;
    qint64 m_ackedBytes = 0;
    qint64 m_sentBytes = 0;
};

} // namespace photolift::pipeline
