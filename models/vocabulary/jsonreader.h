#pragma once

#include "models/vocabulary/result.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QSet>
#include <QUuid>

#include <optional>

namespace photolift {

/// What becomes of fields that nobody asked for. Who writes has to be understood whole; in what a server answers stand those of newer servers.
enum class OtherFields { Refused, Ignored };

/// Reads one JSON object strictly: every field has to be asked for once, has to have the kind asked for, and fields nobody
/// asked for are an error at finish() unless they are to be ignored. The first fault is kept; after it every read gives an empty value.
/// What can be empty is left out or null; `required...` faults then, the others give nullopt or an empty value.
class JsonReader
{
public:
    explicit JsonReader(const QJsonObject &object, OtherFields others = OtherFields::Refused);

    QString requiredText(QLatin1StringView key);
    QString text(QLatin1StringView key);
    QUuid requiredId(QLatin1StringView key);
    QUuid id(QLatin1StringView key); ///< a null QUuid when absent
    qint64 requiredInteger(QLatin1StringView key);
    int requiredSmallInteger(QLatin1StringView key);
    std::optional<qint64> integer(QLatin1StringView key);
    std::optional<int> smallInteger(QLatin1StringView key);
    std::optional<double> number(QLatin1StringView key);
    bool requiredFlag(QLatin1StringView key);
    std::optional<bool> flag(QLatin1StringView key);
    QJsonObject object(QLatin1StringView key); ///< an open object, its fields are not judged
    QJsonArray array(QLatin1StringView key);
    /// An array whose elements are objects of one kind: `read` makes a Result of each.
    template <typename Read> auto listOf(QLatin1StringView key, Read read);
    /// What was made of an object inside this one; its fault is a fault of this one.
    template <typename T> T nested(Result<T> value);

    /// Says that the value of `key` is not one of those allowed, when nothing was wrong before.
    void fault(QLatin1StringView key);
    void fault(const Error &error);
    void check(QLatin1StringView key, bool isRight);

    /// The verdict: the first fault, or the first field that nobody asked for.
    Result<> finish() const;
    /// The same with what was read, when nothing was wrong.
    template <typename T> Result<T> finish(T value) const;

private:
    QJsonValue take(QLatin1StringView key);

    QJsonObject m_object;
    OtherFields m_others;
    QSet<QString> m_taken;
    std::optional<Error> m_fault;
};

template <typename T> T JsonReader::nested(Result<T> value)
{
    if (value)
        return *std::move(value);
    fault(value.error());
    return {};
}

template <typename Read> auto JsonReader::listOf(QLatin1StringView key, Read read)
{
    using Element = std::decay_t<decltype(*read(QJsonObject()))>;
    QList<Element> list;
    const QJsonArray values = array(key);
    list.reserve(values.size());
    for (const QJsonValue &value : values) {
        check(key, value.isObject());
        list.append(nested(read(value.toObject())));
    }
    return list;
}

template <typename T> Result<T> JsonReader::finish(T value) const
{
    const Result<> verdict = finish();
    return verdict ? Result<T>(std::move(value)) : Result<T>(verdict.error());
}

} // namespace photolift
