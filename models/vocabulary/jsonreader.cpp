#include "models/vocabulary/jsonreader.h"

#include <cmath>

using namespace Qt::StringLiterals;

namespace photolift {

namespace {
constexpr double LargestExactInteger = 9007199254740992.0; // 2^53: beyond it a JSON number may have been rounded
}

JsonReader::JsonReader(const QJsonObject &object, OtherFields others)
    : m_object(object)
    , m_others(others)
{
}

QJsonValue JsonReader::take(QLatin1StringView key)
{
    m_taken.insert(key);
    return m_fault ? QJsonValue() : m_object.value(key);
}

void JsonReader::fault(QLatin1StringView key)
{
    fault(Error{ErrorCode::ApiRequestRefused, u"field "_s + key});
}

void JsonReader::fault(const Error &error)
{
    if (!m_fault)
        m_fault = error;
}

QString JsonReader::text(QLatin1StringView key)
{
    const QJsonValue value = take(key);
    if (!value.isString() && !value.isNull() && !value.isUndefined())
        fault(key);
    return value.toString();
}

QString JsonReader::requiredText(QLatin1StringView key)
{
    const QString value = text(key);
    if (value.isEmpty())
        fault(key);
    return value;
}

QUuid JsonReader::id(QLatin1StringView key)
{
    const QString value = text(key);
    const QUuid id = QUuid::fromString(value);
    if (!value.isEmpty() && id.isNull())
        fault(key);
    return id;
}

QUuid JsonReader::requiredId(QLatin1StringView key)
{
    const QUuid value = id(key);
    if (value.isNull())
        fault(key);
    return value;
}

std::optional<double> JsonReader::number(QLatin1StringView key)
{
    const QJsonValue value = take(key);
    if (value.isNull() || value.isUndefined())
        return std::nullopt;
    if (!value.isDouble() || !std::isfinite(value.toDouble())) {
        fault(key);
        return std::nullopt;
    }
    return value.toDouble();
}

std::optional<qint64> JsonReader::integer(QLatin1StringView key)
{
    const std::optional<double> value = number(key);
    if (!value)
        return std::nullopt;
    if (std::floor(*value) != *value || std::abs(*value) > LargestExactInteger) {
        fault(key);
        return std::nullopt;
    }
    return static_cast<qint64>(*value);
}

qint64 JsonReader::requiredInteger(QLatin1StringView key)
{
    const std::optional<qint64> value = integer(key);
    if (!value)
        fault(key);
    return value.value_or(0);
}

std::optional<int> JsonReader::smallInteger(QLatin1StringView key)
{
    const std::optional<qint64> value = integer(key);
    if (value && (*value > std::numeric_limits<int>::max() || *value < std::numeric_limits<int>::min())) {
        fault(key);
        return std::nullopt;
    }
    return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
}

int JsonReader::requiredSmallInteger(QLatin1StringView key)
{
    const std::optional<int> value = smallInteger(key);
    if (!value)
        fault(key);
    return value.value_or(0);
}

std::optional<bool> JsonReader::flag(QLatin1StringView key)
{
    const QJsonValue value = take(key);
    if (value.isNull() || value.isUndefined())
        return std::nullopt;
    if (!value.isBool()) {
        fault(key);
        return std::nullopt;
    }
    return value.toBool();
}

bool JsonReader::requiredFlag(QLatin1StringView key)
{
    const std::optional<bool> value = flag(key);
    if (!value)
        fault(key);
    return value.value_or(false);
}

QJsonObject JsonReader::object(QLatin1StringView key)
{
    const QJsonValue value = take(key);
    if (!value.isObject() && !value.isNull() && !value.isUndefined())
        fault(key);
    return value.toObject();
}

QJsonArray JsonReader::array(QLatin1StringView key)
{
    const QJsonValue value = take(key);
    if (!value.isArray() && !value.isNull() && !value.isUndefined())
        fault(key);
    return value.toArray();
}

void JsonReader::check(QLatin1StringView key, bool isRight)
{
    if (!isRight)
        fault(key);
}

Result<> JsonReader::finish() const
{
    if (m_fault)
        return *m_fault;
    if (m_others == OtherFields::Ignored)
        return {};
    for (auto field = m_object.constBegin(); field != m_object.constEnd(); ++field) {
        if (!m_taken.contains(field.key()))
            return Error{ErrorCode::ApiRequestRefused, u"unknown field "_s + field.key().left(80)};
    }
    return {};
}

} // namespace photolift
