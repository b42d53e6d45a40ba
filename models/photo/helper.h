#pragma once

#include "models/photo/photofacts.h"
#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QFuture>
#include <QObject>

#include <memory>

namespace photolift::photo {

/// What the helper is asked to do with one photo; each is a frame on its standard input with the photo's descriptor beside it.
enum class Order {
    Facts,     ///< metadata with Exiv2, size from the decoder
    Thumbnail, ///< a small picture: the embedded one if it will do, else decoded; PNG or JPEG bytes, turned upright, no metadata
    Preview,   ///< the same, larger
    Validate,  ///< decodes everything: VALIDATION_... or success (server)
    Rendition, ///< 2048 px JPEG, sRGB, no metadata (server)
};

struct HelperAnswer {
    PhotoFacts facts;     ///< Facts, and what Validate saw
    QByteArray picture;   ///< Thumbnail, Preview, Rendition
    QString pictureType;  ///< image/jpeg or image/png
};

/// Talks to `photolift-photo`, the only process that opens photos. Keeps `processes` of them alive, starts a new one when one
/// dies or passes its deadline, and hands each order to an idle one. A photo that kills the helper fails alone.
/// Lives on the thread that made it, which needs an event loop; run() may be called from any thread.
class Helper final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Helper)
public:
    struct Options {
        QString program;        ///< path of photolift-photo
        int processes = 1;
        bool isOneShot = false; ///< one process per photo (the server)
        int deadlineMs = 30000;
        qint64 memoryBytes = 2LL * 1024 * 1024 * 1024; ///< RLIMIT_AS; left out under sanitizers
        int niceness = 0;       ///< 19 on the server
    };
    explicit Helper(Options options, QObject *parent = nullptr);
    ~Helper() override;

    /// The descriptor is duplicated at once: the caller may close its own. `side` is the longest side of the picture in pixels.
    /// Errors: the code of the order's stage (METADATA_UNREADABLE, PROCESSING_DECODE_FAILED, VALIDATION_...), and
    /// VALIDATION_CHECK_CRASHED when the process died or ran out of time or memory.
    QFuture<Result<HelperAnswer>> run(Order order, int descriptor, const QString &mediaType, int side = 0);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::photo
