// What tst_f2_queueing kills and starves: queues five photos as the pipeline does, and says each thing that it knows to be durable.
//   queueonce FILE PATIENCE_MS
// Words, one a line: opened, accepted, found, counted, then done. A change that is refused, or not written within its patience
// (a full disk is waited for), ends the program with 1.
#include "models/store/recorder.h"
#include "models/vocabulary/ids.h"

#include <QCoreApplication>
#include <QDeadlineTimer>

#include <cstdio>

using namespace photolift;

namespace {

constexpr int Photos = 5;

void say(const char *word)
{
    std::puts(word);
    std::fflush(stdout);
}

bool isWritten(const QFuture<Result<>> &written, int patienceMs)
{
    const QDeadlineTimer deadline(patienceMs);
    while (!written.isFinished() && !deadline.hasExpired())
        QThread::msleep(1);
    return written.isFinished() && written.result();
}

}

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    auto recorder = store::Recorder::open(app.arguments().value(1));
    if (!recorder) {
        std::fprintf(stderr, "%s\n", qPrintable(recorder.error().detail));
        return 1;
    }
    say("opened");

    store::BatchAccepted accepted;
    accepted.project.projectId = newUuid7();
    accepted.project.name = newUuid7().toString();
    accepted.batch.batchId = newUuid7();
    accepted.batch.projectId = accepted.project.projectId;
    accepted.batch.createdMs = nowMs();
    accepted.roots = {"/photos"};
    store::ItemsFound found{accepted.batch.batchId, {}};
    for (int i = 0; i < Photos; ++i) {
        store::Item item;
        item.itemId = newUuid7();
        item.batchId = accepted.batch.batchId;
        item.ordinal = i;
        item.relativePath = QByteArray::number(i) + ".jpg";
        item.absolutePath = "/photos/" + item.relativePath;
        item.identity.size = 1000;
        found.items.append(item);
    }
    const int patienceMs = app.arguments().value(2).toInt();
    const std::pair<const char *, store::Changes> steps[] = {{"accepted", {accepted}},
                                                             {"found", {found}},
                                                             {"counted", {store::BatchCounted{accepted.batch.batchId, Photos, Photos * 1000, 0}}}};
    for (const auto &[word, changes] : steps) {
        if (!isWritten((*recorder)->recordDurably(changes), patienceMs))
            return 1;
        say(word);
    }
    recorder->reset();
    say("done");
    return 0;
}
