#include "app/cli/runcommand.h"

#include "app/cli/givenfiles.h"
#include "app/cli/itempages.h"
#include "app/cli/progressline.h"
#include "app/cli/report.h"
#include "app/cli/runwatch.h"
#include "app/client/datafolder.h"
#include "app/client/tokenfile.h"
#include "models/logs/jsonlog.h"
#include "models/pipeline/rootnames.h"
#include "models/store/archive.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/pathtext.h"

#include <QCoreApplication>

using namespace Qt::StringLiterals;

namespace photolift::cli {

RunCommand::RunCommand(CommonOptions common, ServerOptions server, QObject *parent)
    : QObject(parent)
    , m_common(std::move(common))
    , m_server(std::move(server))
    , m_out(stdout)
    , m_err(stderr)
{
    m_sinceStart.start();
}

RunCommand::~RunCommand() = default;

bool RunCommand::open()
{
    client::Client::Options options;
    options.dataFolder = m_common.dataFolder;
    options.programFolder = client::DataFolder::defaultPath();
    options.server = m_server.server;
    options.mindsMeter = false; // who types the command means now, and nobody is asked whether to upload anyway
    if (!m_server.tuningFile.isEmpty()) {
        const Result<pipeline::Tuning> tuning = pipeline::readTuning(m_server.tuningFile, options.tuning);
        if (!tuning) {
            m_err << "photolift-cli: " << tuning.error().detail << Qt::endl;
            end(ExitUsage);
            return false;
        }
        options.tuning = *tuning;
    }
    options.tuning.jobs = m_server.jobs.value_or(options.tuning.jobs);
    if (!m_server.tokenFile.isEmpty()) {
        const Result<QByteArray> token = client::readToken(m_server.tokenFile);
        if (!token) {
            m_err << "photolift-cli: " << token.error().detail << Qt::endl;
            end(ExitUsage);
            return false;
        }
        options.token = *token;
    }
    auto client = client::Client::open(options);
    if (!client) {
        refuse(client.error(), sentenceAtStart(client.error(), m_common.dataFolder));
        return false;
    }
    m_client = *std::move(client);
    if (const std::optional<store::Mended> &mended = m_client->mended())
        tellMended(*mended);
    m_log = std::make_unique<logs::JsonLog>(client::DataFolder::logs(m_client->dataFolder()), logs::JsonLog::Echo::Nothing);
    m_watch = std::make_unique<RunWatch>(*m_client, m_server.waitMs);
    m_progress = std::make_unique<ProgressLine>(*m_watch, !m_common.isJson);
    if (m_server.rateLimit >= 0)
        m_client->engine().setRateLimitForNow(m_server.rateLimit);
    return goOnAll();
}

/// A pause is a person's word, and what waits for it may be much more than the photos of this command: it is not passed over in silence.
bool RunCommand::goOnAll()
{
    const Result<Pauses> pauses = Pauses::read(m_client->archive());
    if (!pauses) {
        refuse(pauses.error());
        return false;
    }
    m_pauses = *pauses;
    if (m_pauses.isAll && !m_server.isResuming) {
        tellPaused(u"uploads are paused"_s);
        end(ExitNotAll);
        return false;
    }
    if (m_pauses.isAll)
        m_client->engine().resumeAll();
    return true;
}

bool RunCommand::goOn(const QSet<QUuid> &batches)
{
    const QSet<QUuid> paused = m_pauses.drops & batches;
    if (!paused.isEmpty() && !m_server.isResuming) {
        tellPaused(u"photos of this command wait in folders that are paused"_s);
        end(ExitNotAll);
        return false;
    }
    for (const QUuid &batchId : paused)
        m_client->engine().resumeBatch(batchId);
    m_pauses.drops -= paused;
    return true;
}

void RunCommand::tellPaused(const QString &what)
{
    const QString message = what + u"; resume them in the window of Photolift, or with --resume"_s;
    if (m_common.isJson)
        printLine(m_out, {{u"event"_s, u"paused"_s}, {u"message"_s, message}});
    m_err << "photolift-cli: " << message << Qt::endl;
}

void RunCommand::upload(const UploadOptions &options)
{
    pipeline::Drop drop;
    drop.batchId = newUuid7();
    drop.projectName = options.project;
    drop.source = SourceKind::Cli;
    const Result<QList<QByteArray>> paths = existingPaths(options.paths);
    if (!paths) {
        m_err << "photolift-cli: " << paths.error().detail << Qt::endl;
        return end(ExitUsage);
    }
    drop.paths = *paths;
    drop.label = textFromPath(pipeline::lastComponent(absolutePath(options.paths.first())));
    if (!open())
        return;

    pipeline::Engine &engine = m_client->engine();
    connect(&engine, &pipeline::Engine::batchRefused, this, [this](const QUuid &, const Error &error) { refuse(error); });
    connect(&engine, &pipeline::Engine::fileAlreadyQueued, this,
            [this](const pipeline::AlreadyQueued &file) {
                if (file.isTriedAgain)
                    m_watch->followAgain({file.itemId});
                else
                    m_watch->followItems({file.itemId});
                if (m_pauses.drops.isEmpty() || m_isEnding)
                    return;
                if (const auto views = m_client->archive().itemsById({file.itemId}).result(); views && !views->isEmpty())
                    goOn({views->first().item.batchId});
            });
    connect(&engine, &pipeline::Engine::fileLeftOut, this, [this, named = drop.paths](const pipeline::LeftOut &leftOut) {
        if (m_common.isJson)
            printLine(m_out, leftOutEvent(leftOut.path, leftOut.code));
        if (leftOut.code != ErrorCode::SelectionSkippedSpecial)
            m_isAllRead = false; // nobody knows what is in it
        else if (!named.contains(leftOut.path))
            return; // expected inside folders
        m_err << displayName(textFromPath(leftOut.path)) << ": " << sentenceFor(leftOut.code) << " (" << QString(errorName(leftOut.code)) << ')'
              << Qt::endl;
    });
    m_watch->followBatch(drop.batchId);
    begin();
    engine.accept(drop);
}

void RunCommand::retry(const RetryOptions &options)
{
    if (!store::hasList(client::DataFolder::database(options.common.dataFolder))) {
        m_err << "photolift-cli: there is nothing to retry in " << displayName(options.common.dataFolder) << Qt::endl;
        return end(ExitUsage);
    }
    if (!open())
        return;
    QList<QUuid> ids;
    if (options.isAll) {
        if (const Result<> followed = followEverything(ids); !followed)
            return refuse(followed.error());
    } else {
        const auto named = itemsNamed(m_client->archive(), options.ids);
        if (!named)
            return refuse(named.error());
        if (!*named) {
            m_err << "photolift-cli: not every id is one of a photo or an attempt here" << Qt::endl;
            return end(ExitUsage);
        }
        ids = **named;
        const auto views = m_client->archive().itemsById(ids).result();
        if (!views)
            return refuse(views.error());
        QSet<QUuid> batches;
        for (const store::ItemView &view : *views) {
            batches.insert(view.item.batchId);
            const ItemState state = view.item.state;
            if (isEnded(state) && state != ItemState::Succeeded && state != ItemState::Duplicate)
                m_watch->followAgain({view.item.itemId});
            else
                m_watch->followItems({view.item.itemId});
        }
        if (!goOn(batches))
            return;
    }
    begin();
    m_client->engine().retryItems(ids);
}

/// Photos that need somebody, those that wait or are under way, and those that a walk cut short will still find. `ids`: of the photos
/// that are to be set going.
Result<> RunCommand::followEverything(QList<QUuid> &ids)
{
    QSet<QUuid> paused; // drops with photos that would be meant
    for (const store::ItemGroup group : {store::ItemGroup::NeedsYou, store::ItemGroup::Waiting, store::ItemGroup::Moving}) {
        store::ItemFilter filter;
        filter.group = group;
        const auto items = itemsMatching(m_client->archive(), filter);
        if (!items)
            return items.error();
        QList<QUuid> ofGroup;
        for (const store::ItemView &view : *items) {
            if (m_pauses.drops.contains(view.item.batchId)) {
                paused.insert(view.item.batchId);
                if (!m_server.isResuming)
                    continue;
            }
            ofGroup.append(view.item.itemId);
            if (group == store::ItemGroup::NeedsYou || view.item.state == ItemState::WaitingToRetry)
                ids.append(view.item.itemId);
        }
        if (group == store::ItemGroup::NeedsYou)
            m_watch->followAgain(ofGroup);
        else
            m_watch->followItems(ofGroup);
    }
    if (m_server.isResuming)
        goOn(paused);
    else if (!paused.isEmpty())
        tellPaused(u"photos in folders that are paused are left out"_s);
    const auto batches = m_client->archive().batches(true).result();
    if (!batches)
        return batches.error();
    for (const store::BatchView &view : *batches) {
        if (view.isCounted || m_pauses.drops.contains(view.batch.batchId))
            continue;
        store::ItemFilter filter;
        filter.batchId = view.batch.batchId;
        const auto items = itemsMatching(m_client->archive(), filter);
        if (!items)
            return items.error();
        QSet<QUuid> known;
        for (const store::ItemView &item : *items)
            known.insert(item.item.itemId);
        m_watch->followGrowing(view.batch.batchId, known);
    }
    return {};
}

void RunCommand::tellMended(const store::Mended &mended)
{
    if (m_common.isJson)
        printLine(m_out, {{u"event"_s, u"list_repaired"_s},
                          {u"error_code"_s, QString(errorName(ErrorCode::LocalListDamaged))},
                          {u"kept_as"_s, mended.keptAs},
                          {u"folders"_s, mended.folders}});
    m_err << "photolift-cli: " << sentenceFor(ErrorCode::LocalListDamaged) << Qt::endl;
}

void RunCommand::begin()
{
    connect(m_watch.get(), &RunWatch::settled, this, &RunCommand::report);
    connect(m_client.get(), &client::Client::troubled, this, [this](const Error &error) {
        if (error.code == ErrorCode::LocalListDamaged) // nothing can be written any more; the next start makes the list anew
            return refuse(error);
        m_err << "photolift-cli: " << sentenceFor(error.code) << Qt::endl;
    });
    connect(m_client.get(), &client::Client::serverFailing, this, [this](const Error &error) {
        m_err << "photolift-cli: " << sentenceFor(error.code) << " (" << QString(errorName(error.code)) << "): " << displayName(error.detail)
              << Qt::endl;
    });
    connect(&m_client->engine(), &pipeline::Engine::photoVerified, this,
            [this](const QUuid &itemId) { m_verified.insert(itemId, m_sinceStart.elapsed()); });
    m_client->start();
    m_watch->start();
}

/// One object per file, and the summary behind them.
Result<Summary> RunCommand::tell()
{
    m_progress->clear();
    Summary summary;
    std::optional<qint64> verifiedMs; ///< the last of ours
    const auto print = [&](const store::ItemDetail &detail) {
        const FileReport file = reportOf(detail, m_watch->waitsFor());
        summary.count(file);
        if (const auto verified = m_verified.constFind(detail.view.item.itemId); verified != m_verified.cend())
            verifiedMs = std::max(verifiedMs.value_or(0), *verified);
        if (m_common.isJson)
            m_out << lineOf(toJson(file));
        else
            m_out << toText(file);
    };
    Result<> done;
    if (!m_watch->batch().isNull()) {
        store::ItemFilter filter;
        filter.batchId = m_watch->batch();
        done = forEachItem(m_client->archive(), filter, print);
    }
    if (done)
        done = forEachItem(m_client->archive(), m_watch->items().values(), print);
    if (!done)
        return done.error();

    const std::optional<double> verifiedSeconds = verifiedMs ? std::optional(static_cast<double>(*verifiedMs) / 1000) : std::nullopt;
    if (m_common.isJson)
        printLine(m_out, summary.toJson(m_client->sentBytes(), verifiedSeconds));
    else
        m_out << summary.toText(m_client->sentBytes()) << Qt::flush;
    return summary;
}

void RunCommand::report()
{
    const Result<Summary> summary = tell();
    if (!summary)
        return refuse(summary.error());
    if (m_watch->isServerFolderBusy())
        return end(ExitBusy);
    if (!m_watch->wasServerSeen()) // what was skipped is not told to it either
        return end(ExitNoServer);
    end(m_isAllRead ? summary->exitCode() : ExitNotAll);
}

void RunCommand::interrupt()
{
    if (!m_progress)
        return end(ExitInterrupted);
    if (m_isEnding)
        return;
    m_progress->clear();
    m_isInterrupted = true;
    m_err << "Interrupted. The queue is kept: the same command continues it." << Qt::endl;
    end(ExitInterrupted);
}

void RunCommand::refuse(const Error &error)
{
    refuse(error, sentenceFor(error.code));
}

void RunCommand::refuse(const Error &error, const QString &sentence)
{
    m_err << "photolift-cli: " << sentence << " (" << QString(errorName(error.code)) << ')' << Qt::endl;
    end(error.code == ErrorCode::LocalListBusy ? ExitBusy : ExitNotAll);
}

void RunCommand::end(int exitCode)
{
    if (m_isEnding)
        return;
    m_isEnding = true;
    if (!m_client) {
        QMetaObject::invokeMethod(qApp, [exitCode] { QCoreApplication::exit(exitCode); }, Qt::QueuedConnection);
        return;
    }
    connect(
        m_client.get(), &client::Client::stopped, this,
        [this, exitCode] {
            if (m_isInterrupted && m_common.isJson) // not before: until now photos may have come to their end
                (void)tell();
            QCoreApplication::exit(exitCode);
        },
        Qt::SingleShotConnection);
    m_client->stop();
}

} // namespace photolift::cli
