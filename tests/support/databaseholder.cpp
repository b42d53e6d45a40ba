#include "tests/support/databaseholder.h"

using namespace Qt::StringLiterals;

namespace photolift::support {

DatabaseHolder::DatabaseHolder(const QString &database, const QByteArray &statements)
{
    m_shell.start(u"sqlite3"_s, {u"-bail"_s, database});
    m_shell.write(".timeout 20000\n" + statements + "\nSELECT 'held';\n");
    while (!m_said.contains("held") && m_shell.waitForReadyRead(30000))
        m_said += m_shell.readAllStandardOutput();
}

bool DatabaseHolder::isHolding() const
{
    return m_said.contains("held") && m_shell.state() == QProcess::Running;
}

bool DatabaseHolder::release()
{
    m_shell.write("COMMIT;\n.quit\n");
    return m_shell.waitForFinished();
}

} // namespace photolift::support
