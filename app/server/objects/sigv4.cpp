#include "app/server/objects/sigv4.h"

#include <QTimeZone>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

namespace photolift::server::sigv4 {

using namespace Qt::StringLiterals;

namespace {
using Pairs = QList<std::pair<QByteArray, QByteArray>>;

constexpr char Algorithm[] = "AWS4-HMAC-SHA256";
constexpr char Service[] = "s3";
constexpr char Terminator[] = "aws4_request";
constexpr int MostExpiresSeconds = 604800;
constexpr int ToleratedSkewSeconds = 900;

QByteArray hmac(const QByteArray &key, const QByteArray &text)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    HMAC(EVP_sha256(), key.constData(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char *>(text.constData()),
         static_cast<std::size_t>(text.size()), digest, &length);
    return QByteArray(reinterpret_cast<const char *>(digest), static_cast<qsizetype>(length));
}

QByteArray sha256Hex(const QByteArray &text)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    EVP_Digest(text.constData(), static_cast<std::size_t>(text.size()), digest, &length, EVP_sha256(), nullptr);
    return QByteArray(reinterpret_cast<const char *>(digest), static_cast<qsizetype>(length)).toHex();
}

QByteArray encoded(const QByteArray &text)
{
    return text.toPercentEncoding(); // leaves exactly the unreserved characters: A-Z a-z 0-9 - . _ ~
}

QByteArray encodedPath(const QByteArray &decodedPath)
{
    return decodedPath.toPercentEncoding("/");
}

/// Every % is followed by two hex digits: nothing is guessed about half an escape.
bool isSoundEncoding(QByteArrayView text)
{
    for (qsizetype i = text.indexOf('%'); i >= 0; i = text.indexOf('%', i + 1)) {
        if (i + 2 >= text.size() || !std::isxdigit(static_cast<unsigned char>(text[i + 1]))
            || !std::isxdigit(static_cast<unsigned char>(text[i + 2])))
            return false;
    }
    return true;
}

Pairs decodedQuery(QByteArrayView raw)
{
    Pairs pairs;
    if (raw.isEmpty())
        return pairs;
    for (const QByteArray &piece : raw.toByteArray().split('&')) {
        const qsizetype equals = piece.indexOf('=');
        const QByteArray name = equals < 0 ? piece : piece.first(equals);
        const QByteArray value = equals < 0 ? QByteArray() : piece.sliced(equals + 1);
        pairs.emplaceBack(QByteArray::fromPercentEncoding(name), QByteArray::fromPercentEncoding(value));
    }
    return pairs;
}

QByteArray canonicalQuery(const Pairs &pairs)
{
    Pairs lines;
    for (const auto &[name, value] : pairs)
        lines.emplaceBack(encoded(name), encoded(value));
    std::sort(lines.begin(), lines.end());
    QByteArray text;
    for (const auto &[name, value] : lines) {
        if (!text.isEmpty())
            text += '&';
        text += name;
        text += '=';
        text += value;
    }
    return text;
}

QByteArray signatureOf(QByteArrayView method, const QByteArray &path, const Pairs &query, Pairs headers, const QByteArray &dateTime,
                       const Credentials &credentials)
{
    std::sort(headers.begin(), headers.end());
    QByteArray headerLines;
    QByteArrayList names;
    for (const auto &[name, value] : headers) {
        headerLines += name + ':' + value.simplified() + '\n';
        names.append(name);
    }
    const QByteArray canonical = method.toByteArray() + '\n' + encodedPath(path) + '\n' + canonicalQuery(query) + '\n' + headerLines + '\n'
        + names.join(';') + "\nUNSIGNED-PAYLOAD";
    const QByteArray day = dateTime.first(8);
    const QByteArray scope = day + '/' + credentials.region + '/' + Service + '/' + Terminator;
    const QByteArray toSign = QByteArray(Algorithm) + '\n' + dateTime + '\n' + scope + '\n' + sha256Hex(canonical);
    return hmac(signingKey(credentials.secretKey, day, credentials.region, Service), toSign).toHex();
}

QDateTime instantFrom(const QByteArray &dateTime)
{
    QDateTime instant = QDateTime::fromString(QString::fromLatin1(dateTime), u"yyyyMMdd'T'HHmmss'Z'"_s);
    instant.setTimeSpec(Qt::UTC);
    return instant;
}
}

QByteArray signingKey(const QByteArray &secretKey, const QByteArray &day, const QByteArray &region, const QByteArray &service)
{
    return hmac(hmac(hmac(hmac("AWS4" + secretKey, day), region), service), Terminator);
}

std::optional<QByteArray> queryValue(QByteArrayView rawQuery, QByteArrayView name)
{
    std::optional<QByteArray> found;
    for (const auto &[key, value] : decodedQuery(rawQuery)) {
        if (key != name)
            continue;
        if (found)
            return std::nullopt;
        found = value;
    }
    return found;
}

QByteArray hostFieldOf(const QUrl &url)
{
    QByteArray host = url.host(QUrl::FullyEncoded).toLatin1();
    if (host.contains(':'))
        host = '[' + host + ']'; // QUrl takes them away
    const int port = url.port();
    const bool isMeantAnyway = (port == 443 && url.scheme() == "https"_L1) || (port == 80 && url.scheme() == "http"_L1);
    if (port >= 0 && !isMeantAnyway)
        host += ':' + QByteArray::number(port);
    return host;
}

QUrl presign(const PresignOrder &order, const Credentials &credentials, const QDateTime &now)
{
    const QByteArray dateTime = now.toUTC().toString(u"yyyyMMdd'T'HHmmss'Z'"_s).toLatin1();
    const QByteArray host = hostFieldOf(order.url);
    Pairs headers = order.signedHeaders;
    headers.emplaceBack("host", host);
    QByteArrayList names;
    for (const auto &header : std::as_const(headers))
        names.append(header.first);
    std::sort(names.begin(), names.end());

    Pairs query = decodedQuery(order.url.query(QUrl::FullyEncoded).toLatin1());
    query.emplaceBack("X-Amz-Algorithm", Algorithm);
    query.emplaceBack("X-Amz-Credential",
                      QByteArray(credentials.accessKey + '/' + dateTime.first(8) + '/' + credentials.region + '/' + Service + '/' + Terminator));
    query.emplaceBack("X-Amz-Date", dateTime);
    query.emplaceBack("X-Amz-Expires", QByteArray::number(order.expiresSeconds));
    query.emplaceBack("X-Amz-SignedHeaders", names.join(';'));
    const QByteArray path = order.url.path(QUrl::FullyDecoded).toUtf8();
    const QByteArray signature = signatureOf(order.method, path, query, headers, dateTime, credentials);

    const QByteArray base = order.url.scheme().toLatin1() + "://" + host + encodedPath(path);
    return QUrl::fromEncoded(QByteArray(base + '?' + canonicalQuery(query) + "&X-Amz-Signature=" + signature), QUrl::StrictMode);
}

Verdict verify(QByteArrayView method, QByteArrayView rawPathAndQuery, const QList<std::pair<QByteArray, QByteArray>> &headers,
               const Credentials &credentials, const QDateTime &now)
{
    const qsizetype mark = rawPathAndQuery.indexOf('?');
    if (mark < 0 || !isSoundEncoding(rawPathAndQuery))
        return Verdict::Malformed;
    const QByteArray path = QByteArray::fromPercentEncoding(rawPathAndQuery.first(mark).toByteArray());
    const QByteArrayView rawQuery = rawPathAndQuery.sliced(mark + 1);
    const auto algorithm = queryValue(rawQuery, "X-Amz-Algorithm");
    const auto credential = queryValue(rawQuery, "X-Amz-Credential");
    const auto dateTime = queryValue(rawQuery, "X-Amz-Date");
    const auto expires = queryValue(rawQuery, "X-Amz-Expires");
    const auto signedNames = queryValue(rawQuery, "X-Amz-SignedHeaders");
    const auto signature = queryValue(rawQuery, "X-Amz-Signature");
    if (algorithm != QByteArray(Algorithm) || !credential || !dateTime || !expires || !signedNames || !signature)
        return Verdict::Malformed;
    const QDateTime signedAt = instantFrom(*dateTime);
    bool isNumber = false;
    const int seconds = expires->toInt(&isNumber);
    if (!signedAt.isValid() || !isNumber || seconds < 1 || seconds > MostExpiresSeconds)
        return Verdict::Malformed;
    if (*credential
        != credentials.accessKey + '/' + dateTime->first(8) + '/' + credentials.region + '/' + Service + '/' + Terminator)
        return Verdict::Mismatch;

    Pairs signedHeaders;
    const QByteArrayList names = signedNames->split(';');
    if (!names.contains("host"))
        return Verdict::Malformed;
    for (const QByteArray &name : names) {
        const auto header = std::find_if(headers.begin(), headers.end(), [&name](const auto &pair) { return pair.first == name; });
        if (header == headers.end())
            return Verdict::Mismatch;
        signedHeaders.append(*header);
    }
    Pairs query = decodedQuery(rawQuery);
    query.removeIf([](const auto &pair) { return pair.first == "X-Amz-Signature"; });
    const QByteArray expected = signatureOf(method, path, query, signedHeaders, *dateTime, credentials);
    if (signature->size() != expected.size()
        || CRYPTO_memcmp(signature->constData(), expected.constData(), static_cast<std::size_t>(expected.size())) != 0)
        return Verdict::Mismatch;

    const qint64 age = signedAt.secsTo(now);
    if (age < -ToleratedSkewSeconds)
        return Verdict::NotYetValid;
    return age >= seconds ? Verdict::Expired : Verdict::Valid;
}

} // namespace photolift::server::sigv4
