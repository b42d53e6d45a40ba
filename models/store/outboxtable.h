#pragma once

#include "models/store/outbox.h"
#include "models/store/statements.h"

#include "models/wire/messages.h"

#include <QSet>

namespace photolift::store {

/// The outbox as a table. All on the recorder's thread; the caller owns the transaction of what writes.
class OutboxTable
{
public:
    explicit OutboxTable(Statements &statements)
        : m_statements(statements)
    {
    }

    /// Puts a row to be mirrored. An unsent older version of the same row (`rowKey`) is replaced where it stands, so that parents
    /// stay in front of their children; unless the mirror holds it in its hands: then the new version gets a line of its own.
    Result<> put(const wire::MirrorEvent &event, const QString &rowKey);

    Result<QList<OutboxRow>> oldest(int limit);
    /// Also drops what was sent more than 24 h before `nowMs`, and older versions of the rows just sent.
    Result<> markSent(const QList<qint64> &sequences, qint64 nowMs);
    /// Once that is committed, not before: until then the rows are in the mirror's hands. A newer version that took their place would
    /// be marked as sent when the batch goes out a second time, and never arrive.
    void noteSettled(const QList<qint64> &sequences);
    Result<> sendAgain(qint64 nowMs);
    Result<qint64> depth();

private:
    Statements &m_statements;
    /// Sequences that oldest() gave out and nobody confirmed yet. In memory only: after a crash nothing is in anybody's hands.
    QSet<qint64> m_handedOut;
};

} // namespace photolift::store
