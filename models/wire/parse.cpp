#include "models/wire/messages.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <cmath>

using namespace Qt::StringLiterals;

namespace photolift::wire {

namespace {

/// What a look at the bytes alone tells, before anything is built from them.
struct Outline {
    int depth = 0;
    qint64 keys = 0; ///< colons outside of strings
};

Outline outlineOf(QByteArrayView bytes)
{
    Outline outline;
    int level = 0;
    bool isInString = false;
    for (qsizetype at = 0; at < bytes.size(); ++at) {
        const char c = bytes[at];
        if (isInString) {
            if (c == '\\')
                ++at;
            else if (c == '"')
                isInString = false;
        } else if (c == '"') {
            isInString = true;
        } else if (c == '{' || c == '[') {
            outline.depth = std::max(outline.depth, ++level);
        } else if (c == '}' || c == ']') {
            --level;
        } else if (c == ':') {
            ++outline.keys;
        }
    }
    return outline;
}

/// Counts the keys of a value and sees whether all of its texts and numbers are ones we can store.
struct Census {
    qint64 keys = 0;
    bool isSound = true;

    void take(const QJsonValue &value)
    {
        if (value.isObject()) {
            const QJsonObject object = value.toObject();
            keys += object.size();
            for (auto field = object.constBegin(); field != object.constEnd(); ++field) {
                isSound = isSound && field.key().isValidUtf16();
                take(field.value());
            }
        } else if (value.isArray()) {
            const QJsonArray array = value.toArray();
            for (const QJsonValue &element : array)
                take(element);
        } else if (value.isString()) {
            isSound = isSound && value.toString().isValidUtf16();
        } else if (value.isDouble()) {
            isSound = isSound && std::isfinite(value.toDouble());
        }
    }
};

QJsonValue withoutNul(const QJsonValue &value);

QJsonObject withoutNul(const QJsonObject &object)
{
    QJsonObject clean;
    for (auto field = object.constBegin(); field != object.constEnd(); ++field)
        clean.insert(QString(field.key()).replace(QChar(0), QChar::ReplacementCharacter), withoutNul(field.value()));
    return clean;
}

QJsonValue withoutNul(const QJsonValue &value)
{
    if (value.isString())
        return value.toString().replace(QChar(0), QChar::ReplacementCharacter);
    if (value.isObject())
        return withoutNul(value.toObject());
    if (!value.isArray())
        return value;
    QJsonArray clean;
    const QJsonArray array = value.toArray();
    for (const QJsonValue &element : array)
        clean.append(withoutNul(element));
    return clean;
}

Error refused(const QString &why)
{
    return Error{ErrorCode::ApiRequestRefused, why};
}

} // namespace

Result<QJsonObject> parseObject(QByteArrayView bytes)
{
    if (bytes.size() > MaxJsonBytes)
        return refused(u"JSON larger than 1 MiB"_s);
    const Outline outline = outlineOf(bytes);
    if (outline.depth > MaxJsonDepth)
        return refused(u"JSON deeper than 32"_s);
    QJsonParseError fault;
    const QJsonDocument document = QJsonDocument::fromJson(bytes.toByteArray(), &fault);
    if (fault.error != QJsonParseError::NoError)
        return refused(u"JSON: "_s + fault.errorString());
    if (!document.isObject())
        return refused(u"JSON: not an object"_s);
    // Qt keeps the last of two equal keys in silence; then the tree holds fewer keys than the text.
    Census census;
    census.take(document.object());
    if (census.keys != outline.keys)
        return refused(u"JSON: a key stands twice"_s);
    if (!census.isSound)
        return refused(u"JSON: a lone surrogate, or a number out of range"_s);
    return document.object();
}

Result<QJsonObject> parseRequest(QByteArrayView bytes)
{
    Result<QJsonObject> object = parseObject(bytes);
    return object && bytes.contains("\\u0000") ? Result<QJsonObject>(withoutNul(*object)) : object; // there is no other way to write it
}

} // namespace photolift::wire
