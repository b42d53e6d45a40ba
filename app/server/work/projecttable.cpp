#include "app/server/work/projecttable.h"

#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

/// First column of the first row; invalid without a row.
Result<QVariant> value(const QSqlDatabase &database, QLatin1StringView sql, const QVariantList &values)
{
    Result<Answer> query = execute(database, sql, values);
    if (!query)
        return query.error();
    return query->next() ? query->value(0) : QVariant();
}

} // namespace

ProjectTable::ProjectTable(const QSqlDatabase &database)
    : m_database(database)
{
}

Result<QUuid> ProjectTable::meant(const QUuid &projectId) const
{
    if (projectId.isNull())
        return projectId;
    const Result<QVariant> found =
        value(m_database, "SELECT project_id FROM server_project_ids WHERE further_id = ?"_L1, {idText(projectId)});
    if (!found)
        return found.error();
    return found->isValid() ? QUuid::fromString(found->toString()) : projectId;
}

Result<QHash<QUuid, QUuid>> ProjectTable::meant(const QList<QUuid> &projectIds) const
{
    Result<Answer> query = execute(m_database,
                                   "SELECT p.further_id, p.project_id FROM unnest(?::text[]) AS g (id)"
                                   " JOIN server_project_ids p ON p.further_id = g.id"_L1,
                                   {idList(projectIds)});
    if (!query)
        return query.error();
    QHash<QUuid, QUuid> ids;
    while (query->next())
        ids.insert(QUuid::fromString(query->value(0).toString()), QUuid::fromString(query->value(1).toString()));
    return ids;
}

Result<QUuid> ProjectTable::resolve(const ProjectRecord &project) const
{
    const Result<QUuid> meantId = meant(project.projectId);
    if (!meantId || *meantId != project.projectId)
        return meantId;
    // Known by its id: a name says nothing more, it may have been changed.
    const Result<QVariant> known = value(
        m_database, "SELECT project_key FROM dim_projects WHERE project_id = ? AND project_name IS NOT NULL"_L1, {idText(project.projectId)});
    if (!known)
        return known.error();
    if (known->isValid())
        return project.projectId;
    const Result<QVariant> namesake = value(m_database,
                                            "SELECT p.project_id FROM dim_projects p JOIN dim_users u ON u.user_key = p.owner_user_key"
                                            " WHERE u.user_id = ? AND p.project_name = ? AND p.project_key > 0 ORDER BY p.project_key LIMIT 1"_L1,
                                            {project.ownerUserId, project.name});
    if (!namesake)
        return namesake.error();
    if (!namesake->isValid())
        return project.projectId;
    const QUuid first = QUuid::fromString(namesake->toString());
    const Result<int> noted = change(m_database, "INSERT INTO server_project_ids (further_id, project_id) VALUES (?, ?)"_L1,
                                     {idText(project.projectId), idText(first)});
    if (!noted)
        return noted.error();
    if (const Result<> merged = merge(project.projectId, first); !merged)
        return merged.error();
    return first;
}

/// Rows that came before their project and knew only its further id.
Result<> ProjectTable::merge(const QUuid &further, const QUuid &project) const
{
    const Result<QVariant> nameless =
        value(m_database, "SELECT project_key FROM dim_projects WHERE project_id = ?"_L1, {idText(further)});
    if (!nameless)
        return nameless.error();
    if (!nameless->isValid())
        return {};
    const Result<QVariant> key = value(m_database, "SELECT project_key FROM dim_projects WHERE project_id = ?"_L1, {idText(project)});
    if (!key)
        return key.error();
    for (const QLatin1StringView sql : {"UPDATE dim_batches SET project_key = ? WHERE project_key = ?"_L1,
                                        "UPDATE fact_upload_attempts SET project_key = ? WHERE project_key = ?"_L1}) {
        if (const Result<int> moved = change(m_database, sql, {*key, *nameless}); !moved)
            return moved.error();
    }
    const Result<int> removed = change(m_database, "DELETE FROM dim_projects WHERE project_key = ?"_L1, {*nameless});
    return removed ? Result<>() : Result<>(removed.error());
}

} // namespace photolift::server
