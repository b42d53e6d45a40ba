#include "models/photo/hasher.h"

#include "models/photo/filelook.h"
#include "models/photo/partdigests.h"

#include <openssl/crypto.h>

#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::photo {

namespace {

/// OpenSSL keeps errors and the like for each thread and frees them by a destructor of the thread. QThread::wait() returns before that
/// has run: a thread of a pool at the end of the program may come to it when OpenSSL has cleaned up already, and leaks it then.
struct ThreadStateEnd {
    ~ThreadStateEnd() { OPENSSL_thread_stop(); }
};

} // namespace

Result<FileHash> hashFile(int descriptor, qint64 partBytes, const std::atomic<bool> &cancelled, DigestKind partKind)
{
    Q_ASSERT(partBytes > 0);
    const ThreadStateEnd atEnd; // on a thread of a pool mostly
    const Result<FileIdentity> before = identityOf(descriptor);
    if (!before)
        return before.error();
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);

    FileHash hash;
    hash.partKind = partKind;
    Sha256 whole;
    qint64 partFilled = 0;
    // While the first part runs, whole and part are the same stream: it is hashed once, and most photos have one part only. The
    // parts behind it are hashed beside the whole; those of another kind are from the first byte on.
    std::optional<PartDigests> partsBeside;
    const bool isFirstShared = partKind == DigestKind::Sha256;
    if (!isFirstShared)
        partsBeside.emplace(partKind);
    const std::unique_ptr<char[]> firstBuffer(isFirstShared ? new char[PartDigests::BufferBytes] : nullptr);
    for (;;) {
        if (cancelled.load(std::memory_order_relaxed))
            return Error{ErrorCode::UserCancelled, u"while hashing"_s};
        char *const buffer = partsBeside ? partsBeside->buffer() : firstBuffer.get();
        const qint64 wanted = std::min(PartDigests::BufferBytes, partBytes - partFilled); // a read never crosses a part
        const ssize_t count = ::pread(descriptor, buffer, static_cast<std::size_t>(wanted), hash.size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fileError(errno, "read"_L1);
        if (count == 0)
            break;
        hash.size += count;
        partFilled += count;
        const bool endsPart = partFilled == partBytes || hash.size == before->size;
        if (partsBeside)
            partsBeside->add(count, endsPart);
        whole.add({buffer, count});
        if (!endsPart)
            continue;
        partFilled = 0;
        if (isFirstShared && hash.partDigests.isEmpty())
            hash.partDigests.append(whole.resultSoFar());
        if (!partsBeside && hash.size < before->size)
            partsBeside.emplace(partKind);
    }
    if (partsBeside)
        hash.partDigests += partsBeside->finish();
    hash.sha256 = whole.result();

    if (hash.size != before->size) {
        const Result<FileIdentity> after = identityOf(descriptor);
        if (after && *after == *before && hash.size < before->size)
            return Error{ErrorCode::PreprocessingReadFailed, u"%1 of %2 bytes could be read"_s.arg(hash.size).arg(before->size)};
        return Error{ErrorCode::SelectionFileChanged, u"size changed while hashing"_s};
    }
    return hash;
}

} // namespace photolift::photo
