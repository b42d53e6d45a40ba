#pragma once

#include <QByteArray>
#include <QLatin1StringView>
#include <QString>

#include <optional>

namespace photolift::photo {

/// Writes one JSON object straight as UTF-8, without building it in memory first. The keys are ASCII without anything to escape and
/// each is put once; nothing checks that.
class JsonText
{
public:
    void put(QLatin1StringView key, bool value);
    void put(QLatin1StringView key, qint64 value);
    void put(QLatin1StringView key, int value) { put(key, qint64(value)); }
    void put(QLatin1StringView key, double value); ///< exactly the same when read again; null when it is not finite
    void put(QLatin1StringView key, QStringView value);
    void put(QLatin1StringView key, QLatin1StringView value); ///< ASCII without anything to escape
    void putObject(QLatin1StringView key, const JsonText &value);

    QByteArray bytes() const { return m_bytes.isEmpty() ? QByteArray("{}") : m_bytes + '}'; }

private:
    void begin(QLatin1StringView key);

    QByteArray m_bytes; ///< without the brace at the end
};

} // namespace photolift::photo
