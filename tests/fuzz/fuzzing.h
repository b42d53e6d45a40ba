#pragma once

#include <QByteArrayList>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

/// What the fuzzers share. All of it here, so that each stays one file for libFuzzer.
namespace photolift::fuzz {

/// What must be true of whatever comes out, or the process ends.
inline void hold(bool isTrue, const char *what)
{
    if (isTrue)
        return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

/// The same throws for the same seed.
class Dice
{
public:
    explicit Dice(quint64 seed)
        : m_random(seed)
    {
    }
    /// 0 to count - 1; 0 for none.
    qsizetype below(qsizetype count) { return static_cast<qsizetype>(m_random() % static_cast<quint64>(std::max<qsizetype>(1, count))); }
    template <typename T> const T &oneOf(const QList<T> &values) { return values[below(values.size())]; }

private:
    std::mt19937_64 m_random;
};

/// PROGRAM [COUNT [SEED]].
struct Order {
    Order(int argc, char **argv, qint64 usualCount)
        : count(argc > 1 ? QByteArray(argv[1]).toLongLong() : usualCount)
        , dice(argc > 2 ? QByteArray(argv[2]).toULongLong() : 1)
    {
    }
    qint64 count;
    Dice dice;
};

/// One change at this place that takes no notice of what the bytes mean.
inline void damageAt(QByteArray &bytes, qsizetype at, const QByteArrayList &pieces, Dice &dice)
{
    switch (dice.below(4)) {
    case 0:
        bytes[at] = static_cast<char>(dice.below(256));
        break;
    case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << dice.below(8)));
        break;
    case 2:
        bytes.insert(at, dice.oneOf(pieces));
        break;
    default:
        bytes.remove(at, dice.below(8));
    }
}

} // namespace photolift::fuzz
