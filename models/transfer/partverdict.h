#pragma once

#include "models/transfer/answerhead.h"
#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QString>

namespace photolift::transfer {

/// Everything that is known when the PUT of a part has ended.
struct PartEnd {
    int curlCode = 0;      ///< CURLcode
    QByteArray curlText;   ///< libcurl's sentence, for the log
    int osErrno = 0;       ///< of the connection
    int proxyStatus = 0;   ///< of a CONNECT to a proxy; 0: none
    bool wasConnected = false; ///< the connection stood, TLS included
    bool wasResolved = false;  ///< the name was found
    AnswerHead head;
    QByteArray body;       ///< its beginning
    QByteArray expectedEtag;
    bool isLinkExpired = false; ///< by our own clock
    bool isCancelled = false;
    bool isStalled = false;     ///< our timer ended it
    bool isSourceShort = false; ///< the file ended before its part did
    int sourceErrno = 0;        ///< reading the file failed
};

/// Chooses the code of ERRORS.csv for the end of one try, with its cause. A pure function: what it says is a table in its test.
/// An answer that came counts more than how the connection ended after it; nothing counts as success but a 2xx with the
/// expected ETag. A code without the store's mark came from somebody in between (NETWORK_LOGIN_PAGE), apart from 502, 503 and
/// 504, which balancers in front of our own servers make.
Result<> judgePart(const PartEnd &end);

/// What reading a photo's file can fail with (SELECTION_CARD_REMOVED, PREPROCESSING_READ_FAILED, LOCAL_RESOURCES_LOW).
ErrorCode codeForSourceErrno(int value);

} // namespace photolift::transfer
