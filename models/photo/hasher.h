#pragma once

#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QList>

#include <atomic>

namespace photolift::photo {

/// SHA-256 (OpenSSL EVP) of a running stream. Not thread-safe; cheap to make (the algorithm is fetched once per process).
class Sha256
{
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256 &&other) noexcept;
    Sha256 &operator=(Sha256 &&other) noexcept;
    void add(QByteArrayView bytes);
    QByteArray result(); ///< 32 raw bytes; the object starts anew afterwards
    QByteArray resultSoFar() const; ///< the same, and the stream goes on

private:
    void *m_context = nullptr;
};

struct FileHash {
    QByteArray sha256; ///< 32 raw bytes, of the whole file
    qint64 size = 0;   ///< bytes read
    QList<QByteArray> partSha256; ///< of each part of partBytes, 32 raw bytes each
};

/// Reads the open file once from its beginning (pread: the position stays) and hashes the whole and each part of it in the same
/// pass. `cancelled` is looked at between reads. Errors: fileError() of the read (PREPROCESSING_READ_FAILED, SELECTION_CARD_REMOVED, ...),
/// PREPROCESSING_READ_FAILED for fewer bytes than the size says, SELECTION_FILE_CHANGED when the size moved, USER_CANCELLED.
/// An empty file has no parts. A file of at most one part is hashed once; only the bytes beyond the first part are hashed twice, at the
/// same time on a second thread.
/// Blocking: call it on a pool thread. Reads 256 KiB to 1 MiB at a time; memory does not grow with the file.
Result<FileHash> hashFile(int descriptor, qint64 partBytes, const std::atomic<bool> &cancelled);

} // namespace photolift::photo
