#pragma once

#include <QByteArray>
#include <QRandomGenerator>

namespace photolift::testphotos {

/// A few faults of the kinds that break readers: changed bits, lengths and offsets at their extremes, blocks that are missing, doubled or
/// zero, a lost end. Half of them hit the first 4 KiB, where structure and metadata stand. The same generator gives the same faults.
QByteArray mutated(QByteArray photo, QRandomGenerator &random);

} // namespace photolift::testphotos
