#include "tests/faults/checker/verdict.h"

#include <QJsonArray>

using namespace Qt::StringLiterals;

namespace photolift::check {

void Verdict::violation(const QString &what)
{
    ++m_numViolations;
    if (m_examples.size() < MaxExamples)
        m_examples.append(what);
}

QJsonObject Verdict::toJson() const
{
    QJsonObject json{{u"invariant"_s, m_invariant}, {u"n"_s, m_n}, {u"violations"_s, m_numViolations}, {u"holds"_s, holds()}};
    if (!m_unchecked.isEmpty())
        json.insert(u"unchecked"_s, m_unchecked);
    if (!m_examples.isEmpty())
        json.insert(u"examples"_s, QJsonArray::fromStringList(m_examples));
    if (!m_figures.isEmpty())
        json.insert(u"figures"_s, m_figures);
    return json;
}

} // namespace photolift::check
