#include "tests/faults/checker/checkrun.h"

#include "tests/faults/checker/figures.h"
#include "tests/faults/checker/hygiene.h"
#include "tests/faults/checker/photochecks.h"
#include "tests/faults/checker/telemetry.h"

#include <QDir>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace photolift::check {

namespace {

/// The database in this folder that has the given table; its file name is no business of the checker.
Result<std::unique_ptr<Rows>> databaseWith(const QString &folder, const QString &table)
{
    const QFileInfoList files = QDir(folder).entryInfoList({u"*.db"_s, u"*.sqlite"_s}, QDir::Files);
    for (const QFileInfo &file : files) {
        Result<std::unique_ptr<Rows>> rows = Rows::open(file.filePath());
        if (rows && (*rows)->hasTable(table))
            return rows;
    }
    return Error{ErrorCode::LocalDiskError, u"%1 holds no database with %2"_s.arg(folder, table)};
}

Result<Snapshot> readAll(const QStringList &files)
{
    Snapshot all;
    for (const QString &file : files) {
        const Result<Snapshot> snapshot = Snapshot::read(file);
        if (!snapshot)
            return snapshot.error();
        all.add(*snapshot);
    }
    return all;
}

/// A damaged list is kept beside the one that was made anew.
bool isListAnew(const QString &clientFolder)
{
    return !QDir(clientFolder).entryList({u"*.damaged-*"_s}, QDir::Files).isEmpty();
}

} // namespace

Result<QList<Verdict>> checkAll(const Order &order)
{
    std::vector<std::unique_ptr<Rows>> owned;
    QList<Rows *> clients;
    for (const QString &folder : order.clientFolders) {
        Result<std::unique_ptr<Rows>> client = databaseWith(folder, u"queue_items"_s);
        if (!client)
            return client.error();
        clients.append(client->get());
        owned.push_back(std::move(*client));
    }
    const QString serverFolder = order.serverFolder.isEmpty() ? QString(order.clientFolders.value(0) + u"/server"_s) : order.serverFolder;
    Result<std::unique_ptr<Rows>> server = databaseWith(serverFolder, u"server_uploads"_s);
    if (!server)
        return server.error();
    const Result<Snapshot> sources = readAll(order.snapshotFiles);
    if (!sources)
        return sources.error();

    StoredObjects objects(serverFolder);
    QList<Verdict> verdicts;
    verdicts.append(nothingLost(clients, objects, *sources));
    const bool isAnew = std::any_of(order.clientFolders.begin(), order.clientFolders.end(), isListAnew);
    verdicts.append(noFalseSuccess(clients, **server, objects, isAnew));
    verdicts.append(noDuplicates(**server));
    verdicts.append(sameTelemetry(clients, **server, isAnew));
    verdicts.append(sources->unchanged());
    verdicts.append(resumedInTime(order.figures));
    verdicts.append(noOrphans(serverFolder, **server, order.nowMs));
    verdicts.append(neverStalled(order.figures));
    verdicts.append(noSecrets(order.clientFolders + QStringList{serverFolder} + order.searchFolders, order.secrets));
    return verdicts;
}

} // namespace photolift::check
