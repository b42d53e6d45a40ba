#pragma once

#include <QByteArray>

#include <memory>

struct evp_md_ctx_st;

namespace photolift::transfer {

/// SHA-256 (OpenSSL EVP) of the bytes of one part, in the order they are sent. One thread.
class SentDigest
{
public:
    SentDigest();
    void begin();
    void add(const char *bytes, size_t count);
    QByteArray end(); ///< raw; begin() again before the next

private:
    struct Free {
        void operator()(evp_md_ctx_st *context) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> m_context;
};

} // namespace photolift::transfer
