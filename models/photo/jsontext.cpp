#include "models/photo/jsontext.h"

#include <array>
#include <charconv>
#include <cmath>

namespace photolift::photo {

namespace {

template <typename Number> void append(QByteArray &bytes, Number number)
{
    std::array<char, 32> text; // the longest double has 24 characters
    const std::to_chars_result written = std::to_chars(text.data(), text.data() + text.size(), number);
    bytes.append(text.data(), written.ptr - text.data());
}

void appendEscaped(QByteArray &bytes, char byte)
{
    if (byte == '"' || byte == '\\') {
        bytes.append('\\').append(byte);
        return;
    }
    constexpr char Digits[] = "0123456789abcdef";
    bytes.append("\\u00").append(Digits[byte >> 4]).append(Digits[byte & 15]);
}

} // namespace

void JsonText::begin(QLatin1StringView key)
{
    if (m_bytes.isEmpty())
        m_bytes.reserve(512); // nearly all answers
    m_bytes.append(m_bytes.isEmpty() ? '{' : ',').append('"').append(key.data(), key.size()).append("\":");
}

void JsonText::put(QLatin1StringView key, bool value)
{
    begin(key);
    m_bytes.append(value ? "true" : "false");
}

void JsonText::put(QLatin1StringView key, qint64 value)
{
    begin(key);
    append(m_bytes, value);
}

void JsonText::put(QLatin1StringView key, double value)
{
    begin(key);
    if (std::isfinite(value))
        append(m_bytes, value);
    else
        m_bytes.append("null");
}

void JsonText::put(QLatin1StringView key, QStringView value)
{
    begin(key);
    m_bytes.append('"');
    const QByteArray utf8 = value.toUtf8();
    for (const char byte : utf8) {
        const bool isControl = static_cast<unsigned char>(byte) < 0x20;
        if (isControl || byte == '"' || byte == '\\')
            appendEscaped(m_bytes, byte);
        else
            m_bytes.append(byte);
    }
    m_bytes.append('"');
}

void JsonText::put(QLatin1StringView key, QLatin1StringView value)
{
    begin(key);
    m_bytes.append('"').append(value.data(), value.size()).append('"');
}

void JsonText::putObject(QLatin1StringView key, const JsonText &value)
{
    begin(key);
    m_bytes.append(value.bytes());
}

} // namespace photolift::photo
