#include "app/server/work/jobtable.h"
#include "app/server/work/reprocesstable.h"
#include "app/server/work/worker.h"
#include "models/vocabulary/ids.h"

#include <QLoggingCategory>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

Q_DECLARE_LOGGING_CATEGORY(lcServerWork)

namespace photolift::server {

// Which jobs of the durable queue are this process's: how they come to it, that they stay its own, and how they leave. What is done with
// one is in worker.cpp.

Result<> Worker::addJob(Writing &writing, const QUuid &uploadId, qint64 nowMs) const
{
    return JobTable(writing.database).add(uploadId, m_owner, leaseUntilMs(), nowMs);
}

void Worker::wake(const QUuid &uploadId)
{
    m_receiving.add(uploadId);
}

qint64 Worker::leaseUntilMs() const
{
    return nowMs() + m_options.lease.count();
}

Result<> Worker::take(const std::function<Result<QList<Job>>(const JobTable &)> &taking)
{
    QList<Job> jobs;
    const Result<> taken = m_database.writeAndWait(
        [&](Writing &writing) -> Result<> {
            Result<QList<Job>> found = taking(JobTable(writing.database));
            if (!found)
                return found.error();
            jobs = *std::move(found);
            return {};
        },
        Isolation::RowByRow);
    if (!taken)
        return taken;
    for (const Job &job : jobs)
        laneFor(job).add(job.uploadId);
    if (!jobs.isEmpty())
        qCInfo(lcServerWork) << jobs.size() << "unfinished jobs taken up";
    return {};
}

void Worker::takeDue()
{
    const auto most = static_cast<int>(m_options.mostInHand - m_receiving.size() - m_examining.size());
    m_isMoreDue = most <= 0;
    if (most <= 0)
        return;
    (void)take([&](const JobTable &jobs) {
        Result<QList<Job>> due = jobs.takeDue(m_owner, nowMs(), leaseUntilMs(), most);
        m_isMoreDue = due && due->size() == most;
        return due;
    });
}

void Worker::findMissed()
{
    const auto missed = [this] {
        Result<QList<Job>> held = QList<Job>();
        m_database.readAndWait([&](const QSqlDatabase &database) { held = JobTable(database).heldBy(m_owner); });
        if (!held)
            return QList<Job>();
        // In this order: who goes from one lane to the other is in both for a moment.
        held->removeIf([this](const Job &job) { return m_receiving.has(job.uploadId) || m_examining.has(job.uploadId); });
        return *std::move(held);
    };
    const QList<Job> first = missed();
    if (first.isEmpty())
        return;
    // One that ended after it was read is not there any more. Whoever is being woken at this moment waits once, as always.
    for (const Job &job : missed()) {
        if (std::ranges::find(first, job.uploadId, &Job::uploadId) == first.end())
            continue;
        qCWarning(lcServerWork).noquote() << idText(job.uploadId) << "is ours and was in no lane";
        laneFor(job).add(job.uploadId);
    }
}

void Worker::releaseAll()
{
    QList<QUuid> released;
    const Result<> done = m_database.writeAndWait(
        [&](Writing &writing) -> Result<> {
            Result<QList<QUuid>> found = JobTable(writing.database).release(m_owner);
            if (!found)
                return found.error();
            released = *std::move(found);
            return ReprocessTable(writing.database).freeOf(u""_s, m_owner);
        },
        Isolation::RowByRow);
    if (!done)
        qCWarning(lcServerWork).noquote() << "what is left is free when its lease has run out:" << done.error().detail;
    else if (!released.isEmpty())
        qCInfo(lcServerWork) << released.size() << "jobs are left to others";
    for (const QUuid &uploadId : std::as_const(released))
        m_changed(uploadId); // so that they look
}

void Worker::lookForWork()
{
    {
        const std::scoped_lock lock(m_tendingMutex);
        m_shallLook = true;
    }
    m_tendingWakes.notify_all();
}

void Worker::handIsFree()
{
    if (m_isMoreDue && m_receiving.size() + m_examining.size() < m_options.mostInHand)
        lookForWork();
}

void Worker::tendingLoop()
{
    const auto renewEvery = m_options.lease / 3;
    auto nextRenewal = Lane::Clock::now() + renewEvery;
    std::unique_lock lock(m_tendingMutex);
    // Of photos that come to their end the leases are renewed, too: nobody else takes them up.
    const auto isOver = [this] { return m_isStopping && m_hands == 0; };
    while (!isOver()) {
        const auto now = Lane::Clock::now();
        const bool shallLook = std::exchange(m_shallLook, false) || now >= nextRenewal;
        lock.unlock();
        m_tended = now;
        if (now >= nextRenewal) {
            (void)m_database.writeAndWait([this](Writing &writing) { return JobTable(writing.database).renew(m_owner, leaseUntilMs()); },
                                          Isolation::RowByRow);
            (void)m_database.writeAndWait([this](Writing &writing) { return ReprocessTable(writing.database).renew(m_owner, leaseUntilMs()); },
                                          Isolation::RowByRow);
            nextRenewal = now + renewEvery;
            if (!m_isStopping)
                findMissed();
        }
        if (shallLook && !m_isStopping)
            takeDue();
        lock.lock();
        m_tendingWakes.wait_until(lock, nextRenewal, [this, &isOver] { return isOver() || m_shallLook; });
    }
}

} // namespace photolift::server
