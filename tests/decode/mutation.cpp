#include "mutation.h"

#include <algorithm>
#include <array>

namespace photolift::testphotos {

namespace {

constexpr qsizetype HeaderBytes = 4096;

qsizetype below(qsizetype bound, QRandomGenerator &random)
{
    return qsizetype(random.bounded(static_cast<quint32>(std::clamp<qsizetype>(bound, 1, 0x7fffffff))));
}

qsizetype place(const QByteArray &photo, QRandomGenerator &random)
{
    return below(random.bounded(2) ? std::min(photo.size(), HeaderBytes) : photo.size(), random);
}

void overwrite(QByteArray &photo, qsizetype at, QByteArrayView bytes)
{
    std::copy_n(bytes.begin(), std::min(bytes.size(), photo.size() - at), photo.begin() + at);
}

void setExtremeNumber(QByteArray &photo, QRandomGenerator &random)
{
    static constexpr std::array<QByteArrayView, 8> Numbers{QByteArrayView("\xff\xff\xff\xff", 4), QByteArrayView("\0\0\0\0", 4), QByteArrayView("\x7f\xff\xff\xff", 4),
                                                           QByteArrayView("\xff\xff\xff\x7f", 4), QByteArrayView("\x80\0\0\0", 4), QByteArrayView("\xff\xff", 2),
                                                           QByteArrayView("\0\0", 2), QByteArrayView("\0\1", 2)};
    overwrite(photo, place(photo, random), Numbers[random.bounded(static_cast<quint32>(Numbers.size()))]);
}

void mutateOnce(QByteArray &photo, QRandomGenerator &random)
{
    const qsizetype at = place(photo, random);
    const qsizetype length = below(std::min<qsizetype>(512, photo.size() - at), random) + 1;
    switch (random.bounded(8)) {
    case 0:
    case 1:
        photo[at] = char(photo[at] ^ (1 << random.bounded(8)));
        break;
    case 2:
        photo[at] = char(random.bounded(256));
        break;
    case 3:
    case 4:
        setExtremeNumber(photo, random);
        break;
    case 5:
        photo.remove(at, length);
        break;
    case 6:
        photo.insert(at, QByteArray(photo.constData() + at, length));
        break;
    default:
        overwrite(photo, at, QByteArray(length, '\0'));
    }
}

} // namespace

QByteArray mutated(QByteArray photo, QRandomGenerator &random)
{
    const int faults = 1 + int(random.bounded(6));
    for (int i = 0; i < faults && photo.size() > 16; ++i)
        mutateOnce(photo, random);
    if (random.bounded(8) == 0)
        photo.truncate(below(photo.size(), random));
    return photo;
}

} // namespace photolift::testphotos
