#pragma once

#include "models/photo/photofacts.h"
#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QFuture>
#include <QList>
#include <QObject>
#include <QStringList>

#include <memory>
#include <optional>

namespace photolift::photo {

/// What the helper is asked to do with one photo; each is a frame on its standard input with the photo's descriptor beside it.
enum class Order {
    Facts,      ///< metadata with Exiv2, size from the decoder; VALIDATION_IMAGE_TOO_LARGE from the header
    Thumbnail,  ///< a small picture: the embedded one if it will do, else decoded; JPEG or PNG bytes, turned upright, no metadata
    Preview,    ///< the same, larger
    Validate,   ///< decodes everything: VALIDATION_... or success (server)
    Rendition,  ///< 2048 px JPEG, sRGB, no metadata (server)
    Everything, ///< Validate, Facts, Rendition and Thumbnail with one process and as few decodes as can be (server)
};

/// One step of Order::Everything: the server's stages validation, metadata_extraction and processing, in this order. After a failed
/// validation with a fatal code there are no more.
struct HelperStep {
    Stage stage = Stage::Validation;
    std::optional<Error> error;
    qint64 durationMs = 0;
};

struct HelperAnswer {
    PhotoFacts facts;        ///< Facts, Everything, and what Validate saw
    QByteArray picture;      ///< Thumbnail, Preview, Rendition, Everything: the thumbnail
    QString pictureType;     ///< image/jpeg or image/png
    QByteArray rendition;    ///< Everything: the 2048 px JPEG
    int pictureSide = 0;     ///< longest side of `picture` in pixels; 0: unknown
    int renditionSide = 0;   ///< of the rendition (Rendition: of `picture`, too)
    int renditionQuality = 0; ///< 1..100; 0: unknown
    QList<HelperStep> steps; ///< Everything
};

/// Talks to `photolift-photo`, the only process that opens photos. Keeps `processes` of them alive, starts a new one when one
/// dies or passes its deadline, and hands each order to an idle one; orders wait their turn first in, first out. A photo that kills the
/// helper fails alone. Every method may be called from any thread and none waits for a process: a thread of its own per process does.
/// The destructor ends the processes at once and answers what was still open with USER_CANCELLED.
class Helper final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Helper)
public:
    struct Options {
        QString program;        ///< path of photolift-photo
        QStringList sandbox = {}; ///< what starts it instead, the path it has in there last (sandbox.h); empty: it is started as it is
        int processes = 1;
        bool isOneShot = false; ///< each photo in a process of its own (the server), forked from one that is kept ready
        int deadlineMs = 30000; ///< wall time for one order, waiting excluded
        int cpuSeconds = 30;    ///< RLIMIT_CPU of one order
        int lifeCpuSeconds = 600; ///< RLIMIT_CPU of one process, a hard one; a new one is started before it is used up
        qint64 memoryBytes = 2LL * 1024 * 1024 * 1024; ///< RLIMIT_AS beside the mapped photo, a hard one; left out under sanitizers
        int niceness = 0;       ///< 19 on the server: then idle scheduling of CPU and disk too
    };
    explicit Helper(Options options, QObject *parent = nullptr);
    ~Helper() override;

    /// The descriptor is duplicated at once: the caller may close its own. `side` is the longest side of the picture in pixels (0: 256 for
    /// a thumbnail, 1024 for a preview, 2048 for a rendition). The media type is Kind::mediaType.
    /// Errors: METADATA_UNREADABLE and VALIDATION_IMAGE_TOO_LARGE (Facts), PROCESSING_DECODE_FAILED (pictures), VALIDATION_... (Validate).
    /// When the process dies or runs out of time or memory: METADATA_UNREADABLE, PROCESSING_DECODE_FAILED, VALIDATION_CHECK_CRASHED by order;
    /// Everything then carries the code in the step that was under way. LOCAL_RESOURCES_LOW: no process or descriptor to be had.
    QFuture<Result<HelperAnswer>> run(Order order, int descriptor, const QString &mediaType, int side = 0);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::photo
