#include "tests/support/serverrun.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>

using namespace Qt::StringLiterals;

namespace photolift::support {

QString programFolder()
{
    return qEnvironmentVariable("PHOTOLIFT_BIN", QCoreApplication::applicationDirPath());
}

ServerRun::ServerRun(QString dataFolder)
    : m_dataFolder(std::move(dataFolder))
{
    // Its log would drown the test's own lines; a failing test can be run again with the channel forwarded.
    m_process.setProcessChannelMode(qEnvironmentVariableIsSet("PHOTOLIFT_SHOW_SERVER") ? QProcess::ForwardedErrorChannel
                                                                                       : QProcess::SeparateChannels);
    m_process.setStandardInputFile(QProcess::nullDevice());
    if (!qEnvironmentVariableIsSet("PHOTOLIFT_SHOW_SERVER"))
        m_process.setStandardErrorFile(QProcess::nullDevice());
}

ServerRun::~ServerRun()
{
    stop();
}

bool ServerRun::start(const QStringList &environment)
{
    QProcessEnvironment lines = QProcessEnvironment::systemEnvironment();
    for (const QString &line : environment)
        lines.insert(line.section(u'=', 0, 0), line.section(u'=', 1));
    m_process.setProcessEnvironment(lines);
    m_process.start(programFolder() + u"/photolift-server"_s,
                    {u"--embedded"_s, u"--data"_s, m_dataFolder, u"--listen"_s, u"127.0.0.1:0"_s});
    QByteArray output;
    while (!output.contains('\n')) {
        if (!m_process.waitForReadyRead(15000))
            return false;
        output += m_process.readAllStandardOutput();
    }
    m_address = QUrl(QJsonDocument::fromJson(output.left(output.indexOf('\n'))).object().value(u"address"_s).toString());
    return m_address.isValid() && !m_address.isEmpty();
}

int ServerRun::stop()
{
    if (m_process.state() == QProcess::NotRunning)
        return m_process.exitCode();
    m_process.terminate();
    if (!m_process.waitForFinished(20000))
        kill();
    return m_process.exitCode();
}

void ServerRun::kill()
{
    m_process.kill();
    m_process.waitForFinished(20000);
}

bool ServerRun::waitForEnd(int ms)
{
    return m_process.state() == QProcess::NotRunning || m_process.waitForFinished(ms);
}

QString ServerRun::tokenFile() const
{
    return m_dataFolder + u"/token"_s;
}

} // namespace photolift::support
