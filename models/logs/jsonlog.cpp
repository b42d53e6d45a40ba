#include "models/logs/jsonlog.h"

#include "models/logs/rotatingfile.h"
#include "models/vocabulary/logline.h"

#include <condition_variable>
#include <cstdio>
#include <deque>
#include <mutex>
#include <thread>

#include <csignal>

using namespace Qt::StringLiterals;

namespace photolift::logs {

namespace {

/// Qt's handler is a plain function: this is how it finds the log. Guarded by ActiveMutex.
JsonLog *Active = nullptr;
std::mutex ActiveMutex;

/// A flood of messages over a disk that stands still must not eat the memory; what does not fit is counted and said.
constexpr size_t MaxWaitingLines = 10000;

}

class JsonLog::Writer
{
public:
    Writer(QString folder, QString name, const Limits &limits)
    {
        // Signals are for the threads that wait for them; this one begins before the program says which those are.
        sigset_t all, before;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_BLOCK, &all, &before);
        m_thread = std::thread([this, folder = std::move(folder), name = std::move(name), limits] {
            // Here, not above: the folder is made, and what is too old is taken away.
            RotatingFile file(folder, name, limits.fileBytes, limits.files, limits.keepDays);
            run(file);
        });
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    ~Writer()
    {
        {
            const std::lock_guard lock(m_mutex);
            m_isEnding = true;
        }
        m_work.notify_one();
        m_thread.join();
    }

    void add(QByteArray line)
    {
        {
            const std::lock_guard lock(m_mutex);
            if (m_waiting.size() >= MaxWaitingLines) {
                ++m_dropped;
                return;
            }
            m_waiting.push_back(std::move(line));
        }
        m_work.notify_one();
    }

    void flush()
    {
        std::unique_lock lock(m_mutex);
        m_idle.wait(lock, [this] { return m_waiting.empty() && !m_isWriting; });
    }

private:
    void run(RotatingFile &file)
    {
        std::unique_lock lock(m_mutex);
        m_isWriting = false; // until now the folder was made ready
        m_idle.notify_all();
        while (true) {
            m_work.wait(lock, [this] { return m_isEnding || !m_waiting.empty(); });
            if (m_waiting.empty())
                return;
            std::deque<QByteArray> lines = std::exchange(m_waiting, {});
            if (const qint64 dropped = std::exchange(m_dropped, 0); dropped > 0)
                lines.push_back(logLine(logEvent(QtWarningMsg, QMessageLogContext(nullptr, 0, nullptr, "photolift.log"),
                                                 QString::number(dropped) + u" messages left out"_s)));
            m_isWriting = true;
            lock.unlock();
            for (const QByteArray &line : lines)
                file.append(line);
            lock.lock();
            m_isWriting = false;
            m_idle.notify_all();
        }
    }

    std::mutex m_mutex; ///< guards what follows
    std::condition_variable m_work;
    std::condition_variable m_idle;
    std::deque<QByteArray> m_waiting;
    qint64 m_dropped = 0;
    bool m_isWriting = true; ///< the thread is at the disk
    bool m_isEnding = false;
    std::thread m_thread;
};

JsonLog::JsonLog(QString folder, Echo echo, Limits limits, QString name, Shape shape)
    : m_echo(echo)
    , m_shape(shape)
    , m_writer(std::make_unique<Writer>(std::move(folder), std::move(name), limits))
{
    const std::lock_guard lock(ActiveMutex);
    Q_ASSERT(!Active);
    Active = this;
    m_previousHandler = qInstallMessageHandler(&JsonLog::handle);
}

JsonLog::~JsonLog()
{
    const std::lock_guard lock(ActiveMutex);
    qInstallMessageHandler(m_previousHandler);
    Active = nullptr;
}

void JsonLog::flush()
{
    m_writer->flush();
}

void JsonLog::handle(QtMsgType level, const QMessageLogContext &context, const QString &message)
{
    Shape shape = nullptr;
    {
        const std::lock_guard lock(ActiveMutex);
        if (!Active)
            return; // it ended between Qt's look at the handler and now
        shape = Active->m_shape;
    }
    QByteArray line = logLine(shape(level, context, message)); // many threads at once: the patterns in it take their time
    const std::lock_guard lock(ActiveMutex);
    if (!Active)
        return;
    const bool isWarning = level != QtDebugMsg && level != QtInfoMsg;
    if (isWarning && Active->m_echo == Echo::Warnings)
        std::fprintf(stderr, "%s\n", qUtf8Printable(redacted(qFormatLogMessage(level, context, message))));
    else if (isWarning && Active->m_echo == Echo::WarningLines)
        std::fputs(line.constData(), stderr);
    Active->m_writer->add(std::move(line));
    if (level == QtFatalMsg)
        Active->m_writer->flush(); // Qt aborts right after this
}

} // namespace photolift::logs
