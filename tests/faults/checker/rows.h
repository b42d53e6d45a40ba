#pragma once

#include "models/vocabulary/result.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QString>
#include <QVariantList>

#include <functional>
#include <memory>

namespace photolift::check {

/// A database of the product, opened for reading only, by its own SQL and not through `store`: the checker must not share the
/// faults of what it checks.
class Rows
{
public:
    static Result<std::unique_ptr<Rows>> open(const QString &path);
    ~Rows();
    Q_DISABLE_COPY_MOVE(Rows)

    /// Runs the question and hands over each row; false when SQLite refused it (failure() says why).
    bool each(const QString &question, const std::function<void(const QSqlQuery &)> &look, const QVariantList &values = {});
    qint64 number(const QString &question);
    bool hasTable(const QString &name);
    QString failure() const { return m_failure; }
    QString name() const { return m_name; }

private:
    explicit Rows(QString name);
    QString m_name;
    QString m_failure;
};

} // namespace photolift::check
