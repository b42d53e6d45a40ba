#pragma once

#include <QJsonObject>
#include <QString>
#include <QStringList>

namespace photolift::check {

/// What looking at one invariant found: n things looked at, and those that break it.
class Verdict
{
public:
    explicit Verdict(QString invariant)
        : m_invariant(std::move(invariant))
    {
    }

    void count(qint64 things = 1) { m_n += things; }
    void violation(const QString &what);
    void figure(const QString &name, double value) { m_figures.insert(name, value); }
    void markUnchecked(const QString &why) { m_unchecked = why; }

    bool holds() const { return m_numViolations == 0; }
    qint64 n() const { return m_n; }
    qint64 numViolations() const { return m_numViolations; }
    QStringList examples() const { return m_examples; }
    QJsonObject toJson() const;

private:
    static constexpr int MaxExamples = 20;

    QString m_invariant;
    qint64 m_n = 0;
    qint64 m_numViolations = 0;
    QStringList m_examples;
    QJsonObject m_figures;
    QString m_unchecked;
};

} // namespace photolift::check
