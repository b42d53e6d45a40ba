#include "models/photo/canonraw.h"

#include <QtEndian>

#include <algorithm>
#include <optional>

namespace photolift::photo {

namespace {

constexpr QByteArrayView CanonBox("\x85\xc0\xb6\x87\x82\x0f\x11\xe0\x81\x11\xf4\xce\x46\x2b\x6a\x48", 16);

struct Box {
    QByteArrayView type;
    QByteArrayView content; ///< as far as the bytes reach
};

/// The box at the beginning of `bytes`, which then begin behind it. nullopt: there is none, or its size cannot be.
std::optional<Box> takeBox(QByteArrayView &bytes)
{
    if (bytes.size() < 8)
        return std::nullopt;
    quint64 size = qFromBigEndian<quint32>(bytes.data());
    quint64 head = 8;
    if (size == 1 && bytes.size() >= 16) {
        size = qFromBigEndian<quint64>(bytes.data() + 8);
        head = 16;
    } else if (size == 0) { // to the end of the file
        size = static_cast<quint64>(bytes.size());
    }
    if (size < head)
        return std::nullopt;
    const qsizetype end = static_cast<qsizetype>(std::min<quint64>(size, static_cast<quint64>(bytes.size())));
    const Box box{bytes.sliced(4, 4), bytes.sliced(static_cast<qsizetype>(head), end - static_cast<qsizetype>(head))};
    bytes = bytes.sliced(end);
    return box;
}

std::optional<QByteArrayView> compressorIn(QByteArrayView movieBox)
{
    while (const std::optional<Box> box = takeBox(movieBox)) {
        if (box->type != "uuid" || !box->content.startsWith(CanonBox))
            continue;
        QByteArrayView inner = box->content.sliced(CanonBox.size());
        while (const std::optional<Box> part = takeBox(inner)) {
            if (part->type == "CNCV")
                return part->content;
        }
    }
    return std::nullopt;
}

} // namespace

bool isCanonRawMovie(QByteArrayView firstBytes)
{
    while (const std::optional<Box> box = takeBox(firstBytes)) {
        if (box->type == "mdat")
            return true;
        if (box->type != "moov")
            continue;
        const std::optional<QByteArrayView> compressor = compressorIn(box->content);
        return compressor && compressor->startsWith("CanonCRM");
    }
    return false;
}

} // namespace photolift::photo
