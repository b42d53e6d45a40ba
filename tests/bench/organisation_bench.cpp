#include "tests/support/crowdorganisation.h"
#include "tests/support/simulateddesktop.h"

#include <QCoreApplication>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>

#include <array>
#include <cstdio>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::support;

/// An organisation's server with a PostgreSQL and an S3 store of its own, which end with the program:
///   organisation_bench idle [DESKTOPS [SECONDS]]    desktops that wait for changes: memory and CPU of the server
///   organisation_bench links [DESKTOPS [SECONDS]]   presigned links a second
///   organisation_bench host                         for a script: says where everything is, then obeys lines of
///   standard input
namespace
{

[[noreturn]] void die(const QString &what)
{
    std::fprintf(stderr, "%s\n", qPrintable(what));
    std::exit(1);
}

void say(const QJsonObject &line)
{
    std::puts(QJsonDocument(line).toJson(QJsonDocument::Compact).constData());
    std::fflush(stdout);
}

/// What the server's process has used.
struct Use {
    double cpuSeconds = 0;
    double residentKiB = 0;
    int threads = 0;
};

Use useOf(qint64 process)
{
    Use use;
    QFile stat(u"/proc/%1/stat"_s.arg(process));
    QFile memory(u"/proc/%1/smaps_rollup"_s.arg(process));
    if (!stat.open(QIODevice::ReadOnly) || !memory.open(QIODevice::ReadOnly))
        die(u"the server is gone"_s);
    const QByteArray line = stat.readAll();
    const QList<QByteArray> fields = line.mid(line.lastIndexOf(')') + 2).split(' ');
    use.cpuSeconds =
        (fields.at(11).toDouble() + fields.at(12).toDouble()) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    use.threads = fields.at(17).toInt();
    const QList<QByteArray> lines = memory.readAll().split('\n');
    for (const QByteArray &row : lines) {
        if (row.startsWith("Rss:"))
            use.residentKiB = row.mid(4).trimmed().split(' ').first().toDouble();
    }
    return use;
}

double load()
{
    std::array<double, 1> averages{};
    return ::getloadavg(averages.data(), 1) == 1 ? averages[0] : -1;
}

/// The organisation and its desktops.
struct Scene {
    OrganisationRun organisation;
    CrowdTally tally;
    Crowd crowd;
    std::vector<std::unique_ptr<SimulatedDesktop>> desktops;

    explicit Scene(int count)
    {
        QString failure;
        if (!organisation.start())
            die(organisation.failure());
        const QByteArrayList tokens = addDevices(organisation, count, failure);
        if (tokens.isEmpty() || !organisation.startServer())
            die(failure + organisation.failure());
        for (int i = 0; i < count; ++i)
            desktops.push_back(std::make_unique<SimulatedDesktop>(crowd, organisation.address(), tokens[i], i, tally));
    }
    void check() const
    {
        if (!tally.faults.isEmpty())
            die(tally.faults.join(u'\n'));
    }
    int answered(const QByteArray &what) const { return tally.answers.value(what); }
};

struct Measured {
    Use before, after;
    int callsBefore = 0, callsAfter = 0;
};

/// From the moment when everybody has come in, for so long.
Crowd::Client measure(Scene &scene, QByteArray what, std::chrono::seconds settled, std::chrono::seconds time,
                      Measured &measured)
{
    co_await scene.crowd.pause(settled);
    measured.before = useOf(scene.organisation.processId());
    measured.callsBefore = scene.answered(what);
    co_await scene.crowd.pause(time);
    measured.after = useOf(scene.organisation.processId());
    measured.callsAfter = scene.answered(what);
}

void idle(int count, std::chrono::seconds time)
{
    constexpr std::chrono::seconds Settled(60); // all have signed in, and what that took is given back
    Scene scene(count);
    const Use alone = useOf(scene.organisation.processId());
    const auto end = Crowd::Clock::now() + Settled + time;
    for (const auto &desktop : scene.desktops)
        desktop->idle(end);
    Measured measured;
    measure(scene, "200 POST /v1/status", Settled, time, measured);
    scene.crowd.run();
    scene.check();
    const double seconds = static_cast<double>(time.count());
    say({{u"figure"_s, u"%1 desktops that wait for changes"_s.arg(count)},
         {u"kib_per_desktop"_s, (measured.after.residentKiB - alone.residentKiB) / count},
         {u"resident_mib"_s, measured.after.residentKiB / 1024},
         {u"resident_alone_mib"_s, alone.residentKiB / 1024},
         {u"cpu_percent_of_one_core"_s, 100 * (measured.after.cpuSeconds - measured.before.cpuSeconds) / seconds},
         {u"answers_per_s"_s, (measured.callsAfter - measured.callsBefore) / seconds},
         {u"threads"_s, measured.after.threads},
         {u"load"_s, load()}});
}

void links(int count, std::chrono::seconds time)
{
    constexpr std::chrono::seconds Settled(10);
    Scene scene(count);
    const auto end = Crowd::Clock::now() + Settled + time;
    for (const auto &desktop : scene.desktops)
        desktop->askForLinks(end);
    const QByteArray what = "200 POST /v1/uploads/{id}/links";
    Measured measured;
    measure(scene, what, Settled, time, measured);
    scene.crowd.run();
    scene.check();
    const double seconds = static_cast<double>(time.count());
    const double calls = measured.callsAfter - measured.callsBefore;
    say({{u"figure"_s, u"links asked for by %1 desktops at once, 16 a call"_s.arg(count)},
         {u"calls_per_s"_s, calls / seconds},
         {u"links_per_s"_s, calls * wire::MaxLinksPerCall / seconds},
         {u"server_cpu_ms_per_call"_s,
          calls > 0 ? 1000 * (measured.after.cpuSeconds - measured.before.cpuSeconds) / calls : 0},
         {u"told_later"_s,
          scene.answered("429 POST /v1/uploads/{id}/links") + scene.answered("503 POST /v1/uploads/{id}/links")},
         {u"load"_s, load()}});
}

void host()
{
    OrganisationRun organisation;
    if (!organisation.start(CephGateway::Daemons::Large))
        die(organisation.failure());
    organisation.command({u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s});
    const QString token = organisation.tokenFileFor(u"anna"_s);
    if (token.isEmpty() || !organisation.startServer())
        die(organisation.failure());
    say({{u"address"_s, organisation.address().toString()},
         {u"token_file"_s, token},
         {u"server"_s, organisation.processId()},
         {u"endpoint"_s, organisation.store().endpoint().toString()},
         {u"bucket"_s, u"photos"_s},
         {u"access_key"_s, QString::fromLatin1(CephGateway::accessKey())},
         {u"secret_key"_s, QString::fromLatin1(CephGateway::secretKey())}});
    std::array<char, 64> line{};
    while (std::fgets(line.data(), static_cast<int>(line.size()), stdin) != nullptr) {
        const QByteArray word = QByteArray(line.data()).trimmed();
        if (word == "collect" && !organisation.store().collectGarbage())
            die(organisation.store().failure());
        say({{u"done"_s, QString::fromLatin1(word)},
             {u"pending"_s, organisation.sql(u"SELECT count(*) FROM server_jobs"_s).toInt()},
             {u"rollbacks"_s, organisation.sql(u"SELECT sum(xact_rollback)::integer FROM pg_stat_database"_s).toInt()}});
    }
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication app(argc, argv);
    const QStringList words = QCoreApplication::arguments();
    const auto number = [&words](int index, int otherwise) {
        return words.size() > index ? words.at(index).toInt() : otherwise;
    };
    if (words.value(1) == u"idle")
        idle(number(2, 500), std::chrono::seconds(number(3, 60)));
    else if (words.value(1) == u"links")
        links(number(2, 32), std::chrono::seconds(number(3, 20)));
    else if (words.value(1) == u"host")
        host();
    else
        die(u"organisation_bench idle|links [DESKTOPS [SECONDS]], or host"_s);
    return 0;
}
