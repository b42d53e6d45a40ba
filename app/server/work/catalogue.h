#pragma once

#include "models/vocabulary/records.h"
#include "models/vocabulary/result.h"

#include <QSqlDatabase>

namespace photolift::server {

class ObjectStore;

/// What new uploads may still use. What is retired stays for the facts that name it, and what is under way goes on.
class Catalogue
{
public:
    explicit Catalogue(const QSqlDatabase &database);

    /// PROJECT_DELETED: the project is retired.
    Result<> checkProject(const QUuid &projectId) const;
    /// API_CLIENT_TOO_OLD: the app version is retired.
    Result<> checkAppVersion(const QString &version) const;
    /// SELECTION_NOT_ACCEPTED: the photo type is retired, whatever the ending.
    Result<> checkPhotoType(const QString &name) const;
    /// STORAGE_NOT_READY: the location is retired.
    Result<> checkLocation(const QString &location) const;

    /// By their name, on all platforms, with all endings, in all regions; false: nobody has told of such a one.
    Result<bool> setAppVersionActive(const QString &version, bool isActive) const;
    Result<bool> setPhotoTypeActive(const QString &name, bool isActive) const;
    Result<bool> setLocationActive(const QString &provider, bool isActive) const;

private:
    QSqlDatabase m_database;
};

/// The name that objects of this store have in dim_storage_locations.
QString locationOf(const ObjectStore &store);

} // namespace photolift::server
