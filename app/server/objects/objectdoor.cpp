#include "app/server/objects/objectdoor.h"

#include "app/server/objects/objectnames.h"
#include "app/server/objects/s3answer.h"
#include "models/photo/filedescriptor.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace photolift::server {

using namespace Qt::StringLiterals;

namespace {

/// First byte and the one behind the last.
struct Span {
    qint64 from = 0;
    qint64 to = 0;
};

/// A decimal number as a client writes it; nullopt: something else.
std::optional<qint64> numberFrom(const QByteArray &text)
{
    bool isNumber = false;
    const qint64 number = text.toLongLong(&isNumber);
    return isNumber && number >= 0 && QByteArray::number(number) == text ? std::optional(number) : std::nullopt;
}

/// Of "bytes=FROM-LAST" and "bytes=FROM-"; nullopt: another one, or outside the object.
std::optional<Span> spanFrom(const QByteArray &range, qint64 size)
{
    const qsizetype dash = range.indexOf('-');
    if (!range.startsWith("bytes=") || dash < 0)
        return std::nullopt;
    const std::optional<qint64> from = numberFrom(range.sliced(6, dash - 6));
    const QByteArray end = range.sliced(dash + 1);
    const std::optional<qint64> last = end.isEmpty() ? std::optional(size - 1) : numberFrom(end);
    if (!from || !last || *last < *from || *from >= size)
        return std::nullopt;
    return Span{*from, std::min(*last, size - 1) + 1};
}

std::optional<QByteArray> pathFrom(const HttpRequest &request)
{
    const QByteArray name = request.captures.value("object");
    const qsizetype dash = name.indexOf('-');
    const std::optional<qint64> size = dash < 0 ? std::nullopt : numberFrom(name.sliced(dash + 1));
    if (!size)
        return std::nullopt;
    return objectPath(QString::fromLatin1(name.first(dash)), *size);
}

/// What was asked for of an open file: a photo that is removed meanwhile is still sent to its end.
class FileSpan final : public BodySource
{
public:
    FileSpan(photo::FileDescriptor file, Span span)
        : m_file(std::move(file))
        , m_span(span)
        , m_next(span.from)
    {
    }
    qint64 size() const override { return m_span.to - m_span.from; }
    Result<> read(std::span<char> piece) override
    {
        while (!piece.empty()) {
            const ssize_t got = ::pread(m_file.get(), piece.data(), piece.size(), m_next);
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                return Error{ErrorCode::StorageNotReady, u"read object"_s};
            m_next += got;
            piece = piece.subspan(static_cast<std::size_t>(got));
        }
        return {};
    }

private:
    const photo::FileDescriptor m_file;
    const Span m_span;
    qint64 m_next;
};

} // namespace

ObjectDoor::ObjectDoor(QByteArray objects, const PartDoor &signatures)
    : m_objects(std::move(objects))
    , m_signatures(signatures)
{
}

HttpResponse ObjectDoor::answer(const HttpRequest &request) const
{
    if (auto refusal = m_signatures.signatureRefusal(request))
        return std::move(*refusal);
    const std::optional<QByteArray> path = pathFrom(request);
    if (!path)
        return s3Refusal(S3Refusal::NoSuchKey, request);
    photo::FileDescriptor file(::open(QByteArray(m_objects + '/' + *path).constData(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat facts = {};
    if (!file.isOpen() || ::fstat(file.get(), &facts) != 0) {
        if (errno == ENOENT)
            return s3Refusal(S3Refusal::NoSuchKey, request);
        return problemResponse(503, Error{ErrorCode::StorageNotReady, u"open object"_s}, request, 5);
    }
    const QByteArray range = request.headers.value("range");
    const std::optional<Span> span = range.isEmpty() ? std::optional(Span{0, facts.st_size}) : spanFrom(range, facts.st_size);
    if (!span || span->to - span->from > MaxAnswerBytes)
        return s3Refusal(S3Refusal::InvalidRange, request);
    HttpResponse response;
    response.contentType = "application/octet-stream";
    response.source = std::make_shared<FileSpan>(std::move(file), *span);
    if (!range.isEmpty()) {
        response.status = 206;
        response.headers.emplaceBack("Content-Range",
                                     "bytes " + QByteArray::number(span->from) + '-' + QByteArray::number(span->to - 1) + '/'
                                         + QByteArray::number(static_cast<qint64>(facts.st_size)));
    }
    return response;
}

} // namespace photolift::server
