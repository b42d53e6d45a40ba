#pragma once

#include <QJsonObject>
#include <QString>

namespace photolift {

/// What the layer below called an error, in its own numbers and words; 0 and empty: it named none. Set where the error arises and carried
/// with it, so that nobody has to read a number out of a sentence.
struct ErrorCause {
    int osErrno = 0;
    int signal = 0;     ///< that ended the process which had the photo open
    int httpStatus = 0; ///< of the answer; 0 also: no answer came, or nobody was asked
    int qtError = 0;    ///< QNetworkReply::NetworkError
    int curlCode = 0;   ///< CURLcode; 0 where libcurl had no trouble of its own
    int sqlite = 0;     ///< result code of SQLite
    QString sqlState = {}; ///< of PostgreSQL
    QString s3Code = {};   ///< of the store's error body
};

/// Puts what is known into the context of an error row (its keys: models/store/README.md).
void noteCause(QJsonObject &context, const ErrorCause &cause);

} // namespace photolift
