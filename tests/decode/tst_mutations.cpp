#include "models/photo/filedescriptor.h"
#include "models/photo/helper.h"
#include "mutation.h"
#include "testphotos.h"

#include <QDir>
#include <QDirIterator>
#include <QElapsedTimer>
#include <QTest>

#include <sys/mman.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::photo;
using namespace photolift::testphotos;

namespace {

constexpr int DeadlineMs = 60'000;

struct Seedling {
    QString name;
    QByteArray bytes;
};

QList<Seedling> ownPhotos()
{
    const QByteArray jpeg = withXmp(withExif(picture(64, 48, ".jpg"), exif({{"Exif.Image.Make", "Maker"}, {"Exif.Photo.DateTimeOriginal", "2021:05:04 03:02:01"},
                                                                            {"Exif.Photo.FNumber", "28/10"}, {"Exif.GPSInfo.GPSLatitudeRef", "N"},
                                                                            {"Exif.GPSInfo.GPSLatitude", "48/1 8/1 3/1"}})),
                                    xmp("xmp:CreateDate='2021-05-04'"));
    QList<Seedling> photos{{u"jpeg"_s, jpeg}, {u"sidecar"_s, xmp("tiff:Make='Maker'")}};
    for (const char *suffix : {".png", ".webp", ".tif[tile]", ".tif[compression=lzw]", ".tif[bigtiff]", ".gif", ".heic", ".avif", ".jxl"})
        photos.append({QString::fromLatin1(suffix), picture(64, 48, suffix)});
    return photos;
}

QList<Seedling> collectedPhotos()
{
    QList<Seedling> photos;
    QDirIterator walk(QDir::cleanPath(qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/../shared/photos"_s), QDir::Files, QDirIterator::Subdirectories);
    while (walk.hasNext()) {
        QFile file(walk.next());
        if (file.open(QIODevice::ReadOnly) && file.size() > 16)
            photos.append({file.fileName(), file.readAll()});
    }
    std::sort(photos.begin(), photos.end(), [](const Seedling &a, const Seedling &b) { return a.name < b.name; });
    return photos;
}

FileDescriptor unnamedFile(const QByteArray &bytes)
{
    FileDescriptor file(::memfd_create("photo", MFD_CLOEXEC));
    if (::write(file.get(), bytes.constData(), static_cast<std::size_t>(bytes.size())) != bytes.size())
        qFatal("cannot write the test photo");
    return file;
}

/// Null when the answer is one that a damaged photo may get. That its process ended or ran out of time is none; that memory did not
/// suffice is: then the limit has done its work and the process has lived to say so.
QString complaintAbout(const Result<HelperAnswer> &answer)
{
    if (!answer)
        return QLatin1StringView(errorName(answer.error().code)) + u": "_s + answer.error().detail;
    if (answer->steps.isEmpty())
        return u"no step"_s;
    for (const HelperStep &step : answer->steps) {
        if (step.error && step.error->detail.startsWith("the helper process"_L1))
            return QLatin1StringView(errorName(step.error->code)) + u": "_s + step.error->detail;
    }
    return {};
}

} // namespace

/// Damaged photos through the real photolift-photo: each gets an answer, no process ends by it, none is late. In a build with sanitizers their
/// reports fail it. PHOTOLIFT_MUTATIONS=N takes N mutants of the photos beside the source, PHOTOLIFT_MUTATIONS_FIRST=I begins with
/// the one of that number: each number is the same mutant in every run.
class TestMutations final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyDamagedPhotoGetsAnAnswer()
    {
        const int wanted = qEnvironmentVariableIntValue("PHOTOLIFT_MUTATIONS");
        const int first = qEnvironmentVariableIntValue("PHOTOLIFT_MUTATIONS_FIRST");
        QList<Seedling> seedlings = wanted > 0 ? collectedPhotos() : ownPhotos();
        if (seedlings.isEmpty())
            seedlings = ownPhotos();
        const int mutants = wanted > 0 ? wanted : 220;
        Helper::Options options;
        options.program = qEnvironmentVariable("PHOTOLIFT_BIN") + u"/photolift-photo"_s;
        options.deadlineMs = DeadlineMs;
        Helper helper(options);
        QStringList complaints;
        QMap<QString, int> endings;

        for (int number = first; number < first + mutants; ++number) {
            const Seedling &seedling = seedlings[number % seedlings.size()];
            QRandomGenerator random(static_cast<quint32>(number));
            const FileDescriptor file = unnamedFile(mutated(seedling.bytes, random));
            const Result<HelperAnswer> answer = helper.run(Order::Everything, file.get(), {}).result();
            if (const QString complaint = complaintAbout(answer); !complaint.isEmpty())
                complaints.append(u"%1 of %2: %3"_s.arg(number).arg(seedling.name, complaint));
            if (answer && !answer->steps.isEmpty()) {
                const std::optional<Error> &error = answer->steps.first().error;
                ++endings[error ? QString(errorName(error->code)) : u"passed"_s];
            }
        }

        for (auto ending = endings.cbegin(); ending != endings.cend(); ++ending)
            qInfo("%6d %s", ending.value(), qPrintable(ending.key()));
        QVERIFY2(complaints.isEmpty(), qPrintable(u'\n' + complaints.join(u'\n')));
        QVERIFY(endings.size() >= 3);
    }
};

QTEST_GUILESS_MAIN(TestMutations)
#include "tst_mutations.moc"
