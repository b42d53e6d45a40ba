#pragma once

#include "models/vocabulary/records.h"
#include "models/vocabulary/result.h"

#include <QHash>
#include <QSqlDatabase>

namespace photolift::server {

/// Which project a client means. Every client makes the projects it has not heard of by itself, also without a network, so that two may give
/// two ids to one project: a person has each name once, the id that came first stays, and the others are kept as further ids of it.
/// What a client sends is read with meant() on its way in; nothing behind that door knows a further id. In the transaction at hand.
class ProjectTable
{
public:
    explicit ProjectTable(const QSqlDatabase &database);

    /// The project that this record is one more description of, by its id or else by owner and name; a further id is remembered for
    /// ever. Its own id when it is new.
    Result<QUuid> resolve(const ProjectRecord &project) const;
    /// The same for an id alone; null stays null.
    Result<QUuid> meant(const QUuid &projectId) const;
    /// The same for many, on PostgreSQL: only those that mean another one.
    Result<QHash<QUuid, QUuid>> meant(const QList<QUuid> &projectIds) const;

private:
    Result<> merge(const QUuid &further, const QUuid &project) const;

    QSqlDatabase m_database;
};

} // namespace photolift::server
