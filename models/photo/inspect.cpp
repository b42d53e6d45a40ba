#include "models/photo/inspect.h"

#include "models/photo/filelook.h"
#include "models/photo/hasher.h"
#include "models/photo/helper.h"
#include "models/vocabulary/pathtext.h"

#include <array>

using namespace Qt::StringLiterals;

namespace photolift::photo {

namespace {

constexpr std::array FactKeys{"width"_L1,   "height"_L1,   "make"_L1,     "model"_L1, "taken"_L1,    "offset"_L1,        "orientation"_L1,  "latitude"_L1,
                              "longitude"_L1, "altitude"_L1, "iso"_L1, "f_number"_L1, "exposure_time"_L1, "focal_length"_L1, "lens"_L1, "color_profile"_L1};

QJsonObject emptyLine(const QByteArray &path)
{
    QJsonObject line{{u"path"_s, isUtf8(path) ? QString::fromUtf8(path) : textFromPath(path)}, {u"ok"_s, false}};
    if (!isUtf8(path))
        line.insert(u"path_base64"_s, QString::fromLatin1(path.toBase64()));
    for (const QLatin1StringView key : {"error_code"_L1, "mime"_L1, "size"_L1, "sha256"_L1})
        line.insert(key, QJsonValue());
    for (const QLatin1StringView key : FactKeys)
        line.insert(key, QJsonValue());
    return line;
}

void setError(QJsonObject &line, const Error &error)
{
    line.insert(u"error_code"_s, errorName(error.code));
}

} // namespace

QJsonObject inspect(Helper &helper, const QByteArray &path)
{
    QJsonObject line = emptyLine(path);
    const Result<FileLook> look = lookAt(path);
    if (!look) {
        setError(line, look.error());
        return line;
    }
    line.insert(u"size"_s, look->identity.size);
    if (look->kind.isAccepted)
        line.insert(u"mime"_s, look->kind.mediaType);
    // The helper reads while this thread hashes.
    const std::optional<Error> refusal = refusalOf(*look);
    QFuture<Result<HelperAnswer>> facts;
    if (!refusal)
        facts = helper.run(Order::Facts, look->descriptor.get(), look->kind.mediaType);
    const std::atomic<bool> notCancelled = false;
    const Result<FileHash> hash = hashFile(look->descriptor.get(), std::numeric_limits<qint64>::max(), notCancelled);
    if (!hash) {
        setError(line, hash.error());
        return line;
    }
    line.insert(u"sha256"_s, QString::fromLatin1(hash->sha256.toHex()));
    if (refusal) {
        setError(line, *refusal);
        return line;
    }

    const Result<HelperAnswer> answer = facts.result();
    line.insert(u"ok"_s, true);
    if (!answer) {
        setError(line, answer.error());
        line.insert(u"ok"_s, answer.error().code == ErrorCode::MetadataUnreadable);
        return line;
    }
    const QJsonObject known = toJson(answer->facts);
    for (const QLatin1StringView key : FactKeys) {
        if (known.contains(key))
            line.insert(key, known.value(key));
    }
    if (!answer->facts.note.isEmpty())
        setError(line, {ErrorCode::MetadataUnreadable, answer->facts.note});
    return line;
}

} // namespace photolift::photo
