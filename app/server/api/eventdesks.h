#pragma once

#include "app/server/api/eventbatch.h"
#include "app/server/api/ownership.h"
#include "app/server/api/recall.h"
#include "app/server/work/projecttable.h"
#include "app/server/work/purgedids.h"
#include "app/server/work/uploadtable.h"
#include "models/store/starbatch.h"

#include <QHash>

namespace photolift::server {

/// Each event reads and writes for itself; on either engine.
class OneByOneDesk
{
public:
    static constexpr bool CanRecall = true;
    Writing &writing() const { return m_writing; }

    OneByOneDesk(Writing &writing, const Caller &caller)
        : m_writing(writing)
        , m_caller(caller)
    {
    }

    Result<QUuid> resolve(const ProjectRecord &project) const { return ProjectTable(m_writing.database).resolve(project); }
    Result<QUuid> meant(const QUuid &projectId) const { return ProjectTable(m_writing.database).meant(projectId); }
    Result<> checkOwnProject(const QUuid &id) const { return server::checkOwnProject(m_writing.database, m_caller, id); }
    Result<> checkOwnBatch(const QUuid &id) const { return server::checkOwnBatch(m_writing.database, m_caller, id); }
    Result<> checkOwnAttempt(const QUuid &id) const { return server::checkOwnAttempt(m_writing.database, m_caller, id); }
    Result<std::optional<Upload>> uploadOf(const QUuid &clientUploadId) const { return uploads().currentOf(clientUploadId); }
    Result<> saveAttempt(const Upload &upload) const { return uploads().saveAttempt(upload); }
    Result<> saveTold(Upload &upload) const { return uploads().save(upload); }
    /// When the names of this attempt, item or batch were purged; nullopt: they were not.
    Result<std::optional<qint64>> purgedMs(const QUuid &id) const { return PurgedIds(m_writing.database).purgedMs(id); }

    template <typename... Told> Result<> write(const Told &...told)
    {
        const Result<store::StarWriter::Outcome> outcome = m_writing.star.write(told...);
        if (!outcome)
            return outcome.error();
        applied += *outcome == store::StarWriter::Outcome::Applied ? 1 : 0;
        return {};
    }

    int applied = 0; ///< events that changed something

private:
    UploadTable uploads() const { return UploadTable(m_writing.database); }

    Writing &m_writing;
    const Caller &m_caller;
};

/// Everything the batch needs is read before its first event, and everything it says is written after its last one; on PostgreSQL. Its
/// projects have come before: an id of theirs may mean another one from then on.
class AtOnceDesk
{
public:
    static constexpr bool CanRecall = false; // batches that do take the other desk

    AtOnceDesk(Writing &writing, const Caller &caller)
        : m_writing(writing)
        , m_caller(caller)
    {
    }

    Result<> open(const EventBatch &batch);
    /// The number of events that changed something.
    Result<int> close();

    Result<QUuid> resolve(const ProjectRecord &) const { return Error{ErrorCode::InternalUnknown, QStringLiteral("projects come first")}; }
    Result<QUuid> meant(const QUuid &projectId) const { return m_meant.value(projectId, projectId); }
    Result<> checkOwnProject(const QUuid &id) const { return checkOwn(id); }
    Result<> checkOwnBatch(const QUuid &id) const { return checkOwn(id); }
    Result<> checkOwnAttempt(const QUuid &id) const { return checkOwn(id); }
    Result<std::optional<Upload>> uploadOf(const QUuid &clientUploadId) const;
    Result<> saveAttempt(const Upload &upload);
    Result<> saveTold(Upload &upload);
    Result<std::optional<qint64>> purgedMs(const QUuid &id) const
    {
        const auto found = m_purged.constFind(id);
        return found == m_purged.cend() ? std::nullopt : std::optional(*found);
    }
    template <typename... Told> Result<> write(const Told &...told) { return m_star.write(told...); }

private:
    struct Known {
        UploadTable::Changed row;
        bool isChanged = false;
    };
    Result<> checkOwn(const QUuid &id) const;

    Writing &m_writing;
    const Caller &m_caller;
    store::StarBatch m_star;
    QHash<QUuid, QUuid> m_meant;    ///< projects by their further ids
    QHash<QUuid, qint64> m_purged;  ///< attempts, items and batches, and when
    QSet<QUuid> m_foreign;          ///< ids that are another account's
    QHash<QUuid, Known> m_uploads;  ///< by attempt
};

} // namespace photolift::server
