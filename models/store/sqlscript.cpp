#include "models/store/sqlscript.h"

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {

bool isWordCharacter(QChar c)
{
    return c.isLetterOrNumber() || c == u'_';
}

} // namespace

QStringList sqlStatements(const QString &script)
{
    QStringList statements;
    QString statement;
    QString word;
    bool isTrigger = false;
    int depth = 0; // of BEGIN and CASE inside a trigger; a semicolon ends a statement at 0 only

    const auto endWord = [&] {
        const QString upper = word.toUpper();
        word.clear();
        if (upper == u"TRIGGER"_s && depth == 0)
            isTrigger = true;
        else if (isTrigger && (upper == u"BEGIN"_s || upper == u"CASE"_s))
            ++depth;
        else if (isTrigger && upper == u"END"_s)
            --depth;
    };
    const auto endStatement = [&] {
        if (const QString text = statement.trimmed(); !text.isEmpty())
            statements.append(text);
        statement.clear();
        isTrigger = false;
        depth = 0;
    };

    for (qsizetype at = 0; at < script.size(); ++at) {
        const QChar c = script.at(at);
        if (isWordCharacter(c)) {
            word += c;
            statement += c;
            continue;
        }
        endWord();
        if (c == u'-' && at + 1 < script.size() && script.at(at + 1) == u'-') {
            const qsizetype lineEnd = script.indexOf(u'\n', at);
            at = lineEnd < 0 ? script.size() : lineEnd;
            statement += u'\n';
        } else if (c == u'\'' || c == u'"') {
            const qsizetype close = script.indexOf(c, at + 1); // a doubled quote is a quoted text beside another
            const qsizetype end = close < 0 ? script.size() - 1 : close;
            statement += QStringView(script).sliced(at, end - at + 1);
            at = end;
        } else if (c == u'$' && script.sliced(at).startsWith("$$"_L1)) {
            const qsizetype close = script.indexOf("$$"_L1, at + 2); // the body of a function
            const qsizetype end = close < 0 ? script.size() - 1 : close + 1;
            statement += QStringView(script).sliced(at, end - at + 1);
            at = end;
        } else if (c == u';' && depth == 0) {
            endStatement();
        } else {
            statement += c;
        }
    }
    endWord();
    endStatement();
    return statements;
}

} // namespace photolift::store
