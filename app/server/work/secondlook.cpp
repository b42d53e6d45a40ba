#include "app/server/work/secondlook.h"

#include "app/server/work/objecttable.h"
#include "app/server/work/removaltable.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;

Q_LOGGING_CATEGORY(lcSecondLook, "photolift.server.work.secondlook")

namespace photolift::server {

Result<> forgetRefusalsOfOtherDecoders(DatabaseThreads &database, const QString &decoder)
{
    return database.writeAndWait(
        [&decoder](Writing &writing) { return ObjectTable(writing.database).forgetRefusalsOfOtherDecoders(decoder); });
}

Looked lookOnceMore(const StageTools &tools, DatabaseThreads &database)
{
    Result<std::optional<ObjectTable::WithoutPreview>> found = std::optional<ObjectTable::WithoutPreview>();
    const bool isAsked = database.readAndWait(
        [&](const QSqlDatabase &reading) { found = ObjectTable(reading).nextWithoutPreview(tools.decoder); });
    if (!isAsked)
        return Looked::Nothing;
    if (!found)
        return Looked::Later;
    if (!*found)
        return Looked::Nothing;

    const ObjectTable::WithoutPreview &photo = **found;
    const Result<> drawn = drawStored(tools, photo.sha256, photo.size);
    if (tools.isStopping || (!drawn && isServerCondition(drawn.error().code)))
        return Looked::Later;
    std::optional<ErrorCode> previewError;
    if (!drawn)
        previewError = photo.error;
    const Result<> written = database.writeAndWait([&](Writing &writing) -> Result<> {
        const Result<bool> isThere = ObjectTable(writing.database).judgeAnew(photo, tools.decoder, previewError);
        if (!isThere)
            return isThere.error();
        // Purged meanwhile: what was just made of it has to go, too.
        return *isThere ? Result<>() : RemovalTable(writing.database).add(photo.sha256, photo.size);
    });
    if (!written)
        return Looked::Later;
    qCInfo(lcSecondLook).noquote() << "another decoder looked again at a photo without a preview:"
                                   << (drawn ? u"it has a preview now"_s : QString(errorName(drawn.error().code)));
    return Looked::One;
}

} // namespace photolift::server
