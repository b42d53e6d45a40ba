#include "models/store/enginecode.h"

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {

/// Details that databaseError() writes begin so: "sqlstate 42P01: ...", "sqlite 13: ...".
QString codeBehind(const QString &detail, QLatin1StringView engine)
{
    return detail.startsWith(engine) ? detail.mid(engine.size()).section(u':', 0, 0) : QString();
}

} // namespace

void noteEngineCode(QJsonObject &context, const Error &error)
{
    if (const QString state = codeBehind(error.detail, "sqlstate "_L1); !state.isEmpty())
        context.insert(u"sqlstate"_s, state);
    bool isNumber = false;
    if (const int code = codeBehind(error.detail, "sqlite "_L1).toInt(&isNumber); isNumber)
        context.insert(u"sqlite"_s, code);
}

} // namespace photolift::store
