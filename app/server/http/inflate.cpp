#include "app/server/http/inflate.h"

#include <zlib.h>

#include <algorithm>

namespace photolift::server {

using namespace Qt::StringLiterals;

namespace {
/// zlib's state, freed on every way out.
struct Inflater {
    z_stream stream{};
    bool isReady = false;

    Inflater() { isReady = inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK; } // 16: gzip and nothing else
    ~Inflater()
    {
        if (isReady)
            inflateEnd(&stream);
    }
    Inflater(const Inflater &) = delete;
    Inflater &operator=(const Inflater &) = delete;
};

Error refused(const QString &detail)
{
    return Error{ErrorCode::ApiRequestRefused, detail};
}
}

Result<QByteArray> inflated(QByteArrayView packed, qint64 maxBytes)
{
    Inflater inflater;
    if (!inflater.isReady)
        return Error{ErrorCode::ApiServerError, u"zlib does not start"_s};
    const qint64 limit = std::min(maxBytes, std::max(RatioFreeBytes, packed.size() * MaxInflateRatio));

    QByteArray result;
    z_stream &stream = inflater.stream;
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    int state = Z_OK;
    while (state != Z_STREAM_END) {
        char piece[16 * 1024];
        stream.next_out = reinterpret_cast<Bytef *>(piece);
        stream.avail_out = sizeof piece;
        state = inflate(&stream, Z_NO_FLUSH);
        const qsizetype made = static_cast<qsizetype>(sizeof piece - stream.avail_out);
        if (state != Z_OK && state != Z_STREAM_END)
            return refused(u"the gzip body is damaged or cut"_s);
        if (result.size() + made > limit)
            return refused(u"the gzip body inflates beyond its limit"_s);
        result.append(piece, made);
    }
    if (stream.avail_in != 0)
        return refused(u"bytes behind the gzip body"_s);
    return result;
}

} // namespace photolift::server
