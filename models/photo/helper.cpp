#include "models/photo/helper.h"

#include "models/photo/helperprocess.h"
#include "models/vocabulary/systemerror.h"

#include <QLoggingCategory>
#include <QPromise>

#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::photo {

Q_LOGGING_CATEGORY(lcHelper, "photolift.photo")

namespace {

struct Task {
    OrderFrame order;
    FileDescriptor photo;
    qint64 photoBytes = 0;
    QPromise<Result<HelperAnswer>> promise;

    void finish(Result<HelperAnswer> result)
    {
        promise.addResult(std::move(result));
        promise.finish();
    }
};

/// What a photo that killed its helper ends as; a crash in a later stage has a code of that stage.
ErrorCode crashCode(Order order)
{
    switch (order) {
    case Order::Facts:
        return ErrorCode::MetadataUnreadable;
    case Order::Thumbnail:
    case Order::Preview:
    case Order::Rendition:
        return ErrorCode::ProcessingDecodeFailed;
    case Order::Validate:
    case Order::Everything:
        break;
    }
    return ErrorCode::ValidationCheckCrashed;
}

ErrorCode crashCode(Stage stage)
{
    switch (stage) {
    case Stage::MetadataExtraction:
        return ErrorCode::MetadataUnreadable;
    case Stage::Processing:
        return ErrorCode::ProcessingDecodeFailed;
    default:
        return ErrorCode::ValidationCheckCrashed;
    }
}

/// Why there is no answer. A process that we ended ourselves has no signal of its own to tell of.
Error crashOf(ErrorCode code, HelperProcess::Outcome outcome, const HelperProcess &process)
{
    switch (outcome) {
    case HelperProcess::Outcome::TimedOut:
        return {code, u"the helper process ran out of time"_s};
    case HelperProcess::Outcome::Nonsense:
        return {code, u"the helper process answered nonsense"_s};
    default:
        return {code, u"the helper process ended: "_s + process.ending(), {.signal = process.endingSignal()}};
    }
}

void addStep(HelperAnswer &answer, const AnswerFrame &frame)
{
    if (frame.stage)
        answer.steps.append({*frame.stage, frame.error, frame.durationMs});
}

void addFrame(HelperAnswer &answer, const AnswerFrame &frame)
{
    addStep(answer, frame);
    if (frame.stage != Stage::Processing)
        answer.facts = frame.facts;
    if (!frame.picture.isEmpty()) {
        answer.picture = frame.picture;
        answer.pictureType = frame.pictureType;
        answer.pictureSide = frame.pictureSide;
    }
    if (!frame.rendition.isEmpty())
        answer.rendition = frame.rendition;
    if (frame.renditionSide > 0) {
        answer.renditionSide = frame.renditionSide;
        answer.renditionQuality = frame.renditionQuality;
    }
}

/// The step that was under way when the process died, after those it had reported.
Stage nextStep(const HelperAnswer &answer)
{
    return answer.steps.isEmpty() ? Stage::Validation : static_cast<Stage>(static_cast<int>(answer.steps.last().stage) + 1);
}

} // namespace

class Helper::Private
{
public:
    explicit Private(Options givenOptions)
        : options(std::move(givenOptions))
        , stopEvent(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    {
        for (int i = 0; i < std::max(1, options.processes); ++i)
            threads.emplace_back([this] { serve(); });
    }

    ~Private()
    {
        {
            const std::lock_guard lock(mutex);
            isStopping = true;
        }
        const quint64 one = 1;
        [[maybe_unused]] const ssize_t written = ::write(stopEvent.get(), &one, sizeof one);
        changed.notify_all();
        for (std::thread &thread : threads)
            thread.join();
        for (Task &task : tasks)
            task.finish(Error{ErrorCode::UserCancelled, u"the program ends"_s});
    }

    void add(Task task)
    {
        {
            const std::lock_guard lock(mutex);
            tasks.push_back(std::move(task));
        }
        changed.notify_one();
    }

private:
    std::optional<Task> next()
    {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return isStopping || !tasks.empty(); });
        if (isStopping)
            return std::nullopt;
        Task task = std::move(tasks.front());
        tasks.pop_front();
        return task;
    }

    void serve()
    {
        HelperProcess process(options, stopEvent.get());
        while (std::optional<Task> task = next()) {
            Result<HelperAnswer> result = work(process, *task);
            task->photo.close();
            if (process.isUsedUp()) {
                process.kill();
                process.start(0); // ahead of the next photo; should it fail, the next photo says so
            }
            task->finish(std::move(result));
        }
    }

    Result<HelperAnswer> work(HelperProcess &process, const Task &task)
    {
        // A helper that was killed while idle (by the kernel for its memory, say) is no fault of this photo: one new one.
        const auto isSent = [&] { return process.start(task.photoBytes) && process.send(task.order, task.photo.get()); };
        if (!isSent() && !isSent()) {
            const int osErrno = errno; // before anything else
            return systemError(ErrorCode::LocalResourcesLow, u"cannot start "_s + options.program, osErrno);
        }
        const QDeadlineTimer deadline(options.deadlineMs);
        HelperAnswer answer;
        for (;;) {
            AnswerFrame frame;
            const HelperProcess::Outcome outcome = process.receive(frame, deadline);
            if (outcome == HelperProcess::Outcome::Interrupted)
                return Error{ErrorCode::UserCancelled, u"the program ends"_s};
            if (outcome != HelperProcess::Outcome::Answered)
                return crashed(task.order.order, std::move(answer), outcome, process);
            if (!frame.stage && frame.error)
                return *frame.error;
            addFrame(answer, frame);
            if (frame.isLast)
                return answer;
            if (answer.steps.size() >= 3) {
                process.kill();
                return crashed(task.order.order, std::move(answer), HelperProcess::Outcome::Nonsense, process);
            }
        }
    }

    Result<HelperAnswer> crashed(Order order, HelperAnswer answer, HelperProcess::Outcome outcome, const HelperProcess &process) const
    {
        const Stage stage = nextStep(answer);
        const Error crash = crashOf(order == Order::Everything ? crashCode(stage) : crashCode(order), outcome, process);
        qCWarning(lcHelper) << "a photo ended its helper process:" << crash.detail;
        if (order != Order::Everything)
            return crash;
        if (stage <= Stage::Processing)
            answer.steps.append({stage, crash, 0});
        return answer;
    }

    const Options options;
    const FileDescriptor stopEvent;
    std::mutex mutex; ///< guards tasks and isStopping
    std::condition_variable changed;
    std::deque<Task> tasks;
    bool isStopping = false;
    std::vector<std::thread> threads;
};

Helper::Helper(Options options, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(std::move(options)))
{
}

Helper::~Helper() = default;

QFuture<Result<HelperAnswer>> Helper::run(Order order, int descriptor, const QString &mediaType, int side)
{
    Task task;
    task.order = {order, mediaType, side};
    task.photo = FileDescriptor::duplicateOf(descriptor);
    struct stat facts{};
    if (::fstat(task.photo.get(), &facts) == 0)
        task.photoBytes = facts.st_size;
    task.promise.start();
    QFuture<Result<HelperAnswer>> future = task.promise.future();
    if (!task.photo.isOpen())
        task.finish(systemError(ErrorCode::LocalResourcesLow, "dup"_L1, errno));
    else
        d->add(std::move(task));
    return future;
}

} // namespace photolift::photo
