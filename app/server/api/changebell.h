#pragma once

#include "models/store/postgresaddress.h"
#include "models/vocabulary/result.h"

#include <QThread>
#include <QUuid>

#include <functional>
#include <memory>

class QSqlDatabase;

namespace photolift::server {

/// Tells the other servers on the same PostgreSQL which uploads have changed here, and is told by them (NOTIFY and LISTEN), so that a call
/// that waits at one server is woken by what another one does. Nothing depends on it for being right: who is not told looks at its
/// deadline. A connection and a thread of its own.
class ChangeBell
{
public:
    /// Called on the bell's thread; must not block.
    struct Told {
        std::function<void(const QUuid &uploadId)> changed; ///< by another server
        std::function<void()> missed; ///< the connection was away for a while, anything may have changed
    };
    ChangeBell(const store::PostgresAddress &address, Told told);
    ~ChangeBell(); ///< stop()
    ChangeBell(const ChangeBell &) = delete;
    ChangeBell &operator=(const ChangeBell &) = delete;

    /// Any thread; returns at once. What changes at nearly the same time is told together.
    void ring(const QUuid &uploadId);
    void stop();

private:
    class Ringer;
    QThread m_thread;
    std::unique_ptr<Ringer> m_ringer; ///< lives on m_thread
};

/// For a program without a bell: once the transaction of this connection is durable, every server is told that anything may have changed.
/// Nothing under SQLite, where nobody listens.
Result<> ringForAll(const QSqlDatabase &database);

} // namespace photolift::server
