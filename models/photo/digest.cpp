#include "models/photo/digest.h"

#include <openssl/evp.h>

#include <utility>

using namespace Qt::StringLiterals;

namespace photolift::photo {

namespace {

/// Fetching walks the providers of OpenSSL and takes a lock: once per process.
const EVP_MD *algorithm(DigestKind kind)
{
    static const EVP_MD *const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (kind == DigestKind::Sha256)
        return sha256;
    static const EVP_MD *const md5 = EVP_MD_fetch(nullptr, "MD5", nullptr); // only where a store asks for it
    return md5;
}

EVP_MD_CTX *contextOf(void *context)
{
    return static_cast<EVP_MD_CTX *>(context);
}

/// OpenSSL fails here only without memory or without its default provider: nothing that could go on.
void mustSucceed(int done)
{
    if (done != 1)
        qFatal("SHA-256 or MD5 of OpenSSL is not available");
}

} // namespace

std::optional<DigestKind> digestKind(QStringView name)
{
    if (name == "sha256"_L1)
        return DigestKind::Sha256;
    if (name == "md5"_L1)
        return DigestKind::Md5;
    return std::nullopt;
}

Digest::Digest(DigestKind kind)
    : m_kind(kind)
    , m_context(EVP_MD_CTX_new())
{
    mustSucceed(m_context && algorithm(kind) ? EVP_DigestInit_ex2(contextOf(m_context), algorithm(kind), nullptr) : 0);
}

Digest::~Digest()
{
    EVP_MD_CTX_free(contextOf(m_context));
}

Digest::Digest(Digest &&other) noexcept
    : m_kind(other.m_kind)
    , m_context(std::exchange(other.m_context, nullptr))
{
}

Digest &Digest::operator=(Digest &&other) noexcept
{
    std::swap(m_kind, other.m_kind);
    std::swap(m_context, other.m_context);
    return *this;
}

void Digest::add(QByteArrayView bytes)
{
    mustSucceed(EVP_DigestUpdate(contextOf(m_context), bytes.data(), static_cast<std::size_t>(bytes.size())));
}

QByteArray Digest::result()
{
    QByteArray digest(EVP_MD_get_size(algorithm(m_kind)), Qt::Uninitialized);
    mustSucceed(EVP_DigestFinal_ex(contextOf(m_context), reinterpret_cast<unsigned char *>(digest.data()), nullptr));
    mustSucceed(EVP_DigestInit_ex2(contextOf(m_context), nullptr, nullptr));
    return digest;
}

QByteArray Digest::resultSoFar() const
{
    Digest copy(m_kind);
    mustSucceed(EVP_MD_CTX_copy_ex(contextOf(copy.m_context), contextOf(m_context)));
    return copy.result();
}

} // namespace photolift::photo
