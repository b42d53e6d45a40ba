#pragma once

#include "app/server/work/uploadtable.h"

#include <optional>

namespace photolift::server {

/// Originals that ended their check and are kept (ObjectTable::State::Quarantined): the table server_quarantine. They are no photos of their projects, but
/// somebody's, and leave like photos: by the rule of the project (retentiontable.h) or the wish of their person (withdrawaltable.h), in two phases.
/// One row per person, bytes and slot; the bytes stay while there is one. In the transaction at hand.
class QuarantineTable
{
public:
    explicit QuarantineTable(const QSqlDatabase &database);

    /// The bytes of this upload are kept, or have been. What its person had there is wanted again.
    Result<> add(const Upload &upload, qint64 nowMs) const;

    struct Original {
        qint64 id = 0;
        QString clientUploadId; ///< the newest attempt with it
        QString sha256;
        qint64 size = 0;
        QString projectId;
        QString relativePath;
        std::optional<qint64> removedMs; ///< when its person removed it
    };
    /// Those of a person, behind this one in their order.
    Result<QList<Original>> originals(const QString &accountId, const QString &userId, qint64 behind, int most) const;

    /// Phase one by the rules, as of photos; false when it is not overdue any more.
    Result<QList<qint64>> overdue(qint64 nowMs, int most) const;
    Result<bool> mark(qint64 id, qint64 nowMs, bool isClockSteady) const;
    Result<int> unmark(const QUuid &projectId) const;
    /// Likewise, and their days begin then.
    Result<int> undo(const QUuid &projectId, qint64 daysBegin, qint64 nowMs) const;
    Result<int> unmarkAll() const;
    /// The last day of everything that its person has removed begins again: how many.
    Result<int> beginAnew(qint64 nowMs) const;

    /// What goes now, whoever asked for that.
    Result<QList<qint64>> due(qint64 nowMs, int most) const;
    /// Phase two, with its record. False when its time has not come, after all.
    Result<bool> remove(qint64 id, qint64 nowMs, std::optional<int> backupsKeptDays) const;

private:
    QSqlDatabase m_database;
};

} // namespace photolift::server
