#pragma once

#include <QByteArray>
#include <QByteArrayList>

#include <utility>

namespace photolift::server {

/// Writes a page of metrics in the text format of Prometheus (0.0.4): each family with HELP and TYPE, then its samples.
class Exposition
{
public:
    using Labels = std::initializer_list<std::pair<const char *, QByteArray>>;
    static constexpr char ContentType[] = "text/plain; version=0.0.4; charset=utf-8";

    /// The samples that follow are of this family. `type`: counter, gauge or histogram; names of counters end in _total.
    void family(const QByteArray &name, const char *type, const char *help);
    /// `suffix`: of a histogram's parts, such as "_bucket".
    void sample(Labels labels, double value, const char *suffix = "");
    const QByteArray &page() const { return m_page; }

private:
    QByteArray m_page;
    QByteArray m_name;
};

} // namespace photolift::server
