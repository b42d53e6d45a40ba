#include "tests/mirror/fakeoutbox.h"

#include "models/vocabulary/ids.h"

#include <QPromise>
#include <QTimer>

#include <zlib.h>

namespace photolift::tests {

namespace {
/// As a future that ends in a later turn of the event loop.
template <typename T> QFuture<T> later(T value)
{
    auto promise = std::make_shared<QPromise<T>>();
    promise->start();
    QTimer::singleShot(0, [promise, value = std::move(value)] {
        promise->addResult(value);
        promise->finish();
    });
    return promise->future();
}
}

void FakeOutbox::add(int count, qsizetype padding)
{
    for (int i = 0; i < count; ++i) {
        const QUuid id = newUuid7();
        const QByteArray json = "{\"event_id\":\"" + idText(id).toLatin1() + "\",\"pad\":\"" + QByteArray(padding, 'x') + "\"}";
        rows.append({rows.size() + 1, id, json});
    }
}

int FakeOutbox::waiting() const
{
    return int(rows.size() - sent.size());
}

QFuture<Result<QList<store::OutboxRow>>> FakeOutbox::oldest(int limit)
{
    QList<store::OutboxRow> found;
    for (const store::OutboxRow &row : rows) {
        if (!sent.contains(row.sequence) && found.size() < limit)
            found.append(row);
    }
    return later(Result<QList<store::OutboxRow>>(found));
}

QFuture<Result<>> FakeOutbox::markSent(const QList<qint64> &sequences)
{
    ++markings;
    if (const std::optional<Error> error = std::exchange(markFails, {}))
        return later(Result<>(*error));
    for (const qint64 sequence : sequences)
        sent.insert(sequence);
    return later(Result<>());
}

QFuture<Result<>> FakeOutbox::sendAgain(Lost lost)
{
    sendAgains.append(lost);
    sent.clear();
    return later(Result<>());
}

QFuture<Result<qint64>> FakeOutbox::depth()
{
    return later(Result<qint64>(qint64(waiting())));
}

QByteArray gunzipped(const QByteArray &bytes)
{
    z_stream stream{};
    inflateInit2(&stream, 15 + 16);
    QByteArray out(8 * 1024 * 1024, Qt::Uninitialized);
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
    stream.avail_in = uInt(bytes.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = uInt(out.size());
    const int end = inflate(&stream, Z_FINISH);
    out.truncate(end == Z_STREAM_END ? qsizetype(stream.total_out) : 0);
    inflateEnd(&stream);
    return out;
}

} // namespace photolift::tests
