#include "models/photo/hasher.h"

#include "models/photo/filelook.h"
#include "models/photo/partdigests.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::photo {

namespace {

constexpr std::size_t DigestBytes = 32;

/// Fetching walks the providers of OpenSSL and takes a lock: once per process.
const EVP_MD *sha256Algorithm()
{
    static const EVP_MD *const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return algorithm;
}

EVP_MD_CTX *contextOf(void *context)
{
    return static_cast<EVP_MD_CTX *>(context);
}

/// OpenSSL fails here only without memory or without its default provider: nothing that could go on.
void mustSucceed(int done)
{
    if (done != 1)
        qFatal("SHA-256 of OpenSSL is not available");
}

/// OpenSSL keeps errors and the like for each thread and frees them by a destructor of the thread. QThread::wait() returns before that
/// has run: a thread of a pool at the end of the program may come to it when OpenSSL has cleaned up already, and leaks it then.
struct ThreadStateEnd {
    ~ThreadStateEnd() { OPENSSL_thread_stop(); }
};

} // namespace

Sha256::Sha256()
    : m_context(EVP_MD_CTX_new())
{
    mustSucceed(m_context && sha256Algorithm() ? EVP_DigestInit_ex2(contextOf(m_context), sha256Algorithm(), nullptr) : 0);
}

Sha256::~Sha256()
{
    EVP_MD_CTX_free(contextOf(m_context));
}

Sha256::Sha256(Sha256 &&other) noexcept
    : m_context(std::exchange(other.m_context, nullptr))
{
}

Sha256 &Sha256::operator=(Sha256 &&other) noexcept
{
    std::swap(m_context, other.m_context);
    return *this;
}

void Sha256::add(QByteArrayView bytes)
{
    mustSucceed(EVP_DigestUpdate(contextOf(m_context), bytes.data(), static_cast<std::size_t>(bytes.size())));
}

QByteArray Sha256::result()
{
    QByteArray digest(DigestBytes, Qt::Uninitialized);
    mustSucceed(EVP_DigestFinal_ex(contextOf(m_context), reinterpret_cast<unsigned char *>(digest.data()), nullptr));
    mustSucceed(EVP_DigestInit_ex2(contextOf(m_context), nullptr, nullptr));
    return digest;
}

QByteArray Sha256::resultSoFar() const
{
    Sha256 copy;
    mustSucceed(EVP_MD_CTX_copy_ex(contextOf(copy.m_context), contextOf(m_context)));
    return copy.result();
}

Result<FileHash> hashFile(int descriptor, qint64 partBytes, const std::atomic<bool> &cancelled)
{
    Q_ASSERT(partBytes > 0);
    const ThreadStateEnd atEnd; // on a thread of a pool mostly
    const Result<FileIdentity> before = identityOf(descriptor);
    if (!before)
        return before.error();
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);

    FileHash hash;
    Sha256 whole;
    qint64 partFilled = 0;
    // While the first part runs, whole and part are the same stream: it is hashed once, and most photos have one part only. The
    // parts behind it are hashed beside the whole.
    std::optional<PartDigests> laterParts;
    const std::unique_ptr<char[]> firstBuffer(new char[PartDigests::BufferBytes]);
    for (;;) {
        if (cancelled.load(std::memory_order_relaxed))
            return Error{ErrorCode::UserCancelled, u"while hashing"_s};
        char *const buffer = laterParts ? laterParts->buffer() : firstBuffer.get();
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
        if (laterParts)
            laterParts->add(count, endsPart);
        whole.add({buffer, count});
        if (!endsPart)
            continue;
        partFilled = 0;
        if (hash.partSha256.isEmpty())
            hash.partSha256.append(whole.resultSoFar());
        if (!laterParts && hash.size < before->size)
            laterParts.emplace();
    }
    if (laterParts)
        hash.partSha256 += laterParts->finish();
    hash.sha256 = hash.partSha256.size() == 1 ? hash.partSha256.first() : whole.result();

    if (hash.size != before->size) {
        const Result<FileIdentity> after = identityOf(descriptor);
        if (after && *after == *before && hash.size < before->size)
            return Error{ErrorCode::PreprocessingReadFailed, u"%1 of %2 bytes could be read"_s.arg(hash.size).arg(before->size)};
        return Error{ErrorCode::SelectionFileChanged, u"size changed while hashing"_s};
    }
    return hash;
}

} // namespace photolift::photo
