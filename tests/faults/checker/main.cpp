#include "models/vocabulary/ids.h"
#include "tests/faults/checker/checkrun.h"
#include "tests/faults/checker/snapshot.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QFile>
#include <QJsonDocument>

#include <cstdio>

using namespace Qt::StringLiterals;
using namespace photolift;

namespace {

enum ExitCode { AllHold = 0, Violated = 1, WrongUsage = 2, NotReadable = 3 };

int failed(ExitCode code, const QString &why)
{
    std::fprintf(stderr, "photolift-check: %s\n", qPrintable(why));
    return code;
}

/// `photolift-check snapshot --out FILE DIR...`
int takeSnapshot(const QStringList &folders, const QString &fileName)
{
    if (folders.isEmpty() || fileName.isEmpty())
        return failed(WrongUsage, u"snapshot needs --out FILE and a folder"_s);
    QList<QByteArray> roots;
    for (const QString &folder : folders)
        roots.append(QFile::encodeName(folder));
    const check::Snapshot snapshot = check::Snapshot::of(roots);
    const Result<> written = snapshot.write(fileName);
    if (!written)
        return failed(NotReadable, written.error().detail);
    std::printf("{\"event\":\"snapshot\",\"n\":%lld}\n", static_cast<long long>(snapshot.files().size()));
    return AllHold;
}

QByteArray contentOf(const QString &fileName, bool &isFine)
{
    QFile file(fileName);
    isFine = file.open(QIODevice::ReadOnly);
    return isFine ? file.readAll() : QByteArray();
}

}

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    QCommandLineParser parser;
    parser.setApplicationDescription(
        u"Checks the nine invariants: photolift-check --client DIR [--server DIR] [--snapshot FILE]...\n"
        "Makes a snapshot of source folders: photolift-check snapshot --out FILE DIR...\n"
        "Prints one JSON line per invariant. Ends with 0 when all hold, 1 when one is violated, 2 for wrong usage, 3 for "
        "folders that cannot be read."_s);
    parser.addHelpOption();
    parser.addOptions({{u"client"_s, u"A client's data folder; may be repeated."_s, u"dir"_s},
                       {u"server"_s, u"The server's data folder; else server/ below the first client."_s, u"dir"_s},
                       {u"snapshot"_s, u"A snapshot of source folders, for I1 and I5."_s, u"file"_s},
                       {u"figures"_s, u"JSON with resume_seconds, ui_turn_cpu_ms, ui_turn_wall_ms, for I6 and I8."_s, u"file"_s},
                       {u"search"_s, u"A further folder or file for I9; may be repeated."_s, u"dir"_s},
                       {u"secrets"_s, u"A file with secrets to look for, one per line."_s, u"file"_s},
                       {u"out"_s, u"Where a snapshot goes."_s, u"file"_s}});
    parser.addPositionalArgument(u"snapshot"_s, u"makes a snapshot instead"_s, u"[snapshot DIR...]"_s);
    if (!parser.parse(application.arguments()))
        return failed(WrongUsage, parser.errorText());
    if (parser.isSet(u"help"_s))
        parser.showHelp();
    const QStringList words = parser.positionalArguments();
    if (words.value(0) == "snapshot"_L1)
        return takeSnapshot(words.mid(1), parser.value(u"out"_s));
    if (!words.isEmpty() || !parser.isSet(u"client"_s))
        return failed(WrongUsage, u"--client DIR is needed; see --help"_s);

    check::Order order;
    order.clientFolders = parser.values(u"client"_s);
    order.serverFolder = parser.value(u"server"_s);
    order.snapshotFiles = parser.values(u"snapshot"_s);
    order.searchFolders = parser.values(u"search"_s);
    order.nowMs = nowMs();
    bool isFine = true;
    if (parser.isSet(u"figures"_s))
        order.figures = QJsonDocument::fromJson(contentOf(parser.value(u"figures"_s), isFine)).object();
    if (!isFine)
        return failed(NotReadable, u"the figures cannot be read"_s);
    if (parser.isSet(u"secrets"_s))
        order.secrets = contentOf(parser.value(u"secrets"_s), isFine).split('\n');
    if (!isFine)
        return failed(NotReadable, u"the secrets cannot be read"_s);

    const Result<QList<check::Verdict>> verdicts = check::checkAll(order);
    if (!verdicts)
        return failed(NotReadable, verdicts.error().detail);
    bool allHold = true;
    for (const check::Verdict &verdict : *verdicts) {
        std::printf("%s\n", QJsonDocument(verdict.toJson()).toJson(QJsonDocument::Compact).constData());
        allHold &= verdict.holds();
    }
    return allHold ? AllHold : Violated;
}
