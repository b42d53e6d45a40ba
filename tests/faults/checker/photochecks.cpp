#include "tests/faults/checker/photochecks.h"

#include <QSet>

#include "tests/faults/checker/filehash.h"

#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace photolift::check {

namespace {

void noteFailure(Verdict &verdict, const Rows &rows, bool isFine)
{
    if (!isFine)
        verdict.violation(u"cannot be read: "_s + rows.failure());
}

/// What the source is now, if it still is the file that the queue knows.
QByteArray sourceHash(const QByteArray &path, qint64 size, qint64 modifiedNs, const Snapshot &sources)
{
    if (const auto known = sources.files().constFind(path); known != sources.files().cend() && known->size == size && known->modifiedNs == modifiedNs)
        return known->sha256;
    struct stat status = {};
    const bool isSame = ::stat(path.constData(), &status) == 0 && status.st_size == size
        && status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec == modifiedNs;
    const auto hash = isSame ? hashFile(path) : std::nullopt;
    return hash ? hash->sha256 : QByteArray();
}

/// The stages without whose success nothing may be called safe, and the rest, which only have to have ended.
/// A RAW of a camera nobody can read yet is kept without having passed validation: VALIDATION_FORMAT_UNKNOWN is no failure.
const QString SuccessfulStages =
    u"SELECT count(*) FROM fact_upload_stages t WHERE t.upload_id = ? AND t.stage_end_timestamp IS NOT NULL AND t.stage_name IN (%1) "
    "AND (t.is_successful = 1 OR (t.stage_name = 'validation' AND EXISTS (SELECT 1 FROM fact_upload_errors e "
    "WHERE e.upload_id = t.upload_id AND e.error_code = 'VALIDATION_FORMAT_UNKNOWN' AND e.is_fatal = 0)))"_s;

qint64 stagesDone(Rows &rows, qint64 uploadId, const QString &names)
{
    qint64 done = 0;
    rows.each(SuccessfulStages.arg(names), [&done](const QSqlQuery &row) { done = row.value(0).toLongLong(); }, {uploadId});
    return done;
}

} // namespace

Verdict nothingLost(const QList<Rows *> &clients, StoredObjects &objects, const Snapshot &sources)
{
    Verdict verdict(u"I1"_s);
    qint64 compared = 0;
    for (Rows *client : clients) {
        const bool isFine = client->each(
            u"SELECT i.absolute_path, i.size, i.modified_ns, i.sha256, i.item_id, i.state FROM queue_items i "
            "WHERE i.is_safe = 1 OR i.state IN ('succeeded', 'duplicate')"_s,
            [&](const QSqlQuery &row) {
                verdict.count();
                const QByteArray path = row.value(0).toByteArray();
                const qint64 size = row.value(1).toLongLong();
                const QString sha256 = row.value(3).toString();
                const QString item = row.value(4).toString();
                if (const QString fault = objects.fault(sha256, size); !fault.isEmpty())
                    verdict.violation(u"item %1 is shown as %2, but there is %3"_s.arg(item, row.value(5).toString(), fault));
                const QByteArray source = sourceHash(path, size, row.value(2).toLongLong(), sources);
                if (source.isEmpty())
                    return; // changed or gone since: its commit is what counts, and nobody holds those bytes any more
                ++compared;
                if (QString::fromLatin1(source) != sha256)
                    verdict.violation(u"item %1 is shown as %2 with the hash of other bytes than its source"_s.arg(item, row.value(5).toString()));
            });
        noteFailure(verdict, *client, isFine);
    }
    verdict.figure(u"sources_compared"_s, static_cast<double>(compared));
    return verdict;
}

Verdict noFalseSuccess(const QList<Rows *> &clients, Rows &server, StoredObjects &objects, bool isListAnew)
{
    Verdict verdict(u"I2"_s);
    // What bytes each attempt was about, by the server's own table: a client may not vouch for itself.
    QHash<QString, std::pair<QString, qint64>> bytesOf;
    noteFailure(verdict, server, server.each(u"SELECT client_upload_id, sha256, size FROM server_uploads WHERE state <> 'replaced'"_s,
                                             [&bytesOf](const QSqlQuery &row) {
                                                 bytesOf.insert(row.value(0).toString(), {row.value(1).toString(), row.value(2).toLongLong()});
                                             }));
    QSet<QString> known;
    for (Rows *client : clients) {
        noteFailure(verdict, *client, client->each(u"SELECT client_upload_id FROM fact_upload_attempts"_s,
                                                   [&known](const QSqlQuery &row) { known.insert(row.value(0).toString()); }));
    }
    QList<Rows *> all = clients;
    all.append(&server);
    for (Rows *rows : std::as_const(all)) {
        const bool isFine = rows->each(
            u"SELECT a.client_upload_id, a.upload_id, s.status_name, a.end_timestamp, "
            "(SELECT count(*) FROM fact_upload_stages t WHERE t.upload_id = a.upload_id AND t.stage_end_timestamp IS NULL), "
            "(SELECT count(*) FROM fact_upload_errors e WHERE e.upload_id = a.upload_id AND e.is_fatal = 1) "
            "FROM fact_upload_attempts a JOIN dim_upload_status s USING (upload_status_key) WHERE s.is_success_state = 1"_s,
            [&](const QSqlQuery &row) {
                verdict.count();
                const QString attempt = row.value(0).toString();
                const bool isDuplicate = row.value(2).toString() == "duplicate"_L1;
                const QString who = u"attempt %1 is %2"_s.arg(attempt, row.value(2).toString());
                const auto bytes = bytesOf.constFind(attempt);
                if (bytes == bytesOf.cend()) {
                    verdict.violation(who + u", but the server never heard of it"_s);
                    return;
                }
                if (const QString fault = objects.fault(bytes->first, bytes->second); !fault.isEmpty())
                    verdict.violation(who + u", but there is "_s + fault);
                if (row.value(3).isNull())
                    verdict.violation(who + u" without an end"_s);
                if (isListAnew && !known.contains(attempt))
                    return;
                if (row.value(4).toLongLong() > 0)
                    verdict.violation(who + u", but a stage has not ended"_s);
                if (row.value(5).toLongLong() > 0)
                    verdict.violation(who + u" with a fatal error"_s);
                const QString needed = isDuplicate ? u"'selection','preprocessing','initiation'"_s
                                                   : u"'selection','preprocessing','initiation','transfer','verification','reception','validation','storage'"_s;
                if (stagesDone(*rows, row.value(1).toLongLong(), needed) != needed.count(u',') + 1)
                    verdict.violation(who + u" without success in each of "_s + needed);
            });
        noteFailure(verdict, *rows, isFine);
    }
    for (Rows *client : clients) {
        const bool isFine = client->each(
            u"SELECT i.item_id, i.state, coalesce(s.status_name, 'no attempt') FROM queue_items i "
            "LEFT JOIN fact_upload_attempts a ON a.client_upload_id = i.client_upload_id "
            "LEFT JOIN dim_upload_status s USING (upload_status_key) "
            "WHERE i.state IN ('succeeded', 'duplicate') AND coalesce(s.status_name, '') <> i.state"_s,
            [&](const QSqlQuery &row) {
                verdict.violation(u"item %1 is %2, its newest attempt %3"_s.arg(row.value(0).toString(), row.value(1).toString(), row.value(2).toString()));
            });
        noteFailure(verdict, *client, isFine);
    }
    return verdict;
}

Verdict noDuplicates(Rows &server)
{
    Verdict verdict(u"I3"_s);
    verdict.count(server.number(u"SELECT count(*) FROM server_assets"_s));
    bool isFine = server.each(u"SELECT account_id, sha256, project_id, relative_path, count(*) FROM server_assets "
                              "GROUP BY account_id, sha256, project_id, relative_path HAVING count(*) > 1"_s,
                              [&](const QSqlQuery &row) {
                                  verdict.violation(u"%1 assets for %2 in one slot"_s.arg(row.value(4).toString(), row.value(1).toString()));
                              });
    noteFailure(verdict, server, isFine);
    // Bytes that travelled once more into a slot where they had arrived before anybody asked; two clients that ask at the same time both
    // hear that they are new. A copy that was found damaged is the one reason to send it again.
    isFine = server.each(u"WITH sent AS (SELECT u.account_id, u.sha256, u.project_id, u.relative_path, a.upload_id, a.end_timestamp "
                         "FROM server_uploads u JOIN fact_upload_attempts a ON a.client_upload_id = u.client_upload_id "
                         "JOIN dim_upload_status s USING (upload_status_key) WHERE s.status_name = 'succeeded' AND u.state <> 'replaced') "
                         "SELECT account_id, sha256, project_id, relative_path, 1 + count(*) FROM sent n "
                         "JOIN fact_upload_stages q ON q.upload_id = n.upload_id AND q.stage_name = 'initiation' "
                         "WHERE EXISTS (SELECT 1 FROM sent e WHERE e.account_id = n.account_id AND e.sha256 = n.sha256 "
                         "AND e.project_id = n.project_id AND e.relative_path = n.relative_path AND e.upload_id <> n.upload_id "
                         "AND e.end_timestamp < q.stage_start_timestamp) "
                         "AND NOT EXISTS (SELECT 1 FROM fact_upload_errors WHERE error_code = 'STORAGE_COPY_DAMAGED') "
                         "GROUP BY account_id, sha256, project_id, relative_path"_s,
                         [&](const QSqlQuery &row) {
                             verdict.violation(u"%1 was sent %2 times into one slot"_s.arg(row.value(1).toString(), row.value(4).toString()));
                         });
    noteFailure(verdict, server, isFine);
    // Known bytes in two files could only come from two sizes: SHA-256 says otherwise.
    isFine = server.each(u"SELECT account_id, sha256, count(*) FROM server_objects WHERE state = 'stored' GROUP BY account_id, sha256 HAVING count(*) > 1"_s,
                         [&](const QSqlQuery &row) { verdict.violation(u"%1 is stored twice"_s.arg(row.value(1).toString())); });
    noteFailure(verdict, server, isFine);
    return verdict;
}

} // namespace photolift::check
