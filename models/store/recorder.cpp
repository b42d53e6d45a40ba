#include "models/store/recorder.h"

#include "models/store/writer.h"

namespace photolift::store {

Recorder::Recorder(std::unique_ptr<Writer> writer)
    : m_writer(std::move(writer))
{
    qRegisterMetaType<Changes>();
    qRegisterMetaType<Error>();
    m_writer->tell(this);
}

Recorder::~Recorder()
{
    // Before the object is gone: the last commit still tells.
    m_writer->stop();
}

Result<std::unique_ptr<Recorder>> Recorder::open(const QString &databasePath)
{
    auto writer = std::make_unique<Writer>();
    if (const Result<> started = writer->start(databasePath); !started)
        return started.error();
    return std::unique_ptr<Recorder>(new Recorder(std::move(writer)));
}

void Recorder::record(Changes changes)
{
    m_writer->push(std::move(changes));
}

QFuture<Result<>> Recorder::recordDurably(Changes changes)
{
    return m_writer->pushDurably(std::move(changes));
}

void Recorder::hurry()
{
    m_writer->hurry();
}

Outbox &Recorder::outbox()
{
    return *m_writer;
}

} // namespace photolift::store
