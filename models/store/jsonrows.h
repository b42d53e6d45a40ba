#pragma once

#include <QByteArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>
#include <QString>
#include <QUuid>

#include <concepts>
#include <optional>

namespace photolift::store {

/// A JSON list of flat objects, written straight into bytes: a batch has tens of thousands of fields, and a tree of them would cost more
/// than the database. What is unknown (nullopt, an empty text, a null id, an empty object) is left out, and so NULL behind
/// jsonb_to_recordset. Names are constants of the program and are not escaped.
class JsonRows
{
public:
    void begin() { m_bytes.append(m_count++ == 0 ? "{" : ",{"); m_isFirst = true; }
    void end() { m_bytes.append('}'); }
    qsizetype count() const { return m_count; }
    /// The list so far.
    QByteArray json() const { return '[' + m_bytes + ']'; }

    template <std::integral T> void field(const char *name, T value)
    {
        key(name);
        if constexpr (std::same_as<T, bool>)
            m_bytes.append(value ? "true" : "false");
        else
            m_bytes.append(QByteArray::number(static_cast<qlonglong>(value)));
    }
    void field(const char *name, double value)
    {
        key(name);
        m_bytes.append(QByteArray::number(value, 'g', QLocale::FloatingPointShortest));
    }
    template <typename T> void field(const char *name, const std::optional<T> &value)
    {
        if (value)
            field(name, *value);
    }
    void field(const char *name, const QString &text)
    {
        if (!text.isEmpty())
            quoted(name, text);
    }
    void field(const char *name, const QUuid &id)
    {
        if (id.isNull())
            return;
        key(name);
        m_bytes.append('"').append(id.toByteArray(QUuid::WithoutBraces)).append('"');
    }
    void field(const char *name, const QJsonObject &object)
    {
        if (object.isEmpty())
            return;
        key(name);
        m_bytes.append(QJsonDocument(object).toJson(QJsonDocument::Compact));
    }
    /// An empty text stays one.
    void quoted(const char *name, const QString &text)
    {
        key(name);
        m_bytes.append('"');
        for (const char byte : text.toUtf8()) {
            if (byte == '"' || byte == '\\')
                m_bytes.append('\\').append(byte);
            else if (static_cast<unsigned char>(byte) < 0x20)
                m_bytes.append("\\u00").append(QByteArray::number(byte, 16).rightJustified(2, '0'));
            else
                m_bytes.append(byte);
        }
        m_bytes.append('"');
    }

private:
    void key(const char *name)
    {
        if (!m_isFirst)
            m_bytes.append(',');
        m_isFirst = false;
        m_bytes.append('"').append(name).append("\":");
    }

    QByteArray m_bytes;
    qsizetype m_count = 0;
    bool m_isFirst = true;
};

} // namespace photolift::store
