#pragma once

#include "tests/support/cephgateway.h"
#include "tests/support/serverrun.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

namespace photolift::test {

/// photolift-server on a RADOS Gateway, or on whatever stands before it on the test's own thread: every wait has an event loop.
class StoreProgram
{
public:
    struct Said {
        int exitCode = -1; ///< -1: it runs
        QByteArray output;
        QByteArray complaints;
    };
    /// To its end or, without `words`, until it serves. `lines`: more of the table [store].
    Said run(const QUrl &endpoint, const QStringList &words, const QString &lines = {});
    QProcess &server() { return *m_server; } ///< what was run last
    QString path(const QString &name) const { return m_folder.filePath(name); }
    bool writePrivate(const QString &name, const QByteArray &content) const
    {
        QFile file(path(name));
        return file.open(QIODevice::WriteOnly) && file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner)
            && file.write(content) == content.size();
    }

private:
    QTemporaryDir m_folder;
    std::unique_ptr<QProcess> m_server;
};

inline StoreProgram::Said StoreProgram::run(const QUrl &endpoint, const QStringList &words, const QString &lines)
{
    using namespace Qt::StringLiterals;
    using support::CephGateway;
    const QByteArray config = uR"([server]
listen = "127.0.0.1:0"
data = "%1/data"
[database]
engine = "sqlite"
[store]
endpoint = "%2"
bucket = "photos"
region = "%3"
access_key_file = "%1/access"
secret_key_file = "%1/secret"
%4
)"_s.arg(m_folder.path(), endpoint.toString(), QString::fromLatin1(CephGateway::region()), lines)
                                   .toUtf8();
    if (!writePrivate(u"access"_s, CephGateway::accessKey()) || !writePrivate(u"secret"_s, CephGateway::secretKey())
        || !writePrivate(u"config.toml"_s, config))
        return {};
    m_server = std::make_unique<QProcess>();
    m_server->start(support::programFolder() + u"/photolift-server"_s, QStringList{u"--config"_s, path(u"config.toml"_s)} + words);
    Said said;
    (void)QTest::qWaitFor(
        [&] {
            said.output += m_server->readAllStandardOutput();
            said.complaints += m_server->readAllStandardError();
            return m_server->state() == QProcess::NotRunning || (words.isEmpty() && said.output.contains("\"address\""));
        },
        60'000);
    if (m_server->state() == QProcess::NotRunning) {
        said.output += m_server->readAllStandardOutput();
        said.complaints += m_server->readAllStandardError();
        said.exitCode = m_server->exitCode();
    }
    return said;
}

} // namespace photolift::test
