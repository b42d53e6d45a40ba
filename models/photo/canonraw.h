#pragma once

#include <QByteArrayView>

namespace photolift::photo {

/// Canon writes its raw movies (CRM) with the very brand of its raw photos (CR3). What tells them apart is the version of the
/// compressor in Canon's own box: "CanonCRM..." or "CanonCR3...". A photo has it in the first box behind `ftyp`; where the data comes first
/// it is a movie, too. `firstBytes` begin with an `ftyp` box of brand `crx `.
bool isCanonRawMovie(QByteArrayView firstBytes);

} // namespace photolift::photo
