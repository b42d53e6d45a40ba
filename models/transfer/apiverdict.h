#pragma once

#include "models/transfer/answerhead.h"
#include "models/transfer/apiclient.h"

#include <QNetworkReply>

namespace photolift::transfer {

/// Everything that is known when a control call has ended.
struct ApiEnd {
    QNetworkReply::NetworkError error = QNetworkReply::NoError;
    QString errorText;
    AnswerHead head;
    QByteArray body;
    bool wasSent = false;    ///< the connection stood and the request left
    bool wasTooLong = false; ///< we stopped reading
};

/// nullopt: a success of ours, with JSON, to be read. Otherwise the code of ERRORS.csv with what a record of it needs. An answer
/// without our header came from somebody in between (NETWORK_LOGIN_PAGE), apart from 502, 503 and 504: balancers in front of
/// our servers make those. Where our problem body names a code, that code counts.
std::optional<ApiFault> judgeCall(const ApiEnd &end, qint64 nowMs);

} // namespace photolift::transfer
