#include "app/server/work/catalogue.h"

#include "app/server/objects/objectstore.h"
#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

Result<> refusedIfFound(Result<Answer> retired, Error refusal)
{
    if (!retired)
        return retired.error();
    return retired->next() ? Result<>(std::move(refusal)) : Result<>();
}

} // namespace

Catalogue::Catalogue(const QSqlDatabase &database)
    : m_database(database)
{
}

Result<> Catalogue::checkProject(const QUuid &projectId) const
{
    return refusedIfFound(execute(m_database, "SELECT 1 FROM dim_projects WHERE project_id = ? AND NOT is_active"_L1, {idText(projectId)}),
                          {ErrorCode::ProjectDeleted, u"the project is retired"_s});
}

Result<> Catalogue::checkAppVersion(const QString &version) const
{
    return refusedIfFound(
        execute(m_database, "SELECT 1 FROM dim_app_versions WHERE app_version_number = ? AND NOT is_active"_L1, {version}),
        {ErrorCode::ApiClientTooOld, u"the app version is retired"_s});
}

Result<> Catalogue::checkPhotoType(const QString &name) const
{
    return refusedIfFound(execute(m_database, "SELECT 1 FROM dim_photo_types WHERE photo_type_name = ? AND NOT is_active"_L1, {name}),
                          {ErrorCode::SelectionNotAccepted, u"the photo type is retired"_s});
}

Result<> Catalogue::checkLocation(const QString &location) const
{
    return refusedIfFound(execute(m_database, "SELECT 1 FROM dim_storage_locations WHERE storage_provider = ? AND NOT is_active"_L1, {location}),
                          {ErrorCode::StorageNotReady, u"the storage location is retired"_s});
}

Result<bool> Catalogue::setAppVersionActive(const QString &version, bool isActive) const
{
    const Result<int> set = change(m_database, "UPDATE dim_app_versions SET is_active = ? WHERE app_version_number = ? AND app_version_key > 0"_L1,
                                   {isActive, version});
    return set ? Result<bool>(*set > 0) : Result<bool>(set.error());
}

Result<bool> Catalogue::setPhotoTypeActive(const QString &name, bool isActive) const
{
    const Result<int> set =
        change(m_database, "UPDATE dim_photo_types SET is_active = ? WHERE photo_type_name = ? AND photo_type_key > 0"_L1, {isActive, name});
    return set ? Result<bool>(*set > 0) : Result<bool>(set.error());
}

Result<bool> Catalogue::setLocationActive(const QString &provider, bool isActive) const
{
    const Result<int> set = change(m_database,
                                   "UPDATE dim_storage_locations SET is_active = ? WHERE storage_provider = ? AND storage_location_key > 0"_L1,
                                   {isActive, provider});
    return set ? Result<bool>(*set > 0) : Result<bool>(set.error());
}

QString locationOf(const ObjectStore &store)
{
    return store.partChecksum() == "sha256"_L1 ? u"folder"_s : u"s3"_s;
}

} // namespace photolift::server
