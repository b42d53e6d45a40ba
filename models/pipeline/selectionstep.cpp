#include "models/pipeline/selectionstep.h"

#include "models/vocabulary/ids.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace photolift::pipeline {

store::FileIdentity storedIdentity(const photo::FileIdentity &identity)
{
    return {.size = identity.size, .modifiedNs = identity.mtimeNs, .inode = identity.inode, .device = identity.device};
}

qint64 lookAgeMs(const store::Item &item)
{
    return nowMs() - instantOf(item.itemId); // made when the walk had seen the file
}

std::optional<photo::FileIdentity> lookBefore(const store::Item &item, int stableLookMs)
{
    if (lookAgeMs(item) < stableLookMs)
        return std::nullopt;
    const store::FileIdentity &seen = item.identity;
    return photo::FileIdentity{.size = seen.size, .mtimeNs = seen.modifiedNs, .inode = seen.inode, .device = seen.device};
}

qint64 msUntilSecondLook(const store::Item &item, int stableLookMs)
{
    const qint64 ageMs = lookAgeMs(item);
    return ageMs < 0 ? 0 : std::max<qint64>(0, stableLookMs - ageMs);
}

SelectionAnswer selectFile(const QByteArray &path, const std::optional<photo::FileIdentity> &before)
{
    Result<photo::FileLook> look = photo::lookAt(path);
    if (!look)
        return {.file = look.error(), .seen = {}};

    const photo::FileIdentity seen = look->identity;
    if (before != seen)
        return {.file = Error{ErrorCode::SelectionStillWriting, u"%1 bytes so far"_s.arg(seen.size)}, .seen = seen};
    if (const std::optional<Error> refusal = photo::refusalOf(*look))
        return {.file = *refusal, .seen = seen};

    SelectedFile file;
    file.descriptor = std::make_shared<photo::FileDescriptor>(std::move(look->descriptor));
    file.identity = seen;
    file.kind = look->kind;
    file.endingDisagrees = !photo::endingAgrees(path.mid(path.lastIndexOf('/') + 1), look->kind);
    return {.file = file, .seen = seen};
}

} // namespace photolift::pipeline
