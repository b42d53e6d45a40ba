#pragma once

#include <QFuture>
#include <QFutureWatcher>

#include <utility>

namespace photolift {

/// Calls `then` with the future's result on the thread of `context`, which has to be the calling thread, unless `context` goes away
/// before. A future that was cancelled calls nothing. QFuture::then() with a context would do, but in Qt 6.4 it takes the context
/// to be alive when the result comes, and our objects may end while a question is still open.
template <typename T, typename Then> void whenDone(const QFuture<T> &future, QObject *context, Then then)
{
    auto *watcher = new QFutureWatcher<T>(context);
    QObject::connect(watcher, &QFutureWatcherBase::finished, context, [watcher, then = std::move(then)]() mutable {
        watcher->deleteLater();
        if (watcher->future().resultCount() > 0)
            then(watcher->result());
    });
    watcher->setFuture(future);
}

} // namespace photolift
