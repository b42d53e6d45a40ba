#include "app/cli/readingcommands.h"

#include "app/cli/givenfiles.h"
#include "app/cli/report.h"
#include "app/cli/runcommand.h"
#include "app/client/datafolder.h"
#include "models/photo/filelook.h"
#include "models/photo/helper.h"
#include "models/photo/inspect.h"
#include "models/pipeline/walker.h"
#include "models/store/archive.h"
#include "models/vocabulary/pathtext.h"

#include <QDateTime>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace photolift::cli {

namespace {

/// What an upload would say of this file before it is tried.
FileReport judge(const pipeline::FoundFile &found)
{
    FileReport report;
    report.path = found.absolutePath;
    report.size = found.identity.size;
    report.status = u"queued"_s;
    const Result<photo::FileLook> look = photo::lookAt(found.absolutePath);
    if (!look) {
        report.status = u"failed"_s;
        report.errorCode = look.error().code;
    } else if (const std::optional<Error> refusal = photo::refusalOf(*look)) {
        report.status = u"skipped"_s;
        report.errorCode = refusal->code;
    }
    return report;
}

QString textLine(const store::AttemptView &view)
{
    const AttemptRecord &attempt = view.attempt;
    QString line = u"%1  %2  %3"_s.arg(
        QDateTime::fromMSecsSinceEpoch(attempt.startedMs).toString(Qt::ISODate),
        QString(statusName(attempt.status)).leftJustified(16), displayName(attempt.relativePath));
    for (const ErrorRecord &error : view.errors) {
        if (error.isFatal)
            line += u"\n    "_s + sentenceFor(error.code) + u" ("_s + QString(errorName(error.code)) + u')';
    }
    return line;
}

} // namespace

int showAttempts(const AttemptsOptions &options)
{
    QTextStream out(stdout);
    QTextStream err(stderr);
    const QString database = client::DataFolder::database(options.common.dataFolder);
    if (!QFileInfo::exists(database)) {
        err << "photolift-cli: nothing was uploaded yet from " << displayName(options.common.dataFolder) << Qt::endl;
        return ExitUsage;
    }
    const auto archive = store::Archive::open(database);
    const auto attempts = archive ? (*archive)->attempts(options.isFailedOnly, options.limit).result()
                                  : Result<QList<store::AttemptView>>(archive.error());
    if (!attempts) {
        err << "photolift-cli: " << sentenceAtStart(attempts.error(), options.common.dataFolder) << " ("
            << QString(errorName(attempts.error().code)) << ')' << Qt::endl;
        return ExitNotAll;
    }
    for (const store::AttemptView &view : *attempts) {
        if (options.common.isJson)
            printLine(out, toJson(view));
        else
            out << textLine(view) << Qt::endl;
    }
    return ExitGood;
}

int inspectFiles(const InspectOptions &options)
{
    QTextStream out(stdout);
    photo::Helper helper({.program = client::Client::program("photolift-photo"_L1)});
    bool isGood = true;
    for (const QByteArray &file : options.files) {
        const QJsonObject facts = photo::inspect(helper, file);
        isGood = isGood && facts.value(u"ok"_s).toBool();
        if (options.common.isJson) {
            printLine(out, facts);
            continue;
        }
        for (auto fact = facts.constBegin(); fact != facts.constEnd(); ++fact) {
            if (!fact.value().isNull())
                out << fact.key().leftJustified(16) << displayName(fact.value().toVariant().toString()) << Qt::endl;
        }
        out << Qt::endl;
    }
    return isGood ? ExitGood : ExitNotAll;
}

int dryRun(const UploadOptions &options)
{
    QTextStream out(stdout);
    const Result<QList<QByteArray>> roots = existingPaths(options.paths);
    if (!roots) {
        QTextStream(stderr) << "photolift-cli: " << roots.error().detail << Qt::endl;
        return ExitUsage;
    }
    Summary summary;
    QTextStream err(stderr);
    bool isAllRead = true;
    const std::atomic<bool> cancelled = false;
    pipeline::walk(
        *roots,
        [&](pipeline::WalkHarvest &&harvest) {
            for (const pipeline::FoundFile &file : harvest.files) {
                const FileReport report = judge(file);
                summary.count(report);
                if (options.common.isJson)
                    printLine(out, toJson(report));
                else
                    out << toText(report);
            }
            for (const pipeline::LeftOutPath &leftOut : harvest.leftOut) {
                if (options.common.isJson)
                    printLine(out, leftOutEvent(leftOut.path, leftOut.code));
                if (leftOut.code != ErrorCode::SelectionSkippedSpecial)
                    isAllRead = false;
                else if (!roots->contains(leftOut.path))
                    continue; // expected inside folders
                err << displayName(textFromPath(leftOut.path)) << ": " << sentenceFor(leftOut.code) << Qt::endl;
            }
        },
        cancelled, client::DataFolder::ownFolders(options.common.dataFolder) + client::DataFolder::ownFolders(client::DataFolder::defaultPath()));
    if (options.common.isJson)
        printLine(out, summary.toJson(0, std::nullopt));
    else
        out << summary.toDryText() << Qt::flush;
    return isAllRead ? summary.exitCode() : ExitNotAll;
}

} // namespace photolift::cli
