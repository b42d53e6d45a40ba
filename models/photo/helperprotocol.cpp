#include "models/photo/helperprotocol.h"

#include "models/photo/jsontext.h"
#include "models/vocabulary/nametable.h"

#include <QJsonDocument>
#include <QtEndian>

#include <array>

using namespace Qt::StringLiterals;

namespace photolift::photo {

namespace {

constexpr QByteArrayView Magic("PLH1");

constexpr std::array<NamedValue<Order>, 6> Orders{{{Order::Facts, "facts"_L1},
                                                   {Order::Thumbnail, "thumbnail"_L1},
                                                   {Order::Preview, "preview"_L1},
                                                   {Order::Validate, "validate"_L1},
                                                   {Order::Rendition, "rendition"_L1},
                                                   {Order::Everything, "everything"_L1}}};

constexpr qsizetype DetailLength = 400;

/// Only what a photo may end as: a helper that was taken over must not make the client believe that it is signed out.
bool mayEndAs(ErrorCode code)
{
    switch (code) {
    case ErrorCode::ValidationTruncated:
    case ErrorCode::ValidationFormatUnknown:
    case ErrorCode::ValidationInvalidImage:
    case ErrorCode::ValidationImageTooLarge:
    case ErrorCode::ValidationCheckCrashed:
    case ErrorCode::MetadataUnreadable:
    case ErrorCode::ProcessingDecodeFailed:
        return true;
    default:
        return false;
    }
}

bool isPicture(QByteArrayView bytes, QStringView type)
{
    if (bytes.isEmpty())
        return true;
    return type == u"image/png" ? bytes.startsWith("\x89PNG\r\n\x1a\n") : bytes.startsWith("\xff\xd8\xff");
}

/// What is known of the photo. Written for each photo by a process of which nothing but this is wanted: QJsonObject takes ten times as long.
JsonText textOf(const PhotoFacts &facts)
{
    JsonText text;
    eachFact(facts, [&text](QLatin1StringView key, const auto &value) {
        if constexpr (requires { value.has_value(); }) {
            if (value)
                text.put(key, *value);
        } else if (!value.isEmpty()) {
            text.put(key, QStringView(value));
        }
    });
    return text;
}

void append32(QByteArray &bytes, qsizetype number)
{
    char raw[4];
    qToBigEndian(static_cast<quint32>(number), raw);
    bytes.append(raw, sizeof raw);
}

} // namespace

QByteArray toBytes(const OrderFrame &frame)
{
    const QJsonObject object{{u"order"_s, nameOf(Orders, frame.order)}, {u"media_type"_s, frame.mediaType}, {u"side"_s, frame.side}};
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

std::optional<OrderFrame> orderFromBytes(const QByteArray &bytes)
{
    const QJsonObject object = QJsonDocument::fromJson(bytes).object();
    const std::optional<Order> order = valueNamed(Orders, object.value("order"_L1).toString());
    if (!order)
        return std::nullopt;
    return OrderFrame{*order, object.value("media_type"_L1).toString(), std::clamp(object.value("side"_L1).toInt(), 0, 8192)};
}

QByteArray toBytes(const AnswerFrame &frame)
{
    JsonText object;
    object.put("last"_L1, frame.isLast);
    object.put("duration_ms"_L1, frame.durationMs);
    object.putObject("facts"_L1, textOf(frame.facts));
    if (frame.stage)
        object.put("stage"_L1, stageName(*frame.stage));
    if (frame.error) {
        object.put("error_code"_L1, errorName(frame.error->code));
        object.put("error_detail"_L1, QStringView(frame.error->detail).left(DetailLength));
    }
    if (!frame.pictureType.isEmpty())
        object.put("picture_type"_L1, QStringView(frame.pictureType));
    if (frame.pictureSide > 0)
        object.put("picture_side"_L1, frame.pictureSide);
    if (frame.renditionSide > 0)
        object.put("rendition_side"_L1, frame.renditionSide);
    if (frame.renditionQuality > 0)
        object.put("rendition_quality"_L1, frame.renditionQuality);
    const QByteArray json = object.bytes();

    QByteArray bytes;
    bytes.reserve(AnswerHeaderBytes + json.size() + frame.picture.size() + frame.rendition.size());
    bytes.append(Magic.data(), Magic.size());
    append32(bytes, json.size());
    append32(bytes, frame.picture.size());
    append32(bytes, frame.rendition.size());
    return bytes.append(json).append(frame.picture).append(frame.rendition);
}

std::optional<AnswerLengths> answerLengths(QByteArrayView header)
{
    if (header.size() != AnswerHeaderBytes || !header.startsWith(Magic))
        return std::nullopt;
    const AnswerLengths lengths{qFromBigEndian<quint32>(header.data() + 4), qFromBigEndian<quint32>(header.data() + 8),
                                qFromBigEndian<quint32>(header.data() + 12)};
    if (lengths.json > AnswerJsonBytes || lengths.picture > PictureBytes || lengths.rendition > PictureBytes)
        return std::nullopt;
    return lengths;
}

std::optional<AnswerFrame> answerFromBytes(const AnswerLengths &lengths, const QByteArray &body)
{
    if (body.size() != qsizetype(lengths.json) + lengths.picture + lengths.rendition)
        return std::nullopt;
    const QJsonDocument document = QJsonDocument::fromJson(body.first(lengths.json));
    if (!document.isObject())
        return std::nullopt;
    const QJsonObject object = document.object();

    AnswerFrame frame;
    frame.isLast = object.value("last"_L1).toBool(true);
    frame.durationMs = std::clamp<qint64>(object.value("duration_ms"_L1).toInteger(), 0, 3'600'000);
    frame.facts = factsFromJson(object.value("facts"_L1).toObject());
    if (const QJsonValue stage = object.value("stage"_L1); stage.isString()) {
        frame.stage = stageFromName(stage.toString());
        if (!frame.stage)
            return std::nullopt;
    }
    if (const QJsonValue code = object.value("error_code"_L1); code.isString()) {
        frame.error = Error{errorFromName(code.toString()), object.value("error_detail"_L1).toString().left(DetailLength)};
        if (!mayEndAs(frame.error->code))
            return std::nullopt;
    }
    frame.pictureType = object.value("picture_type"_L1).toString();
    frame.pictureSide = std::clamp(object.value("picture_side"_L1).toInt(), 0, 8192);
    frame.renditionSide = std::clamp(object.value("rendition_side"_L1).toInt(), 0, 8192);
    frame.renditionQuality = std::clamp(object.value("rendition_quality"_L1).toInt(), 0, 100);
    frame.picture = body.sliced(lengths.json, lengths.picture);
    frame.rendition = body.sliced(qsizetype(lengths.json) + lengths.picture);
    if (!isPicture(frame.picture, frame.pictureType) || !isPicture(frame.rendition, u"image/jpeg"))
        return std::nullopt;
    return frame;
}

} // namespace photolift::photo
