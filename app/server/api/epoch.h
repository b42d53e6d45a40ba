#pragma once

#include "models/vocabulary/result.h"

#include <QSqlDatabase>
#include <QString>

#include <mutex>

namespace photolift::server {

/// The name of what these records are, made when one of our connections first meets them: clients that meet another one than before tell again
/// what they told last, for a database that was put back from a copy, or a standby that was promoted before it had everything, has lost it.
/// PostgreSQL's own marks show that: another cluster (a dump read into it), another database (restored beside the old one), another timeline (a
/// standby took over, or its files were set back). SQLite has none: its epoch is that of the file, wherever it is copied to. Thread-safe.
class Epoch
{
public:
    /// From now on it is that of the database behind this connection, which nobody has been served from yet.
    Result<> meet(const QSqlDatabase &database);
    QString current() const; ///< empty before the first meeting

private:
    mutable std::mutex m_mutex; ///< guards m_current
    QString m_current;
};

} // namespace photolift::server
