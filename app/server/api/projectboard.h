#pragma once

#include "models/vocabulary/result.h"

#include <QList>
#include <QSqlDatabase>
#include <QString>
#include <QUuid>

#include <optional>

namespace photolift::server {

/// A number of photos and their bytes.
struct PhotoSum {
    qint64 photos = 0;
    qint64 bytes = 0;
};

/// How a project stands. What is missing is summed batch by batch: a photo too many in one makes up for none in another.
struct ProjectStanding {
    QUuid projectId;
    QString name;
    QString owner;    ///< the person's name
    QString state;    ///< open, complete, delivered
    bool isActive = true;
    qint64 batches = 0;
    qint64 uncounted = 0; ///< of these, not walked through yet: nothing is expected of them so far
    PhotoSum expected;    ///< what the batches announced
    PhotoSum arrived;     ///< succeeded, or a duplicate of what was there
    PhotoSum missing;     ///< expected and not arrived
};

/// The projects of an account as a coordinator sees them. Changes belong into a transaction together with their audit row.
class ProjectBoard
{
public:
    explicit ProjectBoard(const QSqlDatabase &database);

    static constexpr int MostListed = 500;
    struct Listing {
        QList<ProjectStanding> projects; ///< open ones first, then complete, then delivered; of each the newest first
        bool isCut = false;              ///< there are more
    };
    Result<Listing> list(const QString &accountId) const;

    struct Said {
        QString state;
        bool isActive = true;
    };
    /// nullopt: the account has no such project.
    Result<std::optional<Said>> said(const QString &accountId, const QUuid &projectId) const;
    Result<> say(const QUuid &projectId, const Said &said) const;

private:
    QSqlDatabase m_database;
};

/// open, complete or delivered
bool isProjectState(const QString &state);

} // namespace photolift::server
