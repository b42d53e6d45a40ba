#pragma once

#include "models/vocabulary/result.h"

#include <QDate>
#include <QList>
#include <QSqlDatabase>
#include <QString>

namespace photolift::server {

/// What details have left, when and by which rule: server_trims, server_trim_passes. In the transaction at hand.
class TrimTable
{
public:
    /// One table and how many days its rows stay.
    struct Rule {
        QLatin1StringView table;
        int days = 0;
        qint64 beforeKey = 0; ///< the first day that stays; firstDayThatStays()
        QString text() const { return QStringLiteral("after %1 days").arg(days); }
    };
    explicit TrimTable(const QSqlDatabase &database);

    /// The transaction at hand is one that nobody waits for, and a month may have millions of rows: each of its statements has ten minutes.
    Result<> takeTime() const;

    /// Always the first of a month: a month leaves when its youngest day has had its days. On PostgreSQL by the earlier of two clocks.
    Result<qint64> firstDayThatStays(const Rule &rule, const QDate &today) const;
    /// `month`: yyyymm; 0: rows of whatever months.
    Result<> note(const Rule &rule, qint64 month, qint64 rows, qint64 nowMs) const;

    /// The months (yyyymm) before the first day that stays whose aggregates have still to be made.
    Result<QList<qint64>> monthsWithoutMarts(const Rule &rule) const;
    /// Whether all rows have been looked at that may leave by this rule, but for those of these months.
    Result<bool> isComplete(const Rule &rule, const QList<qint64> &waiting) const;
    Result<> setComplete(const Rule &rule, const QList<qint64> &waiting, qint64 nowMs) const;

private:
    QSqlDatabase m_database;
};

} // namespace photolift::server
