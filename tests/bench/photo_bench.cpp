#include "models/decode/metadata.h"
#include "models/decode/pictures.h"
#include "models/decode/validation.h"
#include "models/photo/filelook.h"
#include "models/photo/hasher.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include <exiv2/exiv2.hpp>

#include <algorithm>
#include <cstdio>
#include <fcntl.h>
#include <functional>
#include <sys/resource.h>

using namespace Qt::StringLiterals;
using namespace photolift;

namespace {

constexpr int Rounds = 5;

double seconds(const timeval &time)
{
    return double(time.tv_sec) + double(time.tv_usec) / 1e6;
}

/// CPU seconds of this process, or of the children it has waited for.
double cpu(int who)
{
    rusage used = {};
    ::getrusage(static_cast<__rusage_who>(who), &used);
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

struct Pair {
    double ours = 0;
    double theirs = 0;
};

/// Runs both sides alternately and keeps the best of each: other work on the machine only ever makes a run slower.
Pair sideBySide(const std::function<void()> &ours, const std::function<void()> &theirs, int theirCpu)
{
    Pair best{1e9, 1e9};
    for (int round = 0; round < Rounds; ++round) {
        double before = cpu(RUSAGE_SELF);
        ours();
        best.ours = std::min(best.ours, cpu(RUSAGE_SELF) - before);
        before = cpu(theirCpu);
        theirs();
        best.theirs = std::min(best.theirs, cpu(theirCpu) - before);
    }
    return best;
}

void report(const char *what, const Pair &pair, double bar)
{
    const double ratio = pair.theirs / pair.ours;
    std::printf("%-42s ours %8.2f ms, theirs %8.2f ms of CPU: speed ratio %.2f (bar %.2f)%s\n", what, pair.ours * 1e3, pair.theirs * 1e3, ratio, bar,
                ratio < bar ? "  BELOW" : "");
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

decode::OpenPhoto openPhoto(const photo::FileLook &look)
{
    return {look.descriptor.get(), look.identity.size, look.kind};
}

void hashing(const QString &folder)
{
    const QString path = folder + u"/large"_s;
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        qFatal("cannot write %s", qPrintable(path));
    const QByteArray block(4 * 1024 * 1024, 'x');
    for (int i = 0; i < 64; ++i)
        file.write(block);
    file.close();
    const Result<photo::FileIdentity> there = photo::identityOf(QFile::encodeName(path));
    const photo::FileDescriptor descriptor(::open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC));
    const std::atomic<bool> notCancelled = false;
    const auto dgst = [&path] { run(u"openssl"_s, {u"dgst"_s, u"-sha256"_s, path}); };
    for (const qint64 part : {std::numeric_limits<qint64>::max(), qint64(16) * 1024 * 1024}) {
        const Pair pair = sideBySide([&] { (void)bool(photo::hashFile(descriptor.get(), part, notCancelled)); }, dgst, RUSAGE_CHILDREN);
        report(part > there->size ? "SHA-256, 256 MiB, whole / openssl dgst" : "the same with a SHA-256 per 16 MiB part", pair, part > there->size ? 0.9 : 0.0);
    }
}

void metadata(const QStringList &jpegs)
{
    std::vector<photo::FileLook> looks;
    for (const QString &path : jpegs)
        looks.push_back(*photo::lookAt(QFile::encodeName(path)));
    const auto ours = [&looks] {
        for (int again = 0; again < 20; ++again) {
            for (const photo::FileLook &look : looks) {
                const decode::OpenPhoto opened = openPhoto(look);
                (void)bool(decode::readMetadata(opened, decode::readPictureHeader(opened)));
            }
        }
    };
    // Bare Exiv2: open by name, read, ask for ten keys.
    const auto theirs = [&jpegs] {
        for (int again = 0; again < 20; ++again) {
            for (const QString &path : jpegs) {
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
    };
    report("metadata / bare Exiv2", sideBySide(ours, theirs, RUSAGE_SELF), 0.9);
}

void pictures(const QStringList &jpegs, const QString &folder)
{
    const auto ours = [&jpegs] {
        for (const QString &path : jpegs) {
            const photo::FileLook look = *photo::lookAt(QFile::encodeName(path));
            const decode::OpenPhoto opened = openPhoto(look);
            const decode::Verdict verdict = decode::validate(opened, decode::readPictureHeader(opened), {}, decode::RenditionSide);
            if (verdict.picture) {
                (void)bool(decode::toRendition(verdict.picture));
                (void)bool(decode::shrinkTo(verdict.picture, decode::ThumbnailSide));
            }
        }
    };
    // One process for all files and each size: what it takes to start is spread over them.
    const auto theirs = [&jpegs, &folder] {
        run(u"vipsthumbnail"_s, QStringList{u"-s"_s, u"2048x2048>"_s, u"--eprofile"_s, u"srgb"_s, u"-o"_s, folder + u"/%s_r.jpg[Q=85,strip]"_s} + jpegs);
        run(u"vipsthumbnail"_s, QStringList{u"-s"_s, u"256x256>"_s, u"--eprofile"_s, u"srgb"_s, u"-o"_s, folder + u"/%s_t.jpg[Q=80,strip]"_s} + jpegs);
    };
    report("check, 2048 px and 256 px / vipsthumbnail", sideBySide(ours, theirs, RUSAGE_CHILDREN), 0.8);
}

} // namespace

/// photo_bench FOLDER...: measures hashing, metadata and pictures beside the tools they are held against, on the JPEGs below.
int main(int argc, char **argv)
{
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    decode::prepareMetadata();
    decode::prepareVips();
    QStringList jpegs;
    for (int i = 1; i < argc; ++i) {
        const QDir folder(QFile::decodeName(argv[i]));
        for (const QString &name : folder.entryList({u"*.jpg"_s, u"*.JPG"_s}, QDir::Files))
            jpegs.append(folder.filePath(name));
    }
    const QTemporaryDir folder;
    hashing(folder.path());
    if (!jpegs.isEmpty()) {
        metadata(jpegs);
        pictures(jpegs, folder.path());
    }
    return 0;
}
