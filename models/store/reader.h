#pragma once

#include "models/store/archive.h"
#include "models/store/database.h"
#include "models/store/statements.h"

#include <QPromise>
#include <QThread>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

namespace photolift::store {

/// The archive's thread: questions one after the other, each in one snapshot of the database. A question whose future was
/// cancelled before its turn is skipped; those still waiting at the end are dropped.
class Archive::Reader
{
public:
    Reader() = default;
    ~Reader();
    Q_DISABLE_COPY_MOVE(Reader)

    Result<> start(const QString &databasePath);

    template <typename T> QFuture<Result<T>> ask(std::function<Result<T>(Statements &)> question)
    {
        auto promise = std::make_shared<QPromise<Result<T>>>();
        promise->start();
        QFuture<Result<T>> future = promise->future();
        push([promise, question = std::move(question)](Statements &statements) {
            if (!promise->isCanceled())
                promise->addResult(question(statements));
            promise->finish();
        });
        return future;
    }

private:
    using Job = std::function<void(Statements &)>;
    void push(Job job);
    void run(const QString &databasePath);

    std::unique_ptr<QThread> m_thread;
    QPromise<Result<>> m_opened;
    // Of the standard library: the thread sanitizer sees through these, not through Qt's.
    std::mutex m_mutex; ///< guards the two below
    std::condition_variable m_changed;
    std::deque<Job> m_jobs;
    bool m_isStopping = false;
};

} // namespace photolift::store
