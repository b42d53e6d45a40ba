#pragma once

#include <QByteArray>

namespace photolift::server {

/// A gzip body inflates to at most this many times its size: text that people made stays far below, a bomb is 1000 times.
inline constexpr qint64 MaxInflateRatio = 200;
/// Below this inflated size the ratio is not judged: a small body of repeated rows may well be 300 times.
inline constexpr qint64 RatioFreeBytes = 64 * 1024;

struct Inflated {
    enum class End {
        Whole,
        Damaged,  ///< no sound gzip, or cut, or with bytes behind it
        TooLarge, ///< beyond `maxBytes`, or beyond what the ratio allows
        NotBegun, ///< zlib has no memory
    };
    End end = End::Whole;
    QByteArray bytes; ///< unless it is whole: as many as came out before
    explicit operator bool() const { return end == End::Whole; }
};

/// Inflates one gzip member that fills `packed` to its end; memory stays within maxBytes.
Inflated inflated(QByteArrayView packed, qint64 maxBytes);

} // namespace photolift::server
