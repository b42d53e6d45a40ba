#pragma once

#include "models/store/recorder.h"

#include <QPromise>
#include <QThread>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace photolift::store {

class ChangeWriter;
class Connection;
class OutboxTable;
class Statements;

/// The recorder's thread and its queue. Entries are handled strictly in order: changes in groups of one transaction, questions
/// about the outbox between them.
class Recorder::Writer final : public Outbox
{
public:
    Writer();
    ~Writer() override;

    /// Opens the database on the thread; answers when that is done. `recorder` sends the signals and outlives the thread.
    Result<> start(const QString &databasePath);
    /// Whose signals tell what happened; set before the first change.
    void tell(Recorder *recorder) { m_recorder = recorder; }
    void hurry();
    void stop();

    void push(Changes changes);
    QFuture<Result<>> pushDurably(Changes changes);

    QFuture<Result<QList<OutboxRow>>> oldest(int limit) override;
    QFuture<Result<>> markSent(const QList<qint64> &sequences) override;
    QFuture<Result<>> sendAgain(Lost lost) override;
    QFuture<Result<qint64>> depth() override;

private:
    struct Tables;
    /// True: another process had the database. It is answered all the same at the last try.
    using Question = std::function<bool(Tables &, bool isLastTry)>;
    /// Either changes, with or without somebody who waits, or a question.
    struct Entry {
        Changes changes;
        std::shared_ptr<QPromise<Result<>>> waiting;
        Question question;
    };
    using Group = std::deque<Entry>;

    template <typename T> QFuture<Result<T>> ask(std::function<Result<T>(Tables &)> question);
    void enqueue(Entry entry, bool isUrgent);
    void run(const QString &databasePath);
    bool collect();
    void work();
    Group nextGroup();
    Result<> write(const Group &group);
    void beginLarge();
    void endLarge();
    void finish(const Group &group, const Result<> &result);
    void fail(const Group &group, const Error &error);
    void trouble(const Error &error);
    void recover();
    bool wasAnswered(const Entry &entry);
    bool mayStayBusy();
    void putBack(Group &group);
    void pauseBeforeRetry();

    std::unique_ptr<QThread> m_thread;
    Recorder *m_recorder = nullptr;
    QPromise<Result<>> m_opened;

    // Of the standard library: the thread sanitizer sees through these, not through Qt's.
    std::mutex m_mutex; ///< guards the five below
    std::condition_variable m_changed;
    std::deque<Entry> m_incoming;
    bool m_isUrgent = false;
    bool m_isHurried = false;
    bool m_isStopping = false;

    // The thread's own.
    std::unique_ptr<Tables> m_tables;
    std::deque<Entry> m_backlog;        ///< taken from m_incoming, not written yet
    std::size_t m_alone = 0;            ///< so many of the next entries get a transaction of their own
    std::optional<std::chrono::steady_clock::time_point> m_busySince; ///< another process keeps the database for itself
    std::optional<Error> m_trouble;     ///< told and not recovered from
    bool m_isLarge = false; ///< the group at hand: its checkpoint is still to come
    bool m_isBroken = false;            ///< nothing is written any more
};

} // namespace photolift::store
