#pragma once

#include "models/transfer/apiclient.h"

#include <QFuture>
#include <QTest>

/// What a client says to the API, for tests that speak to it themselves, a step at a time.
namespace photolift::faults
{

/// Waits for a future in the event loop, at most 30 s, as a client's thread would.
template <typename T> T answered(const QFuture<T> &future)
{
    return QTest::qWaitFor([&future] { return future.isFinished(); }, 30000) ? future.result() : T();
}

QString sha256Hex(const QByteArray &bytes);
QString md5Hex(const QByteArray &bytes);

/// The question for a JPEG with these bytes: a new attempt of a new photo in a new project.
wire::Question questionFor(const QByteArray &photo, const QString &relativePath, const QString &name);
/// The commit of what was asked.
wire::Commit commitOf(const wire::Question &question);

/// Sends a part where its link points, exactly as the link says; the status of the answer, 0 without one within 30 s.
int put(const wire::PartLink &link, const QByteArray &bytes);

} // namespace photolift::faults
