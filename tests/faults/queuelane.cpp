#include "tests/faults/queuelane.h"

#include <QDir>

using namespace Qt::StringLiterals;

namespace photolift::faults {

QueueLane::QueueLane(const QString &folder, QString sources)
    : m_dataFolder(folder + u"/data"_s)
    , m_sources(std::move(sources))
    , m_faulty(QFile::encodeName(m_dataFolder))
{
}

void QueueLane::empty() const
{
    QDir(m_dataFolder).removeRecursively();
    QDir().mkpath(m_dataFolder);
}

void QueueLane::start(FileFault fault, qint64 at, const QString &killAt)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    if (!killAt.isEmpty())
        environment.insert(u"PHOTOLIFT_KILL_AT"_s, killAt);
    for (const QString &line : m_faulty.environment(fault, at))
        environment.insert(line.section(u'=', 0, 0), line.section(u'=', 1));
    m_process.setProcessEnvironment(environment);
    // A disk that is full for ever is not waited for; one that is full once is, and the writer looks again twice a second.
    const bool isFullForEver = fault == FileFault::NoSpaceForEver;
    m_process.start(qEnvironmentVariable("PHOTOLIFT_BIN") + u"/queueonce"_s, {database(), isFullForEver ? u"20"_s : u"30000"_s, m_sources});
}

QueueRun QueueLane::finish()
{
    m_process.waitForFinished(60000);
    return {m_process.readAllStandardOutput().split('\n')};
}

} // namespace photolift::faults
