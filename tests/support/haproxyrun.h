#pragma once

#include "tests/support/testcertificate.h"

#include <QList>
#include <QProcess>
#include <QTemporaryDir>
#include <QUrl>

namespace photolift::support {

/// A real HAProxy on loopback with the configuration of packaging/server as it stands there, with a port, a certificate and servers of the test put in.
/// Ends with the object.
class HaproxyRun
{
    Q_DISABLE_COPY_MOVE(HaproxyRun)
public:
    HaproxyRun() = default;
    ~HaproxyRun();

    /// Waits until it answers; false with failure(). `servers`: ports on loopback.
    bool start(const QList<int> &servers);
    QUrl address() const { return m_address; }
    const TestCertificate &certificate() const { return m_certificate; }
    const QString &failure() const { return m_failure; }

private:
    bool write(const QString &name, const QByteArray &content) const;

    QTemporaryDir m_folder;
    TestCertificate m_certificate = makeTestCertificate();
    QProcess m_process;
    QUrl m_address;
    QString m_failure;
};

} // namespace photolift::support
