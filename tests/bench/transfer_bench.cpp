// The data plane against curl, side by side: the same parts of the same file to the same nginx (dav PUT), alternating, medians.
// nginx answers with the checksum the request names, so that the data plane sees the success it needs; both clients pay for that alike.
//
//   transfer_bench [--bytes 1073741824] [--part 16777216] [--rounds 5] [--parallel 4]
#include "models/transfer/dataplane.h"
#include "models/vocabulary/ids.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>
#include <QProcess>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QThread>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/resource.h>
#include <vector>

using namespace Qt::StringLiterals;
using namespace photolift;

namespace {

struct Plan {
    qint64 bytes = 0;
    qint64 part = 0;
    int rounds = 0;
    int parallel = 0;
    int parts() const { return int((bytes + part - 1) / part); }
};

struct Took {
    double wall = 0; ///< s
    double cpu = 0;  ///< s, of the client
};

/// nginx in the foreground, in a folder of its own, for the life of this object.
class Nginx
{
public:
    explicit Nginx(const QString &folder)
    {
        QTcpServer finder; // a free port; nothing else on this computer should take it in between
        finder.listen(QHostAddress::LocalHost);
        m_port = finder.serverPort();
        finder.close();
        QDir(folder).mkpath(u"store"_s);
        QFile file(folder + u"/nginx.conf"_s);
        if (!file.open(QIODevice::WriteOnly))
            return;
        file.write("daemon off; master_process off; pid nginx.pid; error_log stderr error;\n"
                   "events { worker_connections 64; }\n"
                   "http { access_log off; client_max_body_size 1g; client_body_buffer_size 1m; client_body_temp_path temp;\n"
                   "  keepalive_requests 100000;\n"
                   "  server { listen 127.0.0.1:" + QByteArray::number(m_port) + "; root store;\n"
                   "    location / { dav_methods PUT; create_full_put_path on; add_header ETag $http_x_bench_etag always; } } }\n");
        file.close();
        m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        m_process.start(u"nginx"_s, {u"-p"_s, folder, u"-c"_s, u"nginx.conf"_s, u"-e"_s, u"stderr"_s});
        m_process.waitForStarted();
        for (int tries = 0; tries < 200 && m_process.state() == QProcess::Running && !m_isUp; ++tries) {
            QTcpSocket probe;
            probe.connectToHost(QHostAddress::LocalHost, m_port);
            m_isUp = probe.waitForConnected(100);
            if (!m_isUp)
                QThread::msleep(20);
        }
    }
    ~Nginx()
    {
        m_process.terminate();
        m_process.waitForFinished(5000);
    }
    bool isUp() const { return m_isUp; }
    QString url(int part) const { return u"http://127.0.0.1:%1/part-%2"_s.arg(m_port).arg(part); }

private:
    QProcess m_process;
    quint16 m_port = 0;
    bool m_isUp = false;
};

double cpuOf(int who)
{
    rusage used{};
    getrusage(who, &used);
    return double(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + double(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

Took byDataPlane(const Plan &plan, const Nginx &nginx, const QFile &file)
{
    transfer::DataPlane::Options options;
    options.connections = plan.parallel;
    transfer::DataPlane plane(options);
    QEventLoop loop;
    int ended = 0;
    QObject::connect(&plane, &transfer::DataPlane::partFinished, &loop, [&](const transfer::PartOutcome &outcome) {
        if (!outcome.result) {
            std::fprintf(stderr, "part %d: %s\n", outcome.number, qPrintable(outcome.result.error().detail));
            std::exit(1); // a run that sent less says nothing
        }
        if (++ended == plan.parts())
            loop.quit();
    }, Qt::QueuedConnection);
    const QUuid upload = newUuid7();
    const double cpuBefore = cpuOf(RUSAGE_SELF);
    QElapsedTimer clock;
    clock.start();
    for (int number = 1; number <= plan.parts(); ++number) {
        transfer::PartJob job;
        job.clientUploadId = upload;
        job.number = number;
        job.descriptor = file.handle();
        job.offset = (number - 1) * plan.part;
        job.size = std::min(plan.part, plan.bytes - job.offset);
        job.url = QUrl(nginx.url(number));
        job.expectedEtag = u"5eed"_s;
        job.headers = {{"x-bench-etag", "5eed"}};
        plane.start(job);
    }
    loop.exec();
    return {double(clock.nsecsElapsed()) / 1e9, cpuOf(RUSAGE_SELF) - cpuBefore};
}

Took byCurl(const QStringList &arguments)
{
    const double cpuBefore = cpuOf(RUSAGE_CHILDREN);
    QElapsedTimer clock;
    clock.start();
    QProcess curl;
    curl.setStandardOutputFile(QProcess::nullDevice());
    curl.setStandardErrorFile(QProcess::nullDevice());
    curl.start(u"curl"_s, arguments);
    curl.waitForFinished(-1);
    const double wall = double(clock.nsecsElapsed()) / 1e9;
    if (curl.exitCode() != 0) {
        std::fprintf(stderr, "curl ended with %d\n", curl.exitCode());
        std::exit(1);
    }
    return {wall, cpuOf(RUSAGE_CHILDREN) - cpuBefore};
}

/// curl sends whole files: the same bytes, cut before the clock runs.
QStringList curlArguments(const Plan &plan, const Nginx &nginx, const QString &folder, bool isParallel)
{
    QStringList arguments{u"-sSf"_s};
    if (isParallel)
        arguments << u"-Z"_s << u"--parallel-max"_s << QString::number(plan.parallel);
    for (int number = 1; number <= plan.parts(); ++number)
        arguments << u"-T"_s << folder + u"/cut-%1"_s.arg(number) << nginx.url(number);
    return arguments;
}

Took medianOf(std::vector<Took> runs)
{
    std::sort(runs.begin(), runs.end(), [](const Took &a, const Took &b) { return a.wall < b.wall; });
    return runs[runs.size() / 2];
}

void writeInput(const Plan &plan, const QString &folder)
{
    QFile whole(folder + u"/whole"_s);
    if (!whole.open(QIODevice::WriteOnly))
        return;
    QByteArray block(plan.part, '\0');
    quint64 word = 88172645463325252ULL;
    for (int number = 1; number <= plan.parts(); ++number) {
        for (qsizetype i = 0; i + 8 <= block.size(); i += 8) {
            word ^= word << 13;
            word ^= word >> 7;
            word ^= word << 17;
            std::memcpy(block.data() + i, &word, 8);
        }
        const QByteArray part = block.left(std::min(plan.part, plan.bytes - (number - 1) * plan.part));
        whole.write(part);
        QFile cut(folder + u"/cut-%1"_s.arg(number));
        if (cut.open(QIODevice::WriteOnly))
            cut.write(part);
    }
}

void print(const char *name, const Plan &plan, const Took &took, const Took &reference)
{
    const double mib = double(plan.bytes) / (1024 * 1024);
    std::printf("%-28s %7.3f s  %7.0f MiB/s  client CPU %6.3f s/GiB  wall ratio %.2f\n", name, took.wall, mib / took.wall,
                took.cpu * 1024 / mib, took.wall / reference.wall);
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addOptions({{u"bytes"_s, u"how much"_s, u"n"_s, u"1073741824"_s}, {u"part"_s, u"size of a part"_s, u"n"_s, u"16777216"_s},
                       {u"rounds"_s, u"medians of so many"_s, u"n"_s, u"5"_s}, {u"parallel"_s, u"connections"_s, u"n"_s, u"4"_s}});
    parser.process(application);
    const Plan plan{parser.value(u"bytes"_s).toLongLong(), parser.value(u"part"_s).toLongLong(), parser.value(u"rounds"_s).toInt(),
                    parser.value(u"parallel"_s).toInt()};
    if (plan.bytes <= 0 || plan.part <= 0 || plan.rounds <= 0 || plan.parallel <= 0)
        parser.showHelp(2);

    QTemporaryDir folder;
    writeInput(plan, folder.path());
    QFile whole(folder.filePath(u"whole"_s));
    const Nginx nginx(folder.path());
    if (!nginx.isUp() || !whole.open(QIODevice::ReadOnly)) {
        std::fprintf(stderr, "nginx did not start\n");
        return 1;
    }
    const QStringList oneByOne = curlArguments(plan, nginx, folder.path(), false);
    const QStringList parallel = curlArguments(plan, nginx, folder.path(), true);
    std::vector<Took> ours;
    std::vector<Took> curlT;
    std::vector<Took> curlZ;
    byCurl(parallel); // warms the caches and makes the files, so that every measured PUT replaces one
    for (int round = 0; round < plan.rounds; ++round) {
        ours.push_back(byDataPlane(plan, nginx, whole));
        curlT.push_back(byCurl(oneByOne));
        curlZ.push_back(byCurl(parallel));
    }
    std::printf("%d parts of %lld bytes, %d connections, medians of %d\n", plan.parts(), static_cast<long long>(plan.part), plan.parallel,
                plan.rounds);
    print("data plane, hashing", plan, medianOf(ours), medianOf(curlT));
    print("curl -T", plan, medianOf(curlT), medianOf(curlT));
    print("curl -Z", plan, medianOf(curlZ), medianOf(curlT));
    std::printf("data plane / curl -Z: %.2f\n", medianOf(ours).wall / medianOf(curlZ).wall);
    return 0;
}
