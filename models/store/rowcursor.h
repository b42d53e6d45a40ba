#pragma once

#include "models/vocabulary/errorcode.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QSqlQuery>
#include <QUuid>
#include <QVariant>

#include <optional>

namespace photolift::store {

/// Takes the columns of one row in the order of the SELECT, so that both can be compared line by line.
class RowCursor
{
public:
    explicit RowCursor(const QSqlQuery &row)
        : m_row(row)
    {
    }

    QVariant next() { return m_row.value(m_column++); }
    QString text() { return next().toString(); }
    QByteArray bytes() { return next().toByteArray(); }
    QUuid id() { return QUuid::fromString(text()); }
    qint64 number() { return next().toLongLong(); }
    int small() { return next().toInt(); }
    bool flag() { return next().toBool(); }
    QJsonObject json() { return QJsonDocument::fromJson(text().toUtf8()).object(); }
    template <typename T> std::optional<T> maybe()
    {
        const QVariant value = next();
        return value.isNull() ? std::nullopt : std::optional<T>(value.value<T>());
    }
    std::optional<ErrorCode> code()
    {
        const QString name = text();
        return name.isEmpty() ? std::nullopt : std::optional<ErrorCode>(errorFromName(name));
    }
    std::optional<Stage> stage() { return stageFromName(text()); }

private:
    const QSqlQuery &m_row;
    int m_column = 0;
};

} // namespace photolift::store
