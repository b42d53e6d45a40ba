#include "models/decode/rawcontainer.h"

#include "models/decode/bytesource.h"
#include "models/decode/heifheader.h"
#include "models/decode/tiffpages.h"

#include <array>

using namespace Qt::StringLiterals;

namespace photolift::decode {

namespace {

Error truncated(const QString &detail)
{
    return {ErrorCode::ValidationTruncated, detail};
}

/// Offsets and lengths of the preview and the sensor data stand at fixed places of a RAF.
Result<> checkFuji(ByteSource &source)
{
    constexpr std::array<quint64, 3> OffsetFields{84, 92, 100};
    for (const quint64 field : OffsetFields) {
        const std::optional<quint32> offset = source.big32(field);
        const std::optional<quint32> length = source.big32(field + 4);
        if (!offset || !length)
            return truncated(u"the RAF header is cut"_s);
        if (!source.hasRange(*offset, *length))
            return truncated(u"data at %1, %2 bytes, lies beyond the end"_s.arg(*offset).arg(*length));
    }
    return {};
}

/// The directory of an X3F stands at its end, its offset in the last four bytes.
Result<> checkSigma(ByteSource &source)
{
    if (source.size() < 44)
        return truncated(u"the X3F header is cut"_s);
    const quint32 directory = source.little32(static_cast<quint64>(source.size()) - 4).value_or(0);
    return source.hasAt(directory, "SECd") ? Result<>() : truncated(u"the X3F directory is missing"_s);
}

Result<> checkTiffLike(ByteSource &source)
{
    const TiffPages pages = readTiffPages(source);
    if (pages.isCut)
        return truncated(u"a directory lies beyond the end"_s);
    if (pages.hasLoop || pages.pages.isEmpty())
        return Error{ErrorCode::ValidationInvalidImage, u"the directories make no sense"_s};
    for (const QList<TiffPage> &list : {pages.pages, pages.subPages}) {
        for (const TiffPage &page : list) {
            if (page.reachesBeyondEnd)
                return truncated(u"a strip or tile lies beyond the end"_s);
        }
    }
    return {};
}

} // namespace

Result<> checkRawContainer(const OpenPhoto &photo)
{
    ByteSource source(photo);
    const QString &type = photo.kind.mediaType;
    if (type == "image/x-canon-cr3"_L1)
        return readHeifHeader(source).isCut ? Result<>(truncated(u"a box reaches beyond the end"_s)) : Result<>();
    if (type == "image/x-fujifilm-raf"_L1)
        return checkFuji(source);
    if (type == "image/x-sigma-x3f"_L1)
        return checkSigma(source);
    if (type == "image/x-canon-crw"_L1 || type == "image/x-minolta-mrw"_L1)
        return {};
    return checkTiffLike(source);
}

} // namespace photolift::decode
