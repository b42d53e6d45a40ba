#include "app/server/http/inflate.h"

#include <zlib.h>

#include <algorithm>

namespace photolift::server {

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
}

Inflated inflated(QByteArrayView packed, qint64 maxBytes)
{
    Inflater inflater;
    if (!inflater.isReady)
        return {Inflated::End::NotBegun, {}};
    const qint64 limit = std::min(maxBytes, std::max(RatioFreeBytes, packed.size() * MaxInflateRatio));

    Inflated result;
    z_stream &stream = inflater.stream;
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    int state = Z_OK;
    while (state == Z_OK) {
        char piece[16 * 1024];
        stream.next_out = reinterpret_cast<Bytef *>(piece);
        stream.avail_out = sizeof piece;
        state = inflate(&stream, Z_NO_FLUSH);
        const qsizetype made = static_cast<qsizetype>(sizeof piece - stream.avail_out);
        if (result.bytes.size() + made > limit) {
            result.end = Inflated::End::TooLarge;
            return result;
        }
        result.bytes.append(piece, made);
    }
    if (state != Z_STREAM_END || stream.avail_in != 0)
        result.end = Inflated::End::Damaged;
    return result;
}

} // namespace photolift::server
