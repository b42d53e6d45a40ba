#include "models/transfer/logging.h"

#include <QUrlQuery>

using namespace Qt::StringLiterals;

namespace photolift::transfer {

Q_LOGGING_CATEGORY(lcTransfer, "photolift.transfer", QtInfoMsg)

QString redacted(const QUrl &url)
{
    QUrl shown = url.adjusted(QUrl::RemoveUserInfo | QUrl::RemoveFragment);
    QUrlQuery query;
    for (const auto &[name, value] : QUrlQuery(url).queryItems(QUrl::FullyEncoded))
        query.addQueryItem(name, name.compare("partNumber"_L1, Qt::CaseInsensitive) == 0 ? value : u"***"_s);
    shown.setQuery(query);
    return shown.toString(QUrl::FullyEncoded);
}

} // namespace photolift::transfer
