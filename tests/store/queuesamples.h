#pragma once

#include "models/store/recorder.h"

#include "tests/store/samples.h"

#include <QtTest>

namespace photolift::samples {

inline store::BatchAccepted accepted(const ProjectRecord &owner, const QByteArray &root = "/photos/100CANON")
{
    return {batch(owner), owner, {root}, false};
}

inline store::Item item(const BatchRecord &batch, qint64 ordinal)
{
    store::Item i;
    i.itemId = newUuid7();
    i.batchId = batch.batchId;
    i.ordinal = ordinal;
    i.relativePath = "100CANON/IMG_" + QByteArray::number(ordinal).rightJustified(5, '0') + ".JPG";
    i.absolutePath = "/photos/" + i.relativePath;
    i.identity = {5'000'000 + ordinal, 1'700'000'000'000'000'000, 1000 + static_cast<quint64>(ordinal), 0xffff'ffff'ffff'fff0};
    return i;
}

inline QList<store::Item> items(const BatchRecord &batch, qint64 count, qint64 from = 0)
{
    QList<store::Item> list;
    for (qint64 i = 0; i < count; ++i)
        list << item(batch, from + i);
    return list;
}

inline store::ItemMoved moved(store::Item item, ItemState state, std::optional<ErrorCode> code = {})
{
    item.state = state;
    item.errorCode = code;
    return {item};
}

/// The result of a future of ours; the test fails by the message when it did not come or is an error.
template <typename T> Result<T> resultOf(QFuture<Result<T>> future)
{
    future.waitForFinished();
    return future.isResultReadyAt(0) ? future.result() : Result<T>(Error{ErrorCode::InternalUnknown, QStringLiteral("no answer")});
}

} // namespace photolift::samples

#define VERIFY_OK(expression)                                                                                                              \
    do {                                                                                                                                   \
        const auto &verifyOkResult = (expression);                                                                                         \
        QVERIFY2(verifyOkResult, verifyOkResult ? "" : qPrintable(verifyOkResult.error().detail));                                         \
    } while (false)
