#include "app/client/client.h"

#include "app/client/datafolder.h"
#include "app/client/engineroom.h"
#include "models/store/archive.h"
#include "models/store/mending.h"
#include "models/store/recorder.h"
#include "models/transfer/dataplane.h"
#include "models/vocabulary/whendone.h"

#include <QCoreApplication>
#include <QDir>
#include <QtConcurrentRun>

#include <optional>

using namespace Qt::StringLiterals;

namespace photolift::client {

Result<std::unique_ptr<Client>> Client::open(const Options &options)
{
    auto folder = DataFolder::lock(options.dataFolder);
    if (!folder)
        return folder.error();
    const QString database = DataFolder::database((*folder)->path());
    const Result<std::optional<store::Mended>> mended = store::mendIfDamaged(database);
    if (!mended)
        return mended.error();
    auto recorder = store::Recorder::open(database);
    if (!recorder)
        return recorder.error();
    auto archive = store::Archive::open(database);
    if (!archive)
        return archive.error();
    std::unique_ptr<Client> client(new Client(options, *std::move(folder), *std::move(recorder), *std::move(archive)));
    client->m_mended = *mended;
    return client;
}

void Client::openLater(const Options &options, QObject *context, std::function<void(Result<std::unique_ptr<Client>>)> then)
{
    using Opened = std::optional<Result<std::unique_ptr<Client>>>;
    auto opened = std::make_shared<Opened>();
    const QFuture<bool> done = QtConcurrent::run([options, opened, home = QThread::currentThread()] {
        opened->emplace(open(options));
        if (!**opened)
            return false;
        (**opened)->get()->settleIn(home);
        return true;
    });
    whenDone(done, context, [opened, then = std::move(then)](bool) { then(std::move(**opened)); });
}

void Client::settleIn(QThread *home)
{
    for (QObject *each : std::initializer_list<QObject *>{this, m_recorder.get(), m_archive.get(), m_dataPlane.get(), &m_engineThread})
        each->moveToThread(home);
}

Client::Client(const Options &options, std::unique_ptr<DataFolder> folder, std::unique_ptr<store::Recorder> recorder,
               std::unique_ptr<store::Archive> archive)
    : m_folder(std::move(folder))
    , m_recorder(std::move(recorder))
    , m_archive(std::move(archive))
    , m_dataPlane(std::make_unique<transfer::DataPlane>(transfer::DataPlane::Options{}))
{
    connect(m_recorder.get(), &store::Recorder::troubled, this, &Client::troubled);
    connect(m_recorder.get(), &store::Recorder::recovered, this, &Client::recovered);

    m_engineThread.setObjectName(u"engine"_s);
    m_engineThread.start();
    // Its children need the engine's thread from birth on, for their timers, sockets and D-Bus connections.
    auto *starter = new QObject;
    starter->moveToThread(&m_engineThread);
    Options absolute = options;
    absolute.dataFolder = m_folder->path();
    QMetaObject::invokeMethod(
        starter,
        [&] {
            m_room = new EngineRoom(absolute, *m_recorder, *m_archive, *m_dataPlane);
            delete starter;
        },
        Qt::BlockingQueuedConnection);
    connect(m_room, &EngineRoom::stopped, this, &Client::stopped);
    connect(m_room, &EngineRoom::outboxDrained, this, &Client::outboxDrained);
    connect(m_room, &EngineRoom::serverDied, this, &Client::serverDied);
    connect(m_room, &EngineRoom::serverFailing, this, &Client::serverFailing);
    connect(m_room, &EngineRoom::signedIn, this, &Client::signedIn);
}

Client::~Client()
{
    QMetaObject::invokeMethod(m_room, [this] { delete m_room; }, Qt::BlockingQueuedConnection);
    m_engineThread.quit();
    m_engineThread.wait();
}

pipeline::Engine &Client::engine()
{
    return m_room->engine();
}

store::Archive &Client::archive()
{
    return *m_archive;
}

store::Outbox &Client::outbox()
{
    return m_recorder->outbox();
}

QString Client::dataFolder() const
{
    return m_folder->path();
}

qint64 Client::sentBytes() const
{
    return m_dataPlane->totalSentBytes();
}

void Client::start()
{
    // Posted from here, so that it comes before every command given after start().
    m_room->engine().start();
    QMetaObject::invokeMethod(m_room, &EngineRoom::start, Qt::QueuedConnection);
}

void Client::signIn(const QByteArray &token)
{
    QMetaObject::invokeMethod(m_room, [room = m_room, token] { room->signIn(token); }, Qt::QueuedConnection);
}

void Client::stop()
{
    QMetaObject::invokeMethod(m_room, &EngineRoom::stop, Qt::QueuedConnection);
}

QString Client::program(QLatin1StringView name)
{
    return QDir(QCoreApplication::applicationDirPath()).filePath(name);
}

} // namespace photolift::client
