#pragma once

#include "models/store/outboxtable.h"
#include "models/store/statements.h"

namespace photolift::store {

/// Tells a server whose database was made anew everything this list knows, also what only the old one had written: its stages, its
/// errors, the ends of attempts. The rows go into the outbox a few attempts at a time, whenever it has run dry, so that a list of a
/// million photos needs no second copy of itself on the disk. Where it stands is kept in the settings: a kill on the way costs nothing.
/// Of an attempt under way the server's rows are left out: it is brought to that server again and gets new ones.
/// On the recorder's thread; the caller owns the transaction.
class Retelling
{
public:
    Retelling(Statements &statements, OutboxTable &outbox)
        : m_statements(statements)
        , m_outbox(outbox)
    {
    }

    /// Projects and drops are due at once, all else from the front. One that is under way begins again.
    Result<> begin();
    /// True: the next rows may be in the outbox now, ask again. False: all is told, or nobody asked for it.
    Result<bool> goOn();

private:
    Result<QString> tellAttempts(const QString &after);
    Result<QString> tellHeartbeats(const QString &after);
    template <typename Record>
    Result<> tell(wire::MirrorEvent::Kind kind, const Record &record, const QString &key, const QUuid &eventId = {});

    Statements &m_statements;
    OutboxTable &m_outbox;
};

} // namespace photolift::store
