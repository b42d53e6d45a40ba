#include "app/server/http/responsehead.h"

#include "models/wire/messages.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace photolift::server {

namespace {
QByteArrayView reasonFor(int status)
{
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Payload Too Large";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Entity";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    case 507: return "Insufficient Storage";
    default: return "Status";
    }
}

/// RFC 9110 wants English names whatever the locale of the process is.
QByteArray httpDate(qint64 unixSeconds)
{
    static constexpr std::array<const char *, 7> Days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<const char *, 12> Months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t seconds = unixSeconds;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return QByteArray(Days[static_cast<std::size_t>(parts.tm_wday)]) + ", "
        + QByteArray::number(parts.tm_mday).rightJustified(2, '0') + ' ' + Months[static_cast<std::size_t>(parts.tm_mon)] + ' '
        + QByteArray::number(parts.tm_year + 1900) + ' ' + QByteArray::number(parts.tm_hour).rightJustified(2, '0') + ':'
        + QByteArray::number(parts.tm_min).rightJustified(2, '0') + ':' + QByteArray::number(parts.tm_sec).rightJustified(2, '0') + " GMT";
}

bool isPlain(const QByteArray &text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}
}

QByteArray responseHead(const HttpResponse &response, const QString &requestId, bool isKept, qint64 unixSeconds)
{
    QByteArray head;
    head.reserve(512);
    head += "HTTP/1.1 " + QByteArray::number(response.status) + ' ' + reasonFor(response.status) + "\r\n";
    const auto add = [&head](QByteArrayView name, const QByteArray &value) {
        if (isPlain(value))
            head.append(name).append(": ").append(value).append("\r\n");
    };
    add(wire::OurHeader, wire::OurHeaderValue);
    add(wire::RequestIdHeader, requestId.toLatin1());
    add("Date", httpDate(unixSeconds));
    add("X-Content-Type-Options", "nosniff");
    add("Cache-Control", "no-store");
    const qint64 bodyBytes = response.source ? response.source->size() : response.body.size();
    if (bodyBytes > 0)
        add("Content-Type", response.contentType);
    if (response.status != 204)
        add("Content-Length", QByteArray::number(bodyBytes));
    for (const auto &[name, value] : response.headers) {
        if (isPlain(name))
            add(name, value);
    }
    add("Connection", isKept ? "keep-alive" : "close");
    head += "\r\n";
    return head;
}

} // namespace photolift::server
