#pragma once

#include "models/store/database.h"
#include "models/store/dialect.h"
#include "models/store/starwriter.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QSqlQuery>
#include <QSqlRecord>
#include <QStringList>
#include <QTemporaryDir>
#include <QtTest>

namespace photolift::store {

/// A fresh database with the star in it, and questions to it in one line each. The SQL is that of models/store/dialect.h, and the lines
/// are the same whichever engine gives them.
class StarFixture
{
public:
    explicit StarFixture(const QStringList &series = {QStringLiteral("star")})
        : m_connection(openOrDie(m_folder.filePath(QStringLiteral("photolift.sqlite"))))
    {
        migrateOrDie(series);
    }
    /// On a database of PostgreSQL that is there and empty.
    explicit StarFixture(const PostgresAddress &address, const QStringList &series = {QStringLiteral("star")})
    {
        auto opened = Connection::open(address);
        if (!opened)
            qFatal("%s", qPrintable(opened.error().detail));
        m_connection = std::move(*opened);
        migrateOrDie(series);
    }

    QSqlDatabase database() const { return m_connection->database(); }
    QString path() const { return database().databaseName(); }

    /// All rows as lines of "a|b|c", NULL as "-".
    QStringList rows(const QString &sql) const { return rowsOf(database(), sql); }
    static QStringList rowsOf(const QSqlDatabase &database, const QString &sql)
    {
        QSqlQuery query(database);
        if (!query.exec(inDialect(sql, engineOf(database))))
            qFatal("%s: %s", qPrintable(sql), qPrintable(query.lastError().text()));
        QStringList lines;
        while (query.next()) {
            QStringList cells;
            for (int i = 0; i < query.record().count(); ++i)
                cells << (query.isNull(i) ? QStringLiteral("-") : textOf(query.value(i)));
            lines << cells.join(QLatin1Char('|'));
        }
        return lines;
    }
    QString value(const QString &sql) const { return rows(sql).value(0); }

private:
    /// Truth and JSON look different in the two engines and mean the same.
    static QString textOf(const QVariant &value)
    {
        if (value.typeId() == QMetaType::Bool)
            return value.toBool() ? QStringLiteral("1") : QStringLiteral("0");
        const QString text = value.toString();
        if (!text.startsWith(QLatin1Char('{')))
            return text;
        return QString::fromUtf8(QJsonDocument::fromJson(text.toUtf8()).toJson(QJsonDocument::Compact));
    }
    void migrateOrDie(const QStringList &series)
    {
        const Result<> migrated = migrate(database(), series);
        if (!migrated)
            qFatal("%s", qPrintable(migrated.error().detail));
    }
    static std::unique_ptr<Connection> openOrDie(const QString &path)
    {
        auto opened = Connection::open(path, Connection::Use::Write);
        if (!opened)
            qFatal("%s", qPrintable(opened.error().detail));
        return std::move(*opened);
    }

    QTemporaryDir m_folder;
    std::unique_ptr<Connection> m_connection;
};

} // namespace photolift::store
