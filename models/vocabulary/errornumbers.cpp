#include "models/vocabulary/errornumbers.h"

#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace photolift {

void noteSystemNumbers(QJsonObject &context, const Error &error)
{
    static const QRegularExpression number(u"\\b(errno|signal) ([1-9][0-9]{0,3})\\b"_s);
    auto found = number.globalMatch(error.detail);
    while (found.hasNext()) {
        const QRegularExpressionMatch match = found.next();
        const QString key = match.capturedView(1) == "errno"_L1 ? u"os_errno"_s : u"signal"_s;
        if (!context.contains(key))
            context.insert(key, match.capturedView(2).toInt());
    }
}

} // namespace photolift
