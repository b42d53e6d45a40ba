#include "models/pipeline/selectionstep.h"

using namespace Qt::StringLiterals;

namespace photolift::pipeline {

store::FileIdentity storedIdentity(const photo::FileIdentity &identity)
{
    return {.size = identity.size, .modifiedNs = identity.mtimeNs, .inode = identity.inode, .device = identity.device};
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
