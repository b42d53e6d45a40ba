#include "app/server/api/projectboard.h"

#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

/// As the statement below orders them.
int rankOf(const QString &state)
{
    return state == "open"_L1 ? 0 : state == "complete"_L1 ? 1 : 2;
}

} // namespace

QString ProjectPlace::toText() const
{
    return u"%1-%2"_s.arg(rank).arg(key);
}

std::optional<ProjectPlace> ProjectPlace::fromText(QStringView text)
{
    const qsizetype dash = text.indexOf(u'-');
    bool isRank = false;
    bool isKey = false;
    const ProjectPlace place{text.first(std::max<qsizetype>(dash, 0)).toInt(&isRank), text.sliced(dash + 1).toLongLong(&isKey)};
    return isRank && isKey && place.rank >= 0 && place.key > 0 ? std::optional(place) : std::nullopt;
}

ProjectBoard::ProjectBoard(const QSqlDatabase &database)
    : m_database(database)
{
}

Result<ProjectBoard::Listing> ProjectBoard::list(const QString &accountId, const ProjectPlace &after, int most) const
{
    // A photo has arrived when one of its attempts has, also one that has had its days (server_arrived); a conversion on the way makes its bytes fewer than were announced, so that bytes are
    // missing only where photos are.
    auto query = execute(
        m_database,
        "WITH mine AS ("
        " SELECT p.project_key, p.project_id, p.project_name, p.state, p.is_active, s.user_name FROM dim_projects p"
        " JOIN dim_users u ON u.user_key = p.owner_user_key JOIN server_users s ON s.user_id = u.user_id"
        " WHERE s.account_id = ? AND p.project_name IS NOT NULL"
        " AND (CASE p.state WHEN 'open' THEN 0 WHEN 'complete' THEN 1 ELSE 2 END > ?"
        " OR CASE p.state WHEN 'open' THEN 0 WHEN 'complete' THEN 1 ELSE 2 END = ? AND p.project_key < ?)"
        " ORDER BY CASE p.state WHEN 'open' THEN 0 WHEN 'complete' THEN 1 ELSE 2 END, p.project_key DESC LIMIT ?),"
        " arrived AS ("
        " SELECT o.batch_key, count(*) AS photos, sum(o.bytes) AS bytes FROM (SELECT n.batch_key, n.item_id, max(n.bytes) AS bytes FROM ("
        "  SELECT a.batch_key, a.item_id, a.file_size_bytes AS bytes FROM mine m JOIN dim_batches b ON b.project_key = m.project_key"
        "  JOIN fact_upload_attempts a ON a.batch_key = b.batch_key JOIN dim_upload_status s ON s.upload_status_key = a.upload_status_key"
        "  WHERE s.is_success_state AND a.row_version > 0"
        "  UNION ALL SELECT r.batch_key, r.item_id, r.bytes FROM mine m JOIN dim_batches b ON b.project_key = m.project_key"
        "  JOIN server_arrived r ON r.batch_key = b.batch_key) n GROUP BY n.batch_key, n.item_id) o GROUP BY o.batch_key),"
        " batches AS ("
        " SELECT b.project_key, b.num_photos, b.total_bytes, coalesce(r.photos, 0) AS photos, coalesce(r.bytes, 0) AS bytes,"
        " CASE WHEN b.num_photos > coalesce(r.photos, 0) THEN 1 ELSE 0 END AS lacks"
        " FROM mine m JOIN dim_batches b ON b.project_key = m.project_key LEFT JOIN arrived r ON r.batch_key = b.batch_key)"
        " SELECT m.project_id, m.project_name, m.user_name, m.state, m.is_active, count(b.project_key),"
        " count(b.project_key) - count(b.num_photos), CAST(coalesce(sum(b.num_photos), 0) AS bigint), CAST(coalesce(sum(b.total_bytes), 0) AS bigint),"
        " CAST(coalesce(sum(b.photos), 0) AS bigint), CAST(coalesce(sum(b.bytes), 0) AS bigint),"
        " CAST(coalesce(sum(b.lacks * (b.num_photos - b.photos)), 0) AS bigint),"
        " CAST(coalesce(sum(CASE WHEN b.lacks = 1 AND b.total_bytes > b.bytes THEN b.total_bytes - b.bytes ELSE 0 END), 0) AS bigint), m.project_key"
        " FROM mine m LEFT JOIN batches b ON b.project_key = m.project_key"
        " GROUP BY m.project_key, m.project_id, m.project_name, m.user_name, m.state, m.is_active"
        " ORDER BY CASE m.state WHEN 'open' THEN 0 WHEN 'complete' THEN 1 ELSE 2 END, m.project_key DESC"_L1,
        {accountId, after.rank, after.rank, after.key, most + 1});
    if (!query)
        return query.error();
    Listing listing;
    ProjectPlace last;
    while (query->next()) {
        if (listing.projects.size() == most) {
            listing.next = last;
            break;
        }
        const auto number = [&query](int column) { return query->value(column).toLongLong(); };
        ProjectStanding project;
        project.projectId = QUuid::fromString(query->value(0).toString());
        project.name = query->value(1).toString();
        project.owner = query->value(2).toString();
        project.state = query->value(3).toString();
        project.isActive = query->value(4).toBool();
        project.batches = number(5);
        project.uncounted = number(6);
        project.expected = {number(7), number(8)};
        project.arrived = {number(9), number(10)};
        project.missing = {number(11), number(12)};
        last = {rankOf(project.state), number(13)};
        listing.projects.append(project);
    }
    return listing;
}

Result<std::optional<ProjectBoard::Said>> ProjectBoard::said(const QString &accountId, const QUuid &projectId) const
{
    Result<Answer> query = execute(m_database,
                                   "SELECT p.state, p.is_active FROM dim_projects p JOIN dim_users u ON u.user_key = p.owner_user_key"
                                   " JOIN server_users s ON s.user_id = u.user_id"
                                   " WHERE p.project_id = ? AND s.account_id = ? AND p.project_name IS NOT NULL"_L1,
                                   {idText(projectId), accountId});
    if (!query)
        return query.error();
    if (!query->next())
        return std::optional<Said>();
    return std::optional(Said{query->value(0).toString(), query->value(1).toBool()});
}

Result<> ProjectBoard::say(const QUuid &projectId, const Said &said) const
{
    return withoutValue(change(m_database, "UPDATE dim_projects SET state = ?, is_active = ? WHERE project_id = ?"_L1,
                               {said.state, said.isActive, idText(projectId)}));
}

} // namespace photolift::server
