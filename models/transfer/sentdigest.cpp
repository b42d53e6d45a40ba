#include "models/transfer/sentdigest.h"

#include <openssl/evp.h>

namespace photolift::transfer {

namespace {
/// Fetched once: looking the algorithm up costs more than hashing a small part.
const EVP_MD *sha256()
{
    static EVP_MD *const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return algorithm;
}
}

SentDigest::SentDigest()
    : m_context(EVP_MD_CTX_new())
{
}

void SentDigest::begin()
{
    EVP_DigestInit_ex2(m_context.get(), sha256(), nullptr);
}

void SentDigest::add(const char *bytes, size_t count)
{
    EVP_DigestUpdate(m_context.get(), bytes, count);
}

QByteArray SentDigest::end()
{
    QByteArray digest(32, '\0');
    unsigned int size = 0;
    EVP_DigestFinal_ex(m_context.get(), reinterpret_cast<unsigned char *>(digest.data()), &size);
    return digest;
}

void SentDigest::Free::operator()(evp_md_ctx_st *context) const
{
    EVP_MD_CTX_free(context);
}

} // namespace photolift::transfer
