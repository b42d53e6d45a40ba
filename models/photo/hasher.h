#pragma once

#include "models/photo/digest.h"
#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QList>

#include <atomic>

namespace photolift::photo {

struct FileHash {
    QByteArray sha256; ///< 32 raw bytes, of the whole file
    qint64 size = 0;   ///< bytes read
    DigestKind partKind = DigestKind::Sha256;
    QList<QByteArray> partDigests; ///< of each part of partBytes, raw bytes of partKind
};

/// Reads the open file once from its beginning (pread: the position stays) and hashes the whole and each part of it in the same
/// pass. `cancelled` is looked at between reads. Errors: fileError() of the read (PREPROCESSING_READ_FAILED, SELECTION_CARD_REMOVED, ...),
/// PREPROCESSING_READ_FAILED for fewer bytes than the size says, SELECTION_FILE_CHANGED when the size moved, USER_CANCELLED.
/// An empty file has no parts. With SHA-256 a file of at most one part is hashed once; only the bytes beyond the first part are hashed
/// twice, at the same time on a second thread. With another kind every byte has both digests, on two threads, too.
/// Blocking: call it on a pool thread. Reads 512 KiB at a time; memory does not grow with the file.
Result<FileHash> hashFile(int descriptor, qint64 partBytes, const std::atomic<bool> &cancelled, DigestKind partKind = DigestKind::Sha256);

} // namespace photolift::photo
