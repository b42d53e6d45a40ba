#include "app/server/metrics/exposition.h"

namespace photolift::server {

namespace {
QByteArray escaped(QByteArray text)
{
    return text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
}
}

void Exposition::family(const QByteArray &name, const char *type, const char *help)
{
    m_name = name;
    m_page += "# HELP " + name + ' ' + help + "\n# TYPE " + name + ' ' + type + '\n';
}

void Exposition::sample(Labels labels, double value, const char *suffix)
{
    m_page += m_name + suffix;
    char separator = '{';
    for (const auto &[label, text] : labels) {
        m_page += separator + QByteArray(label) + "=\"" + escaped(text) + '"';
        separator = ',';
    }
    if (labels.size() > 0)
        m_page += '}';
    m_page += ' ' + QByteArray::number(value, 'g', 17) + '\n';
}

} // namespace photolift::server
