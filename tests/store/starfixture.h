#pragma once

#include "models/store/database.h"
#include "models/store/starwriter.h"

#include <QSqlQuery>
#include <QSqlRecord>
#include <QStringList>
#include <QTemporaryDir>
#include <QtTest>

namespace photolift::store {

/// A fresh database with the star in it, and questions to it in one line each.
class StarFixture
{
public:
    explicit StarFixture(const QStringList &series = {QStringLiteral("star")})
        : m_connection(openOrDie(m_folder.filePath(QStringLiteral("photolift.sqlite"))))
    {
        const Result<> migrated = migrate(database(), series);
        if (!migrated)
            qFatal("%s", qPrintable(migrated.error().detail));
    }

    QSqlDatabase database() const { return m_connection->database(); }
    QString path() const { return database().databaseName(); }

    /// All rows as lines of "a|b|c", NULL as "-".
    QStringList rows(const QString &sql) const { return rowsOf(database(), sql); }
    static QStringList rowsOf(const QSqlDatabase &database, const QString &sql)
    {
        QSqlQuery query(database);
        if (!query.exec(sql))
            qFatal("%s: %s", qPrintable(sql), qPrintable(query.lastError().text()));
        QStringList lines;
        while (query.next()) {
            QStringList cells;
            for (int i = 0; i < query.record().count(); ++i)
                cells << (query.isNull(i) ? QStringLiteral("-") : query.value(i).toString());
            lines << cells.join(QLatin1Char('|'));
        }
        return lines;
    }
    QString value(const QString &sql) const { return rows(sql).value(0); }

private:
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
