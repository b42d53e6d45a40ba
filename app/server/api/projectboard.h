#pragma once

#include "models/vocabulary/result.h"
#include "models/wire/messages.h"

#include <QList>
#include <QSqlDatabase>
#include <QString>
#include <QUuid>

#include <optional>

namespace photolift::server {

using wire::PhotoSum;
using wire::ProjectStanding;

/// A place in the order that is shown, before all of them when nothing is said; a project that changes its state meanwhile may be met twice, or not.
struct ProjectPlace {
    int rank = -1; ///< of its state: open ones come first
    qint64 key = 0;
    QString toText() const; ///< for a client, which need not know what it means
    static std::optional<ProjectPlace> fromText(QStringView text);
};

/// The projects of an account as a coordinator sees them. Changes belong into a transaction together with their audit row.
class ProjectBoard
{
public:
    explicit ProjectBoard(const QSqlDatabase &database);

    static constexpr int MostListed = 500;
    struct Listing {
        QList<ProjectStanding> projects;  ///< open ones first, then complete, then delivered; of each the newest first
        std::optional<ProjectPlace> next; ///< there are more behind this one
    };
    /// The first so many (1 to MostListed) behind this place.
    Result<Listing> list(const QString &accountId, const ProjectPlace &after = {}, int most = MostListed) const;

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

} // namespace photolift::server
