// What tst_f2_queueing kills and starves: queues five photos as the pipeline does, and says each thing that it knows to be durable.
//   queueonce FILE PATIENCE_MS FOLDER
// The photos are FOLDER/0.jpg to FOLDER/4.jpg.
// Words, one a line: opened, accepted, found, counted, then done. A change that is refused, or not written within its patience
// (from its first trouble on: a full disk is waited for), ends the program with 1.
#include "models/store/recorder.h"
#include "models/vocabulary/ids.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QFileInfo>
#include <QFutureWatcher>
#include <QTimer>

#include <cstdio>

using namespace photolift;

namespace {

constexpr int Photos = 5;

void say(const char *word)
{
    std::puts(word);
    std::fflush(stdout);
}

/// The patience is for a list that cannot be written; one that is only slow has half a minute.
bool isWritten(const store::Changes &changes, store::Recorder &recorder, bool &isTroubled, int patienceMs)
{
    QEventLoop loop;
    QTimer::singleShot(30000, &loop, &QEventLoop::quit);
    const auto losePatience = [&] {
        isTroubled = true;
        QTimer::singleShot(patienceMs, &loop, &QEventLoop::quit);
    };
    QObject::connect(&recorder, &store::Recorder::troubled, &loop, losePatience);
    if (isTroubled)
        losePatience();
    QFutureWatcher<Result<>> watcher;
    QObject::connect(&watcher, &QFutureWatcher<Result<>>::finished, &loop, &QEventLoop::quit);
    const QFuture<Result<>> written = recorder.recordDurably(changes);
    watcher.setFuture(written);
    loop.exec();
    return written.isFinished() && written.result();
}

}

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    bool isTroubled = false;
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
    const QString folder = app.arguments().value(3);
    accepted.roots = {QFile::encodeName(folder)};
    store::ItemsFound found{accepted.batch.batchId, {}};
    for (int i = 0; i < Photos; ++i) {
        store::Item item;
        item.itemId = newUuid7();
        item.batchId = accepted.batch.batchId;
        item.ordinal = i;
        item.relativePath = QByteArray::number(i) + ".jpg";
        item.absolutePath = accepted.roots.first() + '/' + item.relativePath;
        item.identity.size = QFileInfo(QFile::decodeName(item.absolutePath)).size();
        found.items.append(item);
    }
    const int patienceMs = app.arguments().value(2).toInt();
    const std::pair<const char *, store::Changes> steps[] = {{"accepted", {accepted}},
                                                             {"found", {found}},
                                                             {"counted", {store::BatchCounted{accepted.batch.batchId}}}};
    for (const auto &[word, changes] : steps) {
        if (!isWritten(changes, **recorder, isTroubled, patienceMs))
            return 1;
        say(word);
    }
    recorder->reset();
    say("done");
    return 0;
}
