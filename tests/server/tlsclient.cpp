#include "tests/server/tlsclient.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>

namespace photolift::test {

struct TlsClient::Session {
    int socket = -1;
    SSL_CTX *context = nullptr;
    SSL *ssl = nullptr;

    Session() = default;
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;
    ~Session()
    {
        SSL_free(ssl);
        SSL_CTX_free(context);
        ::close(socket);
    }
};

TlsClient::TlsClient(quint16 port, const QByteArray &trustedPem, int protocol, const QByteArray &from)
    : m_session(new Session)
{
    constexpr timeval Patience{20, 0};
    m_session->socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::setsockopt(m_session->socket, SOL_SOCKET, SO_RCVTIMEO, &Patience, sizeof Patience);
    m_session->context = SSL_CTX_new(TLS_client_method());
    m_session->ssl = SSL_new(m_session->context);
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> pem(BIO_new_mem_buf(trustedPem.constData(), static_cast<int>(trustedPem.size())),
                                                            BIO_free_all);
    while (X509 *certificate = PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr)) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(m_session->context), certificate);
        X509_free(certificate);
    }
    SSL_set_verify(m_session->ssl, SSL_VERIFY_PEER, nullptr);
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(m_session->ssl), "127.0.0.1");
    if (protocol != 0) {
        SSL_set_security_level(m_session->ssl, 0); // what is old may be offered
        SSL_set_min_proto_version(m_session->ssl, protocol);
        SSL_set_max_proto_version(m_session->ssl, protocol);
    }

    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(port);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    if (!from.isEmpty() && (::inet_pton(AF_INET, from.constData(), &here.sin_addr) != 1 || ::bind(m_session->socket, reinterpret_cast<const sockaddr *>(&here), sizeof here) != 0))
        return;
    if (::connect(m_session->socket, reinterpret_cast<const sockaddr *>(&to), sizeof to) != 0)
        return;
    SSL_set_fd(m_session->ssl, m_session->socket);
    m_isConnected = SSL_connect(m_session->ssl) == 1;
}

TlsClient::~TlsClient() = default;

QByteArray TlsClient::protocol() const
{
    return SSL_get_version(m_session->ssl);
}

QByteArray TlsClient::peerFingerprint() const
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    X509_digest(SSL_get0_peer_certificate(m_session->ssl), EVP_sha256(), digest.data(), &size);
    return QByteArray(reinterpret_cast<const char *>(digest.data()), static_cast<qsizetype>(size)).toHex();
}

bool TlsClient::send(QByteArrayView bytes)
{
    return m_isConnected && SSL_write(m_session->ssl, bytes.data(), static_cast<int>(bytes.size())) > 0;
}

RawAnswer TlsClient::read()
{
    RawAnswer answer;
    std::array<char, 4096> block{};
    while (m_isConnected) {
        const qsizetype end = m_pending.indexOf("\r\n\r\n");
        if (end >= 0) {
            const QList<QByteArray> lines = m_pending.first(end).replace("\r\n", "\n").split('\n');
            for (const QByteArray &line : lines.sliced(1))
                answer.headers.insert(line.first(line.indexOf(':')).toLower(), line.sliced(line.indexOf(':') + 1).trimmed());
            const qsizetype length = answer.headers.value("content-length").toLongLong();
            if (m_pending.size() >= end + 4 + length) {
                answer.status = lines.first().split(' ').value(1).toInt();
                answer.body = m_pending.sliced(end + 4, length);
                m_pending.remove(0, end + 4 + length);
                return answer;
            }
        }
        const int got = SSL_read(m_session->ssl, block.data(), static_cast<int>(block.size()));
        if (got <= 0)
            break;
        m_pending.append(block.data(), got);
    }
    return {};
}

RawAnswer TlsClient::ask(QByteArrayView bytes)
{
    return send(bytes) ? read() : RawAnswer{};
}

} // namespace photolift::test
