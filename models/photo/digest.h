#pragma once

#include <QByteArray>
#include <QStringView>

#include <optional>

namespace photolift::photo {

/// What a part's checksum is: the folder store takes SHA-256; S3 stores check nothing but MD5 at the door.
enum class DigestKind { Sha256, Md5 };

/// By the name that the server's info gives it: "sha256", "md5".
std::optional<DigestKind> digestKind(QStringView name);

/// The digest (OpenSSL EVP) of a running stream. Not thread-safe; cheap to make (each algorithm is fetched once per process).
class Digest
{
public:
    explicit Digest(DigestKind kind);
    ~Digest();
    Digest(Digest &&other) noexcept;
    Digest &operator=(Digest &&other) noexcept;
    void add(QByteArrayView bytes);
    QByteArray result(); ///< raw bytes: 32 of SHA-256, 16 of MD5; the object starts anew afterwards
    QByteArray resultSoFar() const; ///< the same, and the stream goes on

private:
    DigestKind m_kind;
    void *m_context = nullptr;
};

class Sha256 final : public Digest
{
public:
    Sha256()
        : Digest(DigestKind::Sha256)
    {
    }
};

} // namespace photolift::photo
