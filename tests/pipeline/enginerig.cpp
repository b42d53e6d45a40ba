#include "tests/pipeline/enginerig.h"

#include "models/vocabulary/ids.h"
#include "tests/support/smallphotos.h"

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;

namespace photolift::pipeline
{

namespace
{
constexpr int Everything = 10000;

constexpr std::array AllStates{ItemState::Queued,   ItemState::Running,   ItemState::WaitingToRetry,
                               ItemState::NeedsYou, ItemState::Succeeded, ItemState::Duplicate,
                               ItemState::Skipped,  ItemState::Cancelled, ItemState::Dismissed};

void makeOld(const QString &path)
{
    QFile file(path);
    if (file.open(QIODevice::ReadWrite))
        file.setFileTime(QDateTime::currentDateTimeUtc().addSecs(-3600), QFileDevice::FileModificationTime);
}
} // namespace

Tuning quickTuning()
{
    Tuning tuning;
    tuning.jobs = 2;
    tuning.stableLookMs = 20;
    tuning.inRequestBaseMs = 5;
    tuning.inRequestCapMs = 50;
    tuning.longBaseMs = 20;
    tuning.longCapMs = 100;
    tuning.longForMs = 400;
    tuning.quietTransientMs = 0;
    tuning.progressMs = 20;
    tuning.statusWaitSeconds = 1;
    tuning.lowSpaceBytes = 1;
    tuning.freeExtraRequests = 1000; // a test's minute is a second
    return tuning;
}

EngineRig::EngineRig(Tuning tuning) : m_tuning(tuning)
{
    QDir().mkpath(source());
    QDir().mkpath(m_folder.filePath(u"data"_s));
}

EngineRig::~EngineRig()
{
    if (m_room)
        stopEngine();
}

bool EngineRig::startServer(const QStringList &environment)
{
    m_server.reset(); // its address goes with it; its folder stays
    m_server = std::make_unique<support::ServerRun>(serverFolder());
    if (!m_server->start(environment))
        return false;
    QFile token(m_server->tokenFile());
    if (!token.open(QIODevice::ReadOnly))
        return false;
    m_token = token.readAll().trimmed();
    m_proxy.setUpstream(m_server->address());
    return true;
}

void EngineRig::giveToken(const QByteArray &token)
{
    m_givenToken = token;
    if (m_room)
        m_room->engine->serverReady(m_proxy.url(), token);
}

QString EngineRig::source(const QString &name) const
{
    const QString folder = m_folder.filePath(u"source"_s);
    return name.isEmpty() ? folder : QString(folder + u'/' + name);
}

void EngineRig::startEngine()
{
    const QString database = this->database();
    m_room = std::make_unique<Room>();
    Room &room = *m_room;
    room.recorder = *store::Recorder::open(database);
    room.archive = *store::Archive::open(database);
    room.workList = *store::WorkList::open(database);
    room.dataPlane = std::make_unique<transfer::DataPlane>(transfer::DataPlane::Options{});
    const bool isElsewhere = !m_busAddress.isEmpty();
    // Of a system without any news: what the machine of the test is does not matter here.
    room.probe = std::make_unique<context::SurroundingsProbe>(
        context::SurroundingsProbe::Sources{.root = m_folder.path(), .busAddress = isElsewhere ? m_busAddress : u"unix:path=/nowhere"_s});
    room.helper = std::make_unique<photo::Helper>(
        photo::Helper::Options{.program = support::programFolder() + u"/photolift-photo"_s});
    room.api = std::make_unique<transfer::ApiClient>();
    room.engine = std::make_unique<Engine>(Services{.recorder = room.recorder.get(),
                                                    .databasePath = database,
                                                    .api = room.api.get(),
                                                    .dataPlane = room.dataPlane.get(),
                                                    .helper = room.helper.get(),
                                                    .surroundings = room.probe.get(),
                                                    .isEmbeddedServer = !isElsewhere,
                                                    .mindsMeter = m_mindsMeter},
                                           m_tuning);
    m_states.clear();
    QObject::connect(room.engine.get(), &Engine::queueStateChanged, room.engine.get(), [this](const QueueState &state) {
        m_state = state;
        m_states.append(state);
    });
    QObject::connect(room.engine.get(), &Engine::itemEnded, room.engine.get(), [this](const QUuid &itemId) {
        if (const auto item = m_room->workList->item(itemId); item && *item)
            m_ended.append(QFile::decodeName((*item)->relativePath));
    });
    room.engine->start();
    room.engine->serverReady(m_proxy.url(), m_givenToken.value_or(m_token));
}

void EngineRig::stopEngine()
{
    QSignalSpy stopped(m_room->engine.get(), &Engine::stopped);
    m_room->engine->stop();
    stopped.wait(10000);
    Room &room = *m_room; // the engine first, what it works with after it
    room.engine.reset();
    room.api.reset();
    room.helper.reset();
    room.probe.reset();
    room.dataPlane.reset();
    room.workList.reset();
    room.archive.reset();
    m_room.reset();
}

void EngineRig::restartEngine()
{
    stopEngine();
    startEngine();
}

void EngineRig::photo(const QString &name, int seed, qint64 bytes)
{
    makeOld(support::writeJpeg(source(name), seed, bytes));
}

void EngineRig::file(const QString &name, const QByteArray &bytes)
{
    QDir().mkpath(QFileInfo(source(name)).path());
    QFile file(source(name));
    if (file.open(QIODevice::WriteOnly)) {
        file.write(bytes);
        file.close();
    }
    makeOld(source(name));
}

bool EngineRig::isAllHeard()
{
    engine().setRateLimitForNow(++m_lastLimit); // is said at once
    return QTest::qWaitFor([this] { return m_state.rateLimit == m_lastLimit; });
}

bool EngineRig::isAllWritten()
{
    const QFuture<Result<>> written = recorder().recordDurably({});
    return QTest::qWaitFor([&written] { return written.isFinished(); });
}

void EngineRig::photos(int count)
{
    const QByteArray picture = support::jpegBytes(1);
    for (int i = 0; i < count; ++i)
        file(u"%1.jpg"_s.arg(i), picture + QByteArray::number(i));
}

void EngineRig::largePhoto(const QString &name)
{
    file(name, support::jpegBytes(1) + QByteArray(2 * wire::PartBytes + 100'000, 'p'));
}

QUuid EngineRig::drop(const QStringList &names, const QString &project)
{
    Drop drop;
    drop.batchId = newUuid7();
    if (!project.isEmpty())
        drop.projectName = project;
    if (names.isEmpty())
        drop.paths.append(QFile::encodeName(source()));
    for (const QString &name : names)
        drop.paths.append(QFile::encodeName(source(name)));
    m_batches.append(drop.batchId);
    engine().accept(drop);
    return drop.batchId;
}

std::optional<store::Item> EngineRig::item(const QString &name) const
{
    const QByteArray path = QFile::encodeName(source(name));
    for (auto batch = m_batches.crbegin(); batch != m_batches.crend(); ++batch) {
        for (const ItemState state : AllStates) {
            const auto items = m_room->workList->itemsOfBatch(*batch, state, Everything);
            if (!items)
                continue;
            for (const store::Item &item : *items) {
                if (item.absolutePath == path)
                    return item;
            }
        }
    }
    return std::nullopt;
}

std::optional<ItemState> EngineRig::state(const QString &name) const
{
    const std::optional<store::Item> found = item(name);
    return found ? std::optional(found->state) : std::nullopt;
}

QUuid EngineRig::itemId(const QString &name) const
{
    const std::optional<store::Item> found = item(name);
    return found ? found->itemId : QUuid();
}

QList<store::AttemptView> EngineRig::attempts(const QString &name) const
{
    const auto detail = m_room->archive->itemDetail(itemId(name)).result();
    QList<store::AttemptView> attempts = detail ? detail->attempts : QList<store::AttemptView>();
    std::reverse(attempts.begin(), attempts.end());
    return attempts;
}

QList<Status> EngineRig::statuses(const QString &name) const
{
    QList<Status> statuses;
    for (const store::AttemptView &view : attempts(name))
        statuses.append(view.attempt.status);
    return statuses;
}

QStringList EngineRig::errors(const QString &name) const
{
    QStringList codes;
    const QList<store::AttemptView> all = attempts(name);
    if (!all.isEmpty()) {
        for (const ErrorRecord &error : all.last().errors)
            codes.append(QString(errorName(error.code) + (error.isFatal ? u"!"_s : QString())));
    }
    return codes;
}

QList<store::BatchView> EngineRig::batches(bool withCleared) const
{
    const auto views = m_room->archive->batches(withCleared).result();
    return views ? *views : QList<store::BatchView>();
}

int EngineRig::questions() const
{
    const QList<support::SeenRequest> &requests = m_proxy.requests();
    return int(std::count_if(requests.begin(), requests.end(), [](const support::SeenRequest &request) {
        return request.method == "POST" && request.target == "/v1/uploads";
    }));
}

} // namespace photolift::pipeline
