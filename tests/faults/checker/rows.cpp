#include "tests/faults/checker/rows.h"

#include <QSqlError>
#include <QUuid>

using namespace Qt::StringLiterals;

namespace photolift::check {

Rows::Rows(QString name)
    : m_name(std::move(name))
{
}

Rows::~Rows()
{
    QSqlDatabase::removeDatabase(m_name);
}

Result<std::unique_ptr<Rows>> Rows::open(const QString &path)
{
    std::unique_ptr<Rows> rows(new Rows(path + u'#' + QUuid::createUuid().toString()));
    QSqlDatabase database = QSqlDatabase::addDatabase(u"QSQLITE"_s, rows->m_name);
    database.setDatabaseName(path);
    database.setConnectOptions(u"QSQLITE_OPEN_READONLY;QSQLITE_BUSY_TIMEOUT=10000"_s);
    if (!database.open())
        return Error{ErrorCode::LocalDiskError, u"%1: %2"_s.arg(path, database.lastError().text())};
    return rows;
}

bool Rows::each(const QString &question, const std::function<void(const QSqlQuery &)> &look, const QVariantList &values)
{
    QSqlQuery query(QSqlDatabase::database(m_name));
    query.setForwardOnly(true);
    if (!query.prepare(question)) {
        m_failure = query.lastError().text() + u": "_s + question;
        return false;
    }
    for (const QVariant &value : values)
        query.addBindValue(value);
    if (!query.exec()) {
        m_failure = query.lastError().text() + u": "_s + question;
        return false;
    }
    while (query.next())
        look(query);
    return true;
}

qint64 Rows::number(const QString &question)
{
    qint64 result = 0;
    each(question, [&result](const QSqlQuery &row) { result = row.value(0).toLongLong(); });
    return result;
}

bool Rows::hasTable(const QString &name)
{
    bool isThere = false;
    each(u"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"_s, [&isThere](const QSqlQuery &) { isThere = true; }, {name});
    return isThere;
}

} // namespace photolift::check
