#include "models/mirror/mirror.h"

#include "models/mirror/batch.h"
#include "models/mirror/patience.h"
#include "models/store/outbox.h"
#include "models/transfer/apiclient.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/whendone.h"
#include "models/wire/messages.h"

#include <QElapsedTimer>
#include <QLoggingCategory>
#include <QRandomGenerator>
#include <QSet>
#include <QTimer>

#include <algorithm>
#include <optional>

using namespace Qt::StringLiterals;

namespace photolift::mirror {

namespace {
Q_LOGGING_CATEGORY(lcMirror, "photolift.mirror", QtInfoMsg)

constexpr int RequestsAtOnce = 20;
constexpr int RequestEveryMs = 1000;
constexpr qsizetype MostPassedOver = 1000;
constexpr std::chrono::minutes RefusedAgain{10};
constexpr int MostRefusedInARow = 10;
}

/// One step at a time: read the oldest rows, send them, mark them, again from the front. m_isBusy is true from the start of a step
/// until its answer; whatever happens meanwhile is seen by the next step.
class Mirror::Private
{
public:
    Private(Mirror *mirror, store::Outbox &rows, transfer::ApiClient &client, NotSafe told)
        : q(mirror)
        , outbox(rows)
        , api(client)
        , notSafe(std::move(told))
    {
        pause.setSingleShot(true);
        pause.setTimerType(Qt::PreciseTimer); // never before what a server asked for
        connect(&pause, &QTimer::timeout, q, [this] { step(); });
        theirTurn.setSingleShot(true);
        connect(&theirTurn, &QTimer::timeout, q, [this] {
            passedOver.clear();
            step();
        });
        sinceRequest.start();
    }

    void step();
    void takeEpoch();
    void read();
    void send();
    void onAnswer(const transfer::ApiAnswer<wire::EventsAnswer> &answer);
    void mark();
    void failed(const Error &error, std::optional<qint64> retryAfterMs = {});
    bool mayRequest();

    Mirror *q;
    store::Outbox &outbox;
    transfer::ApiClient &api;
    const NotSafe notSafe;
    QTimer pause;
    QElapsedTimer sinceRequest;
    double allowance = RequestsAtOnce;
    Patience patience;
    std::optional<Batch> batch;  ///< under way until its answer; kept as it is through failures
    int limit = wire::MaxEventsPerBatch;
    QSet<qint64> passedOver;     ///< rows the server refused one by one
    int refusedInARow = 0;       ///< of single rows, since one was taken
    QTimer theirTurn;            ///< to be asked about again: a server that was renewed may take them
    std::optional<QString> epoch; ///< nullopt until the first noteEpoch()
    std::optional<QString> newEpoch;
    store::Outbox::Lost lost = store::Outbox::Lost::SinceTheCopy;
    bool isStarted = false;
    bool isBusy = false;
    bool isDue = false;          ///< woken while busy: an empty outbox then is no news
};

void Mirror::Private::step()
{
    if (!isStarted || isBusy || pause.isActive())
        return;
    if (newEpoch)
        return takeEpoch();
    if (!batch)
        return read();
    if (mayRequest())
        send();
}

void Mirror::Private::takeEpoch()
{
    isBusy = true;
    whenDone(outbox.sendAgain(lost), q, [this](const Result<> &done) {
        isBusy = false;
        if (!done)
            return failed(done.error());
        qCInfo(lcMirror) << "the server's epoch changed: everything is told again";
        batch.reset(); // its rows may be older than those that are due now
        epoch = std::exchange(newEpoch, {});
        Q_EMIT q->epochTaken(*epoch);
        step();
    });
}

void Mirror::Private::read()
{
    isBusy = true;
    isDue = false;
    whenDone(outbox.oldest(limit + int(passedOver.size())), q, [this](Result<QList<store::OutboxRow>> rows) {
        isBusy = false;
        if (!rows)
            return failed(rows.error());
        rows->removeIf([this](const store::OutboxRow &row) { return passedOver.contains(row.sequence); });
        if (rows->isEmpty()) {
            if (isDue || newEpoch)
                return step();
            if (passedOver.isEmpty())
                Q_EMIT q->drained();
            else
                Q_EMIT q->heldUp();
            return;
        }
        batch = batchOf(*rows, limit);
        step();
    });
}

void Mirror::Private::send()
{
    isBusy = true;
    faultPoint("mirror.before_send");
    whenDone(api.events(batch->id, batch->ndjson), q, [this](const transfer::ApiAnswer<wire::EventsAnswer> &answer) {
        isBusy = false;
        onAnswer(answer);
    });
}

void Mirror::Private::onAnswer(const transfer::ApiAnswer<wire::EventsAnswer> &answer)
{
    faultPoint("mirror.answered");
    if (!answer) {
        const bool isRefused = errorInfo(answer.fault.error.code).retry == RetryPolicy::None;
        if (isRefused && batch->sequences.size() > 1) {
            limit = int(std::max<qsizetype>(1, batch->sequences.size() / 2));
            qCWarning(lcMirror).noquote() << "a batch was refused:" << answer.fault.error.detail << "- now by" << limit;
            batch.reset();
            return step();
        }
        if (answer.fault.error.code == ErrorCode::ApiRequestRefused && passedOver.size() < MostPassedOver) {
            qCWarning(lcMirror).noquote() << "a row was refused:" << answer.fault.error.detail << "- the others go on";
            passedOver.insert(batch->sequences.first());
            batch.reset();
            // So many are no bad rows: nothing of ours gets there as it was sent, or the server takes nothing. It is asked rarely then, and each time
            // about the next rows, so that bad ones hold nobody up for ever.
            if (++refusedInARow >= MostRefusedInARow) {
                refusedInARow = 0;
                theirTurn.start(2 * RefusedAgain);
                return failed(answer.fault.error, answer.fault.retryAfterMs);
            }
            if (!theirTurn.isActive())
                theirTurn.start(RefusedAgain);
            return step();
        }
        return failed(answer.fault.error, answer.fault.retryAfterMs);
    }
    const wire::EventsAnswer &said = *answer.value;
    const qsizetype settled = said.applied + said.repeated + said.setAside.size();
    if (settled != batch->sequences.size())
        return failed({ErrorCode::ApiServerError, u"%1 events sent, %2 answered"_s.arg(batch->sequences.size()).arg(settled)});
    if (!said.setAside.isEmpty())
        qCWarning(lcMirror) << "the server set" << said.setAside.size() << "events aside that it could not read";
    if (said.notSafe.isEmpty() || !notSafe)
        return mark();
    qCWarning(lcMirror) << "the server has" << said.notSafe.size() << "photos no more that it had: they are brought again";
    isBusy = true;
    whenDone(notSafe(said.notSafe), q, [this](const Result<> &done) {
        isBusy = false;
        if (!done)
            return failed(done.error()); // the batch is sent again, and the server says the same
        faultPoint("mirror.not_safe_noted");
        mark();
    });
}

void Mirror::Private::mark()
{
    isBusy = true;
    // Those set aside as well: the server keeps them, and sending them again would change nothing.
    whenDone(outbox.markSent(batch->sequences), q, [this](const Result<> &done) {
        isBusy = false;
        if (!done)
            return failed(done.error()); // the batch is sent again; the server knows its events
        batch.reset();
        refusedInARow = 0;
        patience.reset();
        limit = std::min(limit * 2, wire::MaxEventsPerBatch);
        step();
    });
}

void Mirror::Private::failed(const Error &error, std::optional<qint64> retryAfterMs)
{
    const qint64 pauseMs = patience.afterFailure(error.code, retryAfterMs, QRandomGenerator::global()->generateDouble());
    qCInfo(lcMirror).noquote() << errorName(error.code) << error.detail << "- again in" << pauseMs << "ms";
    pause.start(int(pauseMs));
    if (error.code != ErrorCode::ApiRateLimited) // asked for a moment by a server that is there
        Q_EMIT q->heldUp();
}

/// False: too many requests lately; the step is repeated when there may be one more.
bool Mirror::Private::mayRequest()
{
    allowance = std::min<double>(RequestsAtOnce, allowance + double(sinceRequest.restart()) / RequestEveryMs);
    if (allowance < 1) {
        pause.start(int((1 - allowance) * RequestEveryMs) + 1);
        return false;
    }
    allowance -= 1;
    return true;
}

Mirror::Mirror(store::Outbox &outbox, transfer::ApiClient &api, NotSafe notSafe, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, outbox, api, std::move(notSafe)))
{
}

Mirror::~Mirror() = default;

void Mirror::start()
{
    d->isStarted = true;
    d->step();
}

void Mirror::wake()
{
    d->isDue = true;
    d->step();
}

void Mirror::serverIsBack()
{
    d->pause.stop();
    d->patience.reset();
    wake();
}

void Mirror::noteEpoch(const QString &epoch, store::Outbox::Lost lost)
{
    if (!d->epoch || d->epoch->isEmpty()) {
        const bool isFirst = !d->epoch;
        d->epoch = epoch;
        if (!isFirst && !epoch.isEmpty())
            Q_EMIT epochTaken(epoch); // nothing was sent to any other server before
        return;
    }
    if (epoch.isEmpty() || epoch == *d->epoch)
        return;
    d->newEpoch = epoch;
    d->lost = lost;
    d->step();
}

} // namespace photolift::mirror
