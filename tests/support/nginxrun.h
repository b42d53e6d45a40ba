#pragma once

#include "tests/support/testcertificate.h"

#include <QList>
#include <QProcess>
#include <QTemporaryDir>
#include <QUrl>

namespace photolift::support {

/// A real nginx on loopback that runs the site of packaging/server as it stands there, with a port, a certificate and servers of the test
/// put in. Ends with the object.
class NginxRun
{
    Q_DISABLE_COPY_MOVE(NginxRun)
public:
    /// `connections`: of each of its two workers; 0 for as many as the packaged site tells the administrator to set.
    explicit NginxRun(int connections = 0) : m_connections(connections) {}
    ~NginxRun();

    /// Waits until it answers; false with failure(). `servers`: ports on loopback.
    bool start(const QList<int> &servers);
    /// The same with a site of the test's own, without TLS: in it LISTEN stands for the address to listen at, FOLDER for folder().
    bool startSite(QString site);
    QString folder() const { return m_folder.path(); }
    QUrl address() const { return m_address; }
    const TestCertificate &certificate() const { return m_certificate; }
    const QString &failure() const { return m_failure; }

private:
    bool write(const QString &name, const QByteArray &content);
    /// Runs it with the site that was written; waits until it answers.
    bool run(quint16 port);

    const int m_connections;
    QTemporaryDir m_folder;
    TestCertificate m_certificate = makeTestCertificate();
    QProcess m_process;
    QUrl m_address;
    QString m_failure;
};

} // namespace photolift::support
