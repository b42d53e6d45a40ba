// The real window over the real client, engine, server and helper, offscreen, with more photos than anybody drops:
//   window_bench drop [FILES [SECONDS]]  a folder of so many JPEGs is dropped, then looked at for SECONDS while they are uploaded
//   window_bench grown [ATTEMPTS]        a program start on a list with so many attempts, and a walk through the list
// What is made goes to a temporary folder (TMPDIR moves it). Targets: README.md.
#include "app/client/client.h"
#include "app/client/datafolder.h"
#include "app/desktop/enginefeed.h"
#include "tests/bench/grownlist.h"
#include "tests/bench/turnmeter.h"
#include "tests/support/smallphotos.h"
#include "ui/shell/appearance.h"
#include "ui/shell/mainwindow.h"

#include <QDir>
#include <QDropEvent>
#include <QEventLoop>
#include <QFile>
#include <QMimeData>
#include <QProcess>
#include <QScrollBar>
#include <QTemporaryDir>

#include <cstdio>
#include <ctime>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using bench::TurnMeter;

namespace {

constexpr int FilesOfFolder = 1000; ///< as cameras number them
constexpr int ScrollPaceMs = 40;
constexpr int Starts = 3;
constexpr int GrownScrolls = 250;

qint64 monotonicNs()
{
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return qint64(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

double msSince(qint64 beganNs)
{
    return static_cast<double>(monotonicNs() - beganNs) / 1e6;
}

/// Resident now and at most so far, in MB.
std::pair<double, double> residentMb()
{
    QFile status(u"/proc/self/status"_s);
    double now = 0;
    double most = 0;
    if (status.open(QIODevice::ReadOnly)) {
        const QList<QByteArray> lines = status.readAll().split('\n');
        for (const QByteArray &line : lines) {
            const double mb = line.mid(6).trimmed().split(' ').value(0).toDouble() * 1024 / 1e6;
            if (line.startsWith("VmRSS:"))
                now = mb;
            else if (line.startsWith("VmHWM:"))
                most = mb;
        }
    }
    return {now, most};
}

/// Of all threads of this process: what the machine does besides hardly changes it.
double cpuMs()
{
    timespec used{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) * 1e3 + static_cast<double>(used.tv_nsec) / 1e6;
}

void say(const char *what, double value, const char *unit)
{
    std::printf("  %-52s %10.1f %s\n", what, value, unit);
    std::fflush(stdout);
}

void say(const char *phase, const TurnMeter::Report &turns)
{
    std::printf("  %-12s %6lld turns: CPU at most %.1f ms, wall p99 %.1f ms, at most %.1f ms; longest: %s\n", phase,
                static_cast<long long>(turns.turns), turns.cpuMostMs, turns.wallP99Ms, turns.wallMostMs, turns.longest.constData());
    std::fflush(stdout);
}

/// The program as app/desktop/main.cpp puts it together: the window first, the client when its list is open.
class Program
{
public:
    explicit Program(const QString &dataFolder)
        : m_controller(m_feed, {true, client::DataFolder::server(dataFolder), {}})
        , m_window(m_controller)
    {
        m_window.resize(1440, 900);
        m_window.show();
        client::Client::Options options;
        options.dataFolder = dataFolder;
        client::Client::openLater(options, &m_window, [this](Result<std::unique_ptr<client::Client>> opened) {
            if (!opened)
                qFatal("%s", qPrintable(opened.error().detail));
            m_client = *std::move(opened);
            m_client->start();
            m_feed.attach(*m_client);
            m_controller.start();
        });
    }

    void end()
    {
        QEventLoop loop;
        QObject::connect(m_client.get(), &client::Client::stopped, &loop, &QEventLoop::quit);
        m_client->stop();
        loop.exec();
    }

    void drop(const QString &folder)
    {
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(folder)});
        QDragEnterEvent enter(QPoint(400, 400), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&m_window, &enter); // Qt gives a drop only to whom was entered
        QDropEvent event(QPointF(400, 400), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&m_window, &event);
    }

    desktop::EngineFeed &feed() { return m_feed; }
    ui::UploadsController &controller() { return m_controller; }
    ui::MainWindow &window() { return m_window; }
    ui::PhotoTable *table() { return m_window.uploads()->workPage()->photos(); }
    bool isFirstRowRead() { return m_controller.photos()->rowAt(table()->rowAt(0)); }

private:
    std::unique_ptr<client::Client> m_client; // outlives the feed
    desktop::EngineFeed m_feed;
    ui::UploadsController m_controller;
    ui::MainWindow m_window;
};

/// Waits in the event loop, as the program does, until what `prepare` connects to the loop's quit() has happened.
void await(const std::function<void(QEventLoop &)> &prepare)
{
    QEventLoop loop;
    prepare(loop);
    loop.exec();
}

void awaitMs(int ms)
{
    await([ms](QEventLoop &loop) { QTimer::singleShot(ms, &loop, &QEventLoop::quit); });
}

/// Every ScrollPaceMs somewhere else in the list: by the wheel, by the page, and to the far end.
void scroll(ui::PhotoTable *table, int steps)
{
    QScrollBar *bar = table->verticalScrollBar();
    for (int step = 0; step < steps; ++step) {
        if (step % 25 == 24)
            bar->setValue(static_cast<int>(qint64(bar->maximum()) * (step % 7) / 6));
        else if (step % 5 == 4)
            bar->triggerAction(QAbstractSlider::SliderPageStepAdd);
        else
            bar->setValue(bar->value() + 3 * bar->singleStep());
        awaitMs(ScrollPaceMs);
    }
}

void endOf(Program &program)
{
    const qint64 began = monotonicNs();
    program.end();
    say("orderly end", msSince(began), "ms");
}

/// Small JPEGs, each with bytes of its own, of an hour ago: photos of a card are not being written now.
void makePhotos(const QString &folder, int count)
{
    QByteArray bytes = support::jpegBytes(7);
    const qsizetype number = bytes.indexOf("photo 7");
    const timespec times[2] = {{.tv_sec = ::time(nullptr) - 3600, .tv_nsec = 0}, {.tv_sec = ::time(nullptr) - 3600, .tv_nsec = 0}};
    for (int i = 0; i < count; ++i) {
        const QString below = folder + u"/%1CANON"_s.arg(100 + i / FilesOfFolder);
        if (i % FilesOfFolder == 0)
            QDir().mkpath(below);
        const QByteArray path = QFile::encodeName(below + u"/IMG_%1.JPG"_s.arg(i, 6, 10, QChar(u'0')));
        bytes.replace(number, 7, QByteArray::number(i).rightJustified(7, '0'));
        const int file = ::open(path.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (file < 0 || ::write(file, bytes.constData(), static_cast<size_t>(bytes.size())) != bytes.size() || ::futimens(file, times) != 0)
            qFatal("cannot write %s", path.constData());
        ::close(file);
    }
}

int runDrop(TurnMeter &app, int files, int seconds)
{
    QTemporaryDir data;
    QTemporaryDir shoot;
    std::printf("drop of %d photos\n", files);
    qint64 began = monotonicNs();
    makePhotos(shoot.path(), files);
    say("(the photos made)", msSince(began), "ms");

    Program program(data.path());
    await([&](QEventLoop &loop) {
        QObject::connect(&program.feed(), &ui::UploadFeed::queueStateChanged, &loop, [&loop](const pipeline::QueueState &state) {
            if (state.isServerReachable)
                loop.quit();
        });
    });
    awaitMs(1000);
    const double before = residentMb().first;
    say("resident before", before, "MB");

    app.begin();
    double firstRowMs = 0;
    app.whenPainted(program.table()->viewport(), [&] { return program.isFirstRowRead(); }, [&] { firstRowMs = msSince(began); });
    qint64 queued = 0;
    await([&](QEventLoop &loop) {
        QObject::connect(&program.feed(), &ui::UploadFeed::walkProgressed, &loop, [&](const pipeline::WalkProgress &progress) {
            queued = progress.found;
            if (progress.hasEnded)
                loop.quit();
        });
        QTimer::singleShot(0, &loop, [&] {
            began = monotonicNs();
            program.drop(shoot.path());
        });
    });
    say("all durably queued", msSince(began), "ms");
    awaitMs(1500); // the window has shown the whole of it
    say("first row painted", firstRowMs, "ms");
    say("intake", app.report());
    say("resident at most", residentMb().second, "MB");
    std::printf("  %-52s %10lld, in the list %lld\n", "photos queued", static_cast<long long>(queued),
                static_cast<long long>(program.controller().photos()->rowCount()));

    scroll(program.table(), seconds * 1000 / ScrollPaceMs);
    std::printf("  %-52s %10lld\n", "photos done meanwhile", static_cast<long long>(program.controller().totals().done));
    say("uploading", app.report());
    say("resident at most", residentMb().second, "MB");
    qint64 again = 0;
    await([&](QEventLoop &loop) {
        QObject::connect(&program.feed(), &ui::UploadFeed::walkProgressed, &loop, [&](const pipeline::WalkProgress &progress) {
            again = progress.found;
            if (progress.hasEnded)
                loop.quit();
        });
        QTimer::singleShot(0, &loop, [&] {
            began = monotonicNs();
            program.drop(shoot.path());
        });
    });
    say("the same folder again, walked", msSince(began), "ms");
    std::printf("  %-52s %10lld\n", "of it queued again", static_cast<long long>(again));
    say("again", app.report());

    const QUuid batchId = program.controller().batches()->rowAt(program.controller().batches()->rowCount() - 1)->view.batch.batchId;
    began = monotonicNs();
    const double cpuBefore = cpuMs();
    await([&](QEventLoop &loop) {
        QObject::connect(&program.feed(), &ui::UploadFeed::cancelled, &loop, [began, cpuBefore, &loop](const QList<QUuid> &items) {
            std::printf("  %-52s %10.1f ms, CPU %.1f ms, %lld photos\n", "cancelled", msSince(began), cpuMs() - cpuBefore, static_cast<long long>(items.size()));
            loop.quit();
        });
        QTimer::singleShot(0, &loop, [&] { program.feed().cancelBatch(batchId); });
    });
    awaitMs(2000);
    say("cancelling", app.report());
    std::printf("  %-52s %10lld\n", "still waiting in the window", static_cast<long long>(program.controller().totals().waiting));
    say("resident at most", residentMb().second, "MB");
    endOf(program);
    return 0;
}

/// What a person does to a long list: from the click to the list painted, and how its turns were.
void sift(TurnMeter &app, Program &program)
{
    using Order = store::ItemFilter::Order;
    ui::UploadsController &list = program.controller();
    const auto timed = [&](const char *what, const std::function<void()> &act) {
        await([&](QEventLoop &loop) {
            const auto isNew = std::make_shared<bool>(false);
            QObject::connect(list.photos(), &ui::UploadTableModel::orderRead, &loop, [isNew] { *isNew = true; });
            const qint64 began = monotonicNs();
            app.whenPainted(program.table()->viewport(), [isNew, &program] { return *isNew && program.isFirstRowRead(); }, [&loop, what, began] {
                say(what, msSince(began), "ms");
                loop.quit();
            });
            act();
        });
        awaitMs(2000);
    };
    timed("needs you", [&] { list.setGroup(store::ItemGroup::NeedsYou); });
    timed("done", [&] { list.setGroup(store::ItemGroup::Done); });
    for (int again = 0; again < 3; ++again) {
        list.photos()->refreshOrder();
        awaitMs(500);
    }
    timed("done, by size", [&] { list.setOrder(Order::Size, true); });
    list.setOrder(Order::File, false);
    timed("all, by name", [&] {
        list.setGroup(store::ItemGroup::All);
        list.setOrder(Order::Name, false);
    });
    timed("all, with a name", [&] {
        list.setOrder(Order::File, false);
        list.setSearch(u"img_0399"_s);
    });
    timed("all again", [&] { list.setSearch({}); });
}

/// One program start, in a process of its own; `beganNs` was its beginning.
int runOpen(TurnMeter &app, const QString &dataFolder, qint64 beganNs)
{
    double windowMs = 0;
    double listMs = 0;
    Program program(dataFolder);
    app.begin();
    await([&](QEventLoop &loop) {
        app.whenPainted(&program.window(), [] { return true; }, [&] {
            windowMs = msSince(beganNs);
            app.whenPainted(program.table()->viewport(), [&] { return program.isFirstRowRead(); }, [&] {
                listMs = msSince(beganNs);
                loop.quit();
            });
        });
    });
    say("window painted", windowMs, "ms");
    say("its list painted", listMs, "ms");
    awaitMs(3000);
    say("start", app.report());
    scroll(program.table(), GrownScrolls);
    say("scrolling", app.report());
    sift(app, program);
    say("sifting", app.report());
    std::printf("  %-52s %10d\n", "rows in the list", program.controller().photos()->rowCount());
    say("resident at most", residentMb().second, "MB");
    endOf(program);
    return 0;
}

int runGrown(int attempts)
{
    QTemporaryDir data;
    std::printf("a list with %d attempts\n", attempts);
    const qint64 began = monotonicNs();
    const QString database = client::DataFolder::database(data.path());
    bench::makeGrownList(database, attempts);
    say("(the list made)", msSince(began), "ms");
    say("(its size)", static_cast<double>(QFileInfo(database).size()) / 1e6, "MB");
    for (int start = 0; start < Starts; ++start) {
        if (start == 0) { // as after the computer was started
            const int file = ::open(QFile::encodeName(database).constData(), O_RDONLY | O_CLOEXEC);
            ::fsync(file); // pages that are not written stay
            ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
            ::close(file);
        }
        std::printf(" start %d%s\n", start + 1, start == 0 ? ", nothing of the list in memory" : "");
        std::fflush(stdout);
        QProcess child;
        child.setProcessChannelMode(QProcess::ForwardedChannels);
        child.start(QCoreApplication::applicationFilePath(), {u"open"_s, data.path(), QString::number(monotonicNs())});
        if (!child.waitForFinished(300'000) || child.exitCode() != 0)
            return 1;
    }
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    TurnMeter app(argc, argv);
    QApplication::setApplicationName(u"Photolift"_s);
    ui::installTranslation(u"en"_s);
    const ui::Appearance appearance(ui::Appearance::Choice::Light);
    const QStringList arguments = QApplication::arguments();
    const QString what = arguments.value(1);
    const auto number = [&](qsizetype at, int otherwise) { return arguments.size() > at ? arguments.at(at).toInt() : otherwise; };
    if (what == u"drop"_s)
        return runDrop(app, number(2, 100'000), number(3, 20));
    if (what == u"grown"_s)
        return runGrown(number(2, 1'000'000));
    if (what == u"open"_s && arguments.size() == 4)
        return runOpen(app, arguments.at(2), arguments.at(3).toLongLong());
    std::fprintf(stderr, "usage: window_bench drop [FILES [SECONDS]] | grown [ATTEMPTS]\n");
    return 2;
}
