#include "app/server/http/headrules.h"

#include <QList>
#include <QSet>

#include <algorithm>

namespace photolift::server {

namespace {
constexpr QByteArrayView LineEnd("\r\n");

bool isTokenCharacter(char c)
{
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        return true;
    return QByteArrayView("!#$%&'*+-.^_`|~").contains(c);
}

bool isControl(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

bool isPlainNumber(QByteArrayView text)
{
    return !text.isEmpty() && text.size() <= 18 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int hexValue(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}
}

std::optional<QByteArray> faultInHead(QByteArrayView block)
{
    const qsizetype firstEnd = block.indexOf(LineEnd);
    if (firstEnd <= 0)
        return "empty request line";
    const QByteArrayView requestLine = block.first(firstEnd);
    if (std::any_of(requestLine.begin(), requestLine.end(), [](char c) { return isControl(c) || c == '\t'; }))
        return "control character in the request line";

    QSet<QByteArray> seen;
    bool hasLength = false;
    bool hasEncoding = false;
    qsizetype at = firstEnd + LineEnd.size();
    while (true) {
        const qsizetype end = block.indexOf(LineEnd, at);
        if (end < 0)
            return "head without end";
        if (end == at)
            break;
        const QByteArrayView line = block.sliced(at, end - at);
        at = end + LineEnd.size();

        if (line.front() == ' ' || line.front() == '\t')
            return "folded header line";
        if (std::any_of(line.begin(), line.end(), isControl))
            return "control character in a header";
        const qsizetype colon = line.indexOf(':');
        if (colon <= 0 || !std::all_of(line.begin(), line.begin() + colon, isTokenCharacter))
            return "bad header name";
        const QByteArray name = line.first(colon).toByteArray().toLower();
        const QByteArray value = line.sliced(colon + 1).toByteArray().trimmed();
        if (seen.contains(name))
            return QByteArray("repeated header ") + name.left(64);
        seen.insert(name);

        if (name == "content-length") {
            if (!isPlainNumber(value))
                return "bad Content-Length";
            hasLength = true;
        } else if (name == "transfer-encoding") {
            if (value.toLower() != "chunked")
                return "unknown Transfer-Encoding";
            hasEncoding = true;
        } else if (name == "host" && value.isEmpty()) {
            return "empty Host";
        }
    }
    if (at + LineEnd.size() < block.size())
        return "bytes behind the head";
    if (hasLength && hasEncoding)
        return "Content-Length with Transfer-Encoding";
    if (!seen.contains("host"))
        return "no Host";
    return std::nullopt;
}

std::optional<QByteArray> decodedPath(QByteArrayView rawPath)
{
    if (rawPath.isEmpty() || rawPath.front() != '/')
        return std::nullopt;
    QByteArray path;
    path.reserve(rawPath.size());
    for (qsizetype i = 0; i < rawPath.size(); ++i) {
        char c = rawPath[i];
        if (c == '%') {
            const int high = i + 2 < rawPath.size() ? hexValue(rawPath[i + 1]) : -1;
            const int low = high >= 0 ? hexValue(rawPath[i + 2]) : -1;
            if (low < 0)
                return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            // An encoded slash would make two readers see different segments.
            if (c == '/')
                return std::nullopt;
            i += 2;
        } else if (c == '#' || c == '\\') {
            return std::nullopt;
        }
        if (isControl(c) || c == '\t')
            return std::nullopt;
        path.append(c);
    }
    const QList<QByteArray> segments = path.split('/');
    if (segments.contains(".") || segments.contains(".."))
        return std::nullopt;
    return path;
}

} // namespace photolift::server
