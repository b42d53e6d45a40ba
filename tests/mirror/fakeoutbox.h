#pragma once

#include "models/store/outbox.h"

#include <QSet>

namespace photolift::tests {

/// An outbox in memory that answers later, as the recorder's does.
class FakeOutbox final : public store::Outbox
{
public:
    void add(int count, qsizetype padding = 0); ///< events of at least so many bytes
    int waiting() const;
    int markings = 0;
    QList<Lost> sendAgains;
    std::optional<Error> markFails; ///< once

    QFuture<Result<QList<store::OutboxRow>>> oldest(int limit) override;
    QFuture<Result<>> markSent(const QList<qint64> &sequences) override;
    QFuture<Result<>> sendAgain(Lost lost) override;
    QFuture<Result<qint64>> depth() override;

    QList<store::OutboxRow> rows;
    QSet<qint64> sent;
};

QByteArray gunzipped(const QByteArray &bytes);

} // namespace photolift::tests
