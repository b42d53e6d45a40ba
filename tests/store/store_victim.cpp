// The other process of tst_otherprocess: writes until something kills it, or holds the lock of a database.
//   store_victim queue FILE   drops five photos, uploads the first one's records; says each thing that it knows to be durable
//   store_victim hold FILE    locks FILE for writing, says "held", lets go at the end of its input
#include "models/store/database.h"
#include "models/store/recorder.h"

#include "tests/store/samples.h"

#include <QCoreApplication>
#include <QFile>
#include <QSqlQuery>

#include <cstdio>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::store;

namespace {

void say(const QByteArray &word)
{
    std::puts(word.constData());
    std::fflush(stdout);
}

QList<Item> photos(const BatchRecord &batch, int count)
{
    QList<Item> items;
    for (int i = 0; i < count; ++i) {
        Item item;
        item.itemId = newUuid7();
        item.batchId = batch.batchId;
        item.ordinal = i;
        item.relativePath = "IMG_" + QByteArray::number(i) + ".JPG";
        item.absolutePath = "/photos/" + item.relativePath;
        items << item;
    }
    return items;
}

int queue(const QString &path)
{
    auto recorder = Recorder::open(path);
    if (!recorder) {
        say("refused " + recorder.error().detail.toUtf8());
        return 1;
    }
    const auto durably = [&](const Changes &changes, const QByteArray &word) {
        QFuture<Result<>> written = (*recorder)->recordDurably(changes);
        written.waitForFinished();
        if (written.result())
            say(word);
    };

    const ProjectRecord project = samples::project();
    const BatchRecord batch = samples::batch(project);
    const QList<Item> items = photos(batch, 5);
    durably({BatchAccepted{batch, project, {"/photos"}}}, "accepted");
    durably({ItemsFound{batch.batchId, items}}, "found");
    durably({BatchCounted{batch.batchId}}, "counted");
    Item first = items.first();
    AttemptRecord attempt = samples::attempt(batch);
    attempt.itemId = first.itemId;
    first.clientUploadId = attempt.clientUploadId;
    first.attemptNumber = 1;
    first.state = ItemState::Running;
    durably({ItemMoved{first}, AttemptChanged{attempt}, StageChanged{samples::stage(attempt, Stage::Selection)}}, "begun");
    attempt.status = Status::Failed;
    attempt.rowVersion = 2;
    first.state = ItemState::NeedsYou;
    first.errorCode = ErrorCode::SelectionFileMissing;
    durably({StageChanged{samples::ended(samples::stage(attempt, Stage::Selection), false)}, AttemptChanged{attempt}, ItemMoved{first},
             ErrorHappened{samples::error(attempt, Stage::Selection, ErrorCode::SelectionFileMissing)}},
            "failed");
    return 0;
}

int hold(const QString &path)
{
    auto connection = Connection::open(path, Connection::Use::Write);
    if (!connection)
        return 1;
    QSqlQuery lock((*connection)->database());
    if (!lock.exec(u"BEGIN EXCLUSIVE"_s))
        return 1;
    say("held");
    QFile input;
    if (input.open(stdin, QIODevice::ReadOnly))
        input.readAll();
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() != 3)
        return 2;
    return arguments.at(1) == u"hold"_s ? hold(arguments.at(2)) : queue(arguments.at(2));
}
