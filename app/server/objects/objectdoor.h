#pragma once

#include "app/server/http/exchange.h"
#include "app/server/objects/partdoor.h"

namespace photolift::server {

/// Answers a presigned GET of a stored object of a folder, in the protocol of S3: whole, or the one range that is asked for. None is longer
/// than MaxAnswerBytes: of a larger object a client asks for one range after the other. The bytes are read when they are sent. Blocks on the disk; thread-safe.
class ObjectDoor
{
public:
    static constexpr qint64 MaxAnswerBytes = wire::PartBytes;

    /// `objects`: the folder of the objects. `signatures` judges the links and outlives it.
    ObjectDoor(QByteArray objects, const PartDoor &signatures);

    HttpResponse answer(const HttpRequest &request) const;

private:
    const QByteArray m_objects;
    const PartDoor &m_signatures;
};

} // namespace photolift::server
