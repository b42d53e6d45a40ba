#include "models/decode/metadata.h"
#include "models/photo/filelook.h"
#include "models/photo/hasher.h"
#include "models/photo/helper.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include <exiv2/exiv2.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <functional>
#include <sys/resource.h>
#include <thread>

using namespace Qt::StringLiterals;
using namespace photolift;

namespace {

constexpr int Rounds = 7;

double seconds(const timeval &time)
{
    return double(time.tv_sec) + double(time.tv_usec) / 1e6;
}

// Beside RUSAGE_SELF and RUSAGE_CHILDREN.
constexpr int WallClock = 1000;
constexpr int SelfAndChildren = 1001;

/// CPU seconds of this process or of the children it has waited for, or the time on the wall.
double cpu(int who)
{
    if (who == WallClock)
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    if (who == SelfAndChildren)
        return cpu(RUSAGE_SELF) + cpu(RUSAGE_CHILDREN);
    rusage used = {};
    ::getrusage(static_cast<__rusage_who>(who), &used);
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

struct Seconds {
    double ours = 0;
    double theirs = 0;
    double ratio() const { return theirs / ours; }
};

/// Medians over rounds in which both sides run one after the other, and the worst and best ratio of one round.
struct Figure {
    Seconds median;
    double worst = 0;
    double best = 0;
};

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

using Clock = std::function<double()>; ///< seconds so far

Clock clockOf(int who)
{
    return [who] { return cpu(who); };
}

Figure sideBySide(const std::function<void()> &ours, const std::function<void()> &theirs, const Clock &theirClock, const Clock &ourClock)
{
    ours(); // neither side pays for what is only there the first time
    theirs();
    std::vector<double> oursAll, theirsAll, ratios;
    for (int round = 0; round < Rounds; ++round) {
        Seconds seconds;
        double before = ourClock();
        ours();
        seconds.ours = ourClock() - before;
        before = theirClock();
        theirs();
        seconds.theirs = theirClock() - before;
        oursAll.push_back(seconds.ours);
        theirsAll.push_back(seconds.theirs);
        ratios.push_back(seconds.ratio());
    }
    const auto [worst, best] = std::minmax_element(ratios.begin(), ratios.end());
    return {{median(oursAll), median(theirsAll)}, *worst, *best};
}

/// How busy the machine is: with more than its processors want, times on the wall are those of the others, too.
void sayLoad()
{
    std::array<double, 1> load{};
    ::getloadavg(load.data(), 1);
    std::printf("load %.1f on %u processors\n", load[0], std::thread::hardware_concurrency());
}

double cpuOfThisThread()
{
    timespec used{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return double(used.tv_sec) + double(used.tv_nsec) / 1e9;
}

void report(const QByteArray &what, const Figure &figure, double bar)
{
    const double ratio = figure.median.ratio();
    std::printf("%-62s ours %8.2f ms, theirs %8.2f ms: speed ratio %.2f (%.2f to %.2f, bar %.2f)%s\n", what.constData(), figure.median.ours * 1e3,
                figure.median.theirs * 1e3, ratio, figure.worst, figure.best, bar, ratio < bar ? "  BELOW" : "");
}

void run(const QString &program, const QStringList &arguments)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(program, arguments);
    process.waitForFinished(-1);
    if (process.exitCode() != 0)
        qFatal("%s failed: %s", qPrintable(program), process.readAll().constData());
}

/// The one child of this process: the helper that is kept.
QString onlyChild()
{
    const QByteArray self = QByteArray::number(QCoreApplication::applicationPid());
    for (const QString &pid : QDir(u"/proc"_s).entryList(QDir::Dirs)) {
        QFile stat(u"/proc/"_s + pid + u"/stat"_s);
        if (!pid.front().isDigit() || !stat.open(QIODevice::ReadOnly))
            continue;
        const QByteArray line = stat.readAll();
        const QByteArrayList behindName = line.mid(line.lastIndexOf(')') + 2).split(' ');
        if (behindName.value(1) == self)
            return pid;
    }
    qFatal("no helper is running");
}

/// CPU seconds of a living process, all its threads, as the scheduler counts them: to the nanosecond, while /proc/PID/stat counts ticks.
double cpuOfProcess(const QString &pid)
{
    double sum = 0;
    const QString tasks = u"/proc/"_s + pid + u"/task/"_s;
    for (const QString &task : QDir(tasks).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        QFile schedstat(tasks + task + u"/schedstat"_s);
        if (!schedstat.open(QIODevice::ReadOnly))
            qFatal("the kernel does not say how long the helper ran");
        sum += schedstat.readAll().split(' ').first().toDouble() / 1e9;
    }
    return sum;
}

void hashing(const QString &folder)
{
    const QString path = folder + u"/large"_s;
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        qFatal("cannot write %s", qPrintable(path));
    const QByteArray block(4 * 1024 * 1024, 'x');
    constexpr int Blocks = 128; // 512 MiB
    for (int i = 0; i < Blocks; ++i)
        file.write(block);
    file.close();
    const photo::FileDescriptor descriptor(::open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC));
    const std::atomic<bool> notCancelled = false;
    const auto dgst = [&path] { run(u"openssl"_s, {u"dgst"_s, u"-sha256"_s, path}); };
    const auto ours = [&](qint64 part, photo::DigestKind kind) {
        return [&descriptor, &notCancelled, part, kind] {
            if (!photo::hashFile(descriptor.get(), part, notCancelled, kind))
                qFatal("the file could not be hashed");
        };
    };
    constexpr qint64 Part = 16LL * 1024 * 1024, Whole = Blocks * 4LL * 1024 * 1024;
    const Clock wall = clockOf(WallClock);
    sayLoad();
    {
        // Where the time goes: what two threads use, and what is left of the wall is waiting, for each other or for a processor.
        std::vector<double> walls, readers, both;
        for (int round = 0; round < Rounds; ++round) {
            const double wallBefore = wall(), readerBefore = cpuOfThisThread(), bothBefore = cpu(RUSAGE_SELF);
            ours(Part, photo::DigestKind::Sha256)();
            walls.push_back(wall() - wallBefore);
            readers.push_back(cpuOfThisThread() - readerBefore);
            both.push_back(cpu(RUSAGE_SELF) - bothBefore);
        }
        std::printf("whole and 16 MiB parts, medians: wall %.0f ms; CPU of the reading thread %.0f ms, of both %.0f ms\n", median(walls) * 1e3, median(readers) * 1e3,
                    median(both) * 1e3);
    }
    // As the program hashes: the whole and each part. It is done when both are.
    report("SHA-256, 512 MiB, whole and 16 MiB parts, wall / openssl dgst", sideBySide(ours(Part, photo::DigestKind::Sha256), dgst, wall, wall), 0.9);
    report("the same as one part, wall", sideBySide(ours(Whole, photo::DigestKind::Sha256), dgst, wall, wall), 0.9);
    report("the same as one part, CPU", sideBySide(ours(Whole, photo::DigestKind::Sha256), dgst, clockOf(RUSAGE_CHILDREN), clockOf(RUSAGE_SELF)), 0.9);
    report("whole and parts, CPU (printed)", sideBySide(ours(Part, photo::DigestKind::Sha256), dgst, clockOf(RUSAGE_CHILDREN), clockOf(RUSAGE_SELF)), 0.0);
    report("whole, and MD5 of 16 MiB parts for S3, wall (printed)", sideBySide(ours(Part, photo::DigestKind::Md5), dgst, wall, wall), 0.0);
}

/// Bare Exiv2: open by name, read, ask for ten keys.
void readBare(const QStringList &photos, int times)
{
    for (int again = 0; again < times; ++again) {
        for (const QString &path : photos) {
            try {
                const auto image = Exiv2::ImageFactory::open(QFile::encodeName(path).toStdString());
                image->readMetadata();
                for (const char *key : {"Exif.Image.Make", "Exif.Image.Model", "Exif.Image.Orientation", "Exif.Photo.DateTimeOriginal", "Exif.Photo.ISOSpeedRatings",
                                        "Exif.Photo.FNumber", "Exif.Photo.ExposureTime", "Exif.Photo.FocalLength", "Exif.GPSInfo.GPSLatitude", "Exif.GPSInfo.GPSLongitude"}) {
                    const auto found = image->exifData().findKey(Exiv2::ExifKey(key));
                    if (found != image->exifData().end())
                        (void)found->toString().size();
                }
            } catch (const std::exception &) {
            }
        }
    }
}

/// The real photolift-photo, kept alive as the client keeps it: all it does for an order is counted, with what it reads and answers.
void metadata(const QByteArray &what, const QStringList &photos, const QString &photoProgram)
{
    constexpr int Times = 20;
    std::vector<photo::FileLook> looks;
    for (const QString &path : photos)
        looks.push_back(*photo::lookAt(QFile::encodeName(path)));
    photo::Helper helper({.program = photoProgram, .lifeCpuSeconds = 36'000}); // one process for all rounds
    const auto ours = [&looks, &helper] {
        for (int again = 0; again < Times; ++again) {
            for (const photo::FileLook &look : looks)
                helper.run(photo::Order::Facts, look.descriptor.get(), look.kind.mediaType).waitForFinished();
        }
    };
    ours();
    const QString child = onlyChild();
    report(QByteArray::number(photos.size()) + ' ' + what + ": metadata, CPU of the helper / bare Exiv2",
           sideBySide(ours, [&photos] { readBare(photos, Times); }, clockOf(RUSAGE_SELF), [&child] { return cpuOfProcess(child); }), 0.9);
    if (onlyChild() != child)
        qFatal("the helper was restarted: the figure above says nothing");
}

/// All that the server does to open photos and to draw them: validation, metadata_extraction and processing of each file by the real
/// photolift-photo, one child per photo, and the pictures written; the start of the program included. Against vipsthumbnail making pictures of
/// the same two sizes and qualities, which checks nothing, reads no metadata, leaves colours as they are and keeps one process for all.
void pictures(const QStringList &jpegs, const QString &folder, const QString &photoProgram)
{
    constexpr int Rendition = 2048, Thumbnail = 512; // as app/server/work asks for them
    const auto write = [&folder](const QString &name, const QByteArray &bytes) {
        QFile file(folder + u'/' + name);
        if (bytes.isEmpty() || !file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("no picture was made, or it cannot be written");
    };
    const auto ours = [&] {
        photo::Helper::Options options;
        options.program = photoProgram;
        options.isOneShot = true;
        options.deadlineMs = 600'000;
        photo::Helper helper(options);
        for (int i = 0; i < jpegs.size(); ++i) {
            const photo::FileDescriptor file(::open(QFile::encodeName(jpegs[i]).constData(), O_RDONLY | O_CLOEXEC));
            const auto answer = helper.run(photo::Order::Everything, file.get(), u"image/jpeg"_s, Thumbnail).result();
            if (!answer)
                qFatal("%s", qPrintable(answer.error().detail));
            write(u"ours_r%1.jpg"_s.arg(i), answer->rendition);
            write(u"ours_t%1.jpg"_s.arg(i), answer->picture);
        }
        // One order more, so that the last child too has been waited for, and its time counted.
        const photo::FileDescriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        helper.run(photo::Order::Facts, nothing.get(), {}).waitForFinished();
    };
    const auto theirs = [&] {
        for (const auto &[side, quality] : {std::pair(Rendition, 85), std::pair(Thumbnail, 80)}) {
            run(u"vipsthumbnail"_s, QStringList{u"-s"_s, u"%1x%1>"_s.arg(side), u"-o"_s,
                                                folder + u"/%s_%1.jpg[Q=%2,strip]"_s.arg(side).arg(quality)} + jpegs);
        }
    };
    const QByteArray count = QByteArray::number(jpegs.size());
    report(count + " photos checked and drawn / vipsthumbnail, CPU", sideBySide(ours, theirs, clockOf(SelfAndChildren), clockOf(SelfAndChildren)), 0.8);
    report("the same, time on the wall", sideBySide(ours, theirs, clockOf(WallClock), clockOf(WallClock)), 0.0);
}

} // namespace

/// photo_bench [hashing|metadata|pictures] FOLDER...: measures these, or all three, beside the tools they are held against, on the photos below.
/// PHOTOLIFT_BIN: the folder of photolift-photo. For metadata_instructions.py: `bare TIMES PHOTO...` only reads with bare Exiv2, `list FOLDER...` names
/// the photos below, each ended by a zero.
int main(int argc, char **argv)
{
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    decode::prepareMetadata(); // for bare Exiv2
    const QByteArray first(argc > 1 ? argv[1] : "");
    if (first == "bare" && argc > 3) { // under valgrind: see metadata_instructions.py
        QStringList photos;
        for (int i = 3; i < argc; ++i)
            photos.append(QFile::decodeName(argv[i]));
        readBare(photos, QByteArray(argv[2]).toInt());
        return 0;
    }
    const bool isListAsked = first == "list";
    QByteArrayList parts{"hashing", "metadata", "pictures"};
    const int firstFolder = parts.contains(first) || isListAsked ? 2 : 1;
    if (firstFolder == 2)
        parts = {first};
    QStringList jpegs, others;
    for (int i = firstFolder; i < argc; ++i) {
        QDirIterator walk(QFile::decodeName(argv[i]), QDir::Files, QDirIterator::Subdirectories);
        while (walk.hasNext()) {
            const QString path = walk.next();
            const Result<photo::FileLook> look = photo::lookAt(QFile::encodeName(path));
            if (look && look->kind.isAccepted && !look->kind.isSidecar)
                (look->kind.typeName == "JPEG"_L1 ? jpegs : others).append(path);
        }
    }
    jpegs.sort();
    others.sort();
    if (isListAsked) {
        for (const QString &path : jpegs)
            std::printf("JPEG %s%c", QFile::encodeName(path).constData(), 0);
        for (const QString &path : others)
            std::printf("else %s%c", QFile::encodeName(path).constData(), 0);
        return 0;
    }
    const QTemporaryDir folder;
    const QString program = qEnvironmentVariable("PHOTOLIFT_BIN", u"build/release/bin"_s) + u"/photolift-photo"_s;
    if (parts.contains("hashing"))
        hashing(folder.path());
    if (parts.contains("metadata")) {
        sayLoad();
        if (!jpegs.isEmpty())
            metadata("JPEG", jpegs, program);
        if (!others.isEmpty())
            metadata("others", others, program);
        if (!jpegs.isEmpty() && !others.isEmpty())
            metadata("photos", jpegs + others, program);
    }
    if (parts.contains("pictures") && !jpegs.isEmpty())
        pictures(jpegs, folder.path(), program);
    return 0;
}
