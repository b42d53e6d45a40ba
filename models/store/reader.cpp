#include "models/store/reader.h"

using namespace Qt::StringLiterals;

namespace photolift::store {

Archive::Reader::~Reader()
{
    if (!m_thread)
        return;
    {
        std::unique_lock lock(m_mutex);
        m_isStopping = true;
        m_jobs.clear();
        m_changed.notify_all();
    }
    m_thread->wait();
}

Result<> Archive::Reader::start(const QString &databasePath)
{
    m_opened.start();
    QFuture<Result<>> opened = m_opened.future();
    m_thread.reset(QThread::create([this, databasePath] { run(databasePath); }));
    m_thread->setObjectName(u"archive"_s);
    m_thread->start();
    opened.waitForFinished();
    return opened.result();
}

void Archive::Reader::push(Job job)
{
    std::unique_lock lock(m_mutex);
    m_jobs.push_back(std::move(job));
    m_changed.notify_all();
}

void Archive::Reader::run(const QString &databasePath)
{
    const Result<std::unique_ptr<Connection>> connection = Connection::open(databasePath, Connection::Use::Read);
    m_opened.addResult(connection ? Result<>() : Result<>(connection.error()));
    m_opened.finish();
    if (!connection)
        return;

    QSqlDatabase database = (*connection)->database();
    Statements statements(database);
    while (true) {
        Job job;
        {
            std::unique_lock lock(m_mutex);
            m_changed.wait(lock, [this] { return !m_jobs.empty() || m_isStopping; });
            if (m_isStopping)
                return;
            job = std::move(m_jobs.front());
            m_jobs.pop_front();
        }
        // One snapshot per question: a row and its stages belong together. Without it (busy) the question itself says why.
        const bool isSnapshot = database.transaction();
        job(statements);
        if (isSnapshot)
            database.commit();
    }
}

} // namespace photolift::store
