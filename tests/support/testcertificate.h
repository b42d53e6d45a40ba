#pragma once

#include <QByteArray>
#include <QSslCertificate>
#include <QSslKey>

namespace photolift::support {

/// A fresh self-signed certificate for 127.0.0.1 and localhost, valid for a day unless told otherwise, with its key.
struct TestCertificate {
    QByteArray pem;
    QSslCertificate certificate;
    QSslKey key;
};
TestCertificate makeTestCertificate(int fromHours = -1, int toHours = 24);

} // namespace photolift::support
