#include "app/server/work/reprocessfilter.h"

#include "models/vocabulary/errorcode.h"

#include <QDateTime>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTimeZone>
#include <QUuid>

#include <array>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

enum class Kind {
    Text,
    Id,
    Code,
    StageName,
    Day, // UTC
};

struct Column {
    const char *name;
    Kind kind;
    const char *sql; ///< with one place for the value
};

#define PHOTOLIFT_ATTEMPT "SELECT 1 FROM fact_upload_attempts f"
#define PHOTOLIFT_IS_ITS "f.client_upload_id = a.client_upload_id{::uuid}"
#define PHOTOLIFT_PHOTO PHOTOLIFT_ATTEMPT " JOIN dim_photos p ON p.upload_id = f.upload_id{ AND p.date_key = f.date_key}"
constexpr std::array<Column, 12> Columns{{
    {"project", Kind::Id, "a.project_id = ?"},
    {"account", Kind::Text, "EXISTS (SELECT 1 FROM server_accounts c WHERE c.account_id = a.account_id AND c.account_name = ?)"},
    {"user", Kind::Text,
     "EXISTS (" PHOTOLIFT_ATTEMPT " JOIN dim_users d ON d.user_key = f.user_key JOIN server_users s ON s.user_id = d.user_id"
     " WHERE " PHOTOLIFT_IS_ITS " AND s.user_name = ?)"},
    {"media_type", Kind::Text, "u.media_type = ?"},
    {"photo_type", Kind::Text,
     "EXISTS (" PHOTOLIFT_PHOTO " JOIN dim_photo_types t ON t.photo_type_key = p.photo_type_key WHERE " PHOTOLIFT_IS_ITS
     " AND t.photo_type_name = ?)"},
    {"camera_make", Kind::Text, "EXISTS (" PHOTOLIFT_PHOTO " WHERE " PHOTOLIFT_IS_ITS " AND p.extracted_metadata ->> 'make' = ?)"},
    {"camera_model", Kind::Text, "EXISTS (" PHOTOLIFT_PHOTO " WHERE " PHOTOLIFT_IS_ITS " AND p.extracted_metadata ->> 'model' = ?)"},
    {"app_version", Kind::Text,
     "EXISTS (" PHOTOLIFT_ATTEMPT " JOIN dim_app_versions v ON v.app_version_key = f.app_version_key"
     " WHERE " PHOTOLIFT_IS_ITS " AND v.app_version_number = ?)"},
    {"uploaded_after", Kind::Day, "a.created_ms >= ?"},
    {"uploaded_before", Kind::Day, "a.created_ms < ?"},
    {"error", Kind::Code,
     "EXISTS (" PHOTOLIFT_ATTEMPT " JOIN fact_upload_errors e ON e.upload_id = f.upload_id{ AND e.date_key = f.date_key}"
     " WHERE " PHOTOLIFT_IS_ITS " AND e.error_code = ?)"},
    {"failed_stage", Kind::StageName,
     "EXISTS (" PHOTOLIFT_ATTEMPT " JOIN fact_upload_stages g ON g.upload_id = f.upload_id{ AND g.date_key = f.date_key}"
     " WHERE " PHOTOLIFT_IS_ITS " AND NOT g.is_successful AND g.stage_name = ?)"},
}};
#undef PHOTOLIFT_PHOTO
#undef PHOTOLIFT_IS_ITS
#undef PHOTOLIFT_ATTEMPT

const Column *columnNamed(QStringView name)
{
    for (const Column &column : Columns) {
        if (name == QLatin1StringView(column.name))
            return &column;
    }
    return nullptr;
}

/// A day is its first moment (UTC).
std::optional<qint64> dayFrom(const QString &text)
{
    const QDate day = QDate::fromString(text, Qt::ISODate);
    return day.isValid() ? std::optional(QDateTime(day, QTime(0, 0), QTimeZone::utc()).toMSecsSinceEpoch()) : std::nullopt;
}

/// Empty: it can be one of this kind.
QString whatIsWrong(const Column &column, const QString &value)
{
    const QLatin1StringView name(column.name);
    constexpr qsizetype MostCharacters = 200;
    if (value.isEmpty() || value.size() > MostCharacters)
        return u"%1 needs a value of 1 to 200 characters"_s.arg(name);
    switch (column.kind) {
    case Kind::Text: return {};
    case Kind::Id: return QUuid::fromString(value).isNull() ? u"%1 is an id, as project list prints it"_s.arg(name) : QString();
    case Kind::Code: return value == errorName(errorFromName(value)) ? QString() : u"%1 is a code such as PROCESSING_DECODE_FAILED"_s.arg(name);
    case Kind::StageName: return stageFromName(value) ? QString() : u"%1 is a stage such as metadata_extraction"_s.arg(name);
    case Kind::Day: return dayFrom(value) ? QString() : u"%1 is a day (UTC) such as 2026-12-01"_s.arg(name);
    }
    return {};
}

QVariant boundAs(Kind kind, const QString &value)
{
    switch (kind) {
    case Kind::Id: return QUuid::fromString(value).toString(QUuid::WithoutBraces);
    case Kind::Day: return dayFrom(value).value_or(0);
    default: return value;
    }
}

} // namespace

QStringList ReprocessFilter::columns()
{
    QStringList names;
    for (const Column &column : Columns)
        names.append(QString::fromLatin1(column.name));
    return names;
}

QStringList ReprocessFilter::stages()
{
    QStringList names;
    for (const Stage stage : {Stage::Validation, Stage::MetadataExtraction, Stage::Processing, Stage::Indexing})
        names.append(stageName(stage));
    return names;
}

QString ReprocessFilter::whyNot(Stage stage)
{
    switch (stage) {
    case Stage::Validation:
    case Stage::MetadataExtraction:
    case Stage::Processing:
    case Stage::Indexing: return {};
    case Stage::Reception: return u"reception joins parts, and a stored photo has none any more"_s;
    case Stage::Storage: return u"storage moves a photo to its place, and a stored one is there"_s;
    default: return u"%1 is done by the client, who has the photo"_s.arg(stageName(stage));
    }
}

QString ReprocessFilter::add(const QString &condition)
{
    const qsizetype equals = condition.indexOf(u'=');
    const QString name = condition.first(std::max<qsizetype>(equals, 0));
    const QString value = condition.sliced(equals + 1);
    const Column *column = columnNamed(name);
    if (equals < 0 || !column)
        return u"--where is COLUMN=VALUE with one of these columns: "_s + columns().join(u", "_s);
    if (QString wrong = whatIsWrong(*column, value); !wrong.isEmpty())
        return u"--where: "_s + wrong;
    if (!m_values.emplace(name, value).second)
        return u"--where names %1 twice, and all conditions have to hold"_s.arg(name);
    return {};
}

QString ReprocessFilter::toJson() const
{
    QJsonObject object;
    for (const auto &[name, value] : m_values)
        object.insert(name, boundAs(columnNamed(name)->kind, value).toString());
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

QByteArray ReprocessFilter::sql() const
{
    QByteArray text = " FROM server_assets a"
                      " JOIN server_objects o ON o.account_id = a.account_id AND o.sha256 = a.sha256 AND o.size = "
                      "a.size AND o.state = 'stored'"
                      " JOIN server_uploads u ON u.client_upload_id = a.client_upload_id AND u.state <> 'replaced'"
                      " AND u.state IN ('ended', 'duplicate', 'recalled')"
                      " WHERE (u.photo_json IS NOT NULL OR ? <> 'metadata_extraction')"
                      " AND NOT EXISTS (SELECT 1 FROM server_jobs j WHERE j.upload_id = u.upload_id)"
                      " AND a.asset_id > ? AND a.asset_id <= ?";
    for (const auto &[name, value] : m_values)
        text.append(" AND ").append(columnNamed(name)->sql);
    return text;
}

QVariantList ReprocessFilter::values(Stage stage, qint64 behind, qint64 last) const
{
    QVariantList bound{QString(stageName(stage)), behind, last};
    for (const auto &[name, value] : m_values)
        bound.append(boundAs(columnNamed(name)->kind, value));
    return bound;
}

} // namespace photolift::server
