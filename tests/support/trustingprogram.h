#pragma once

#include <QByteArray>
#include <QString>

namespace photolift::support {

/// Makes a program below `folder` that is `program` on a computer whose administrator has installed one authority, this certificate
/// (PEM), and no other: its own /etc/ssl/certs. Its path; empty when it could not be made.
QString makeTrustingProgram(const QString &folder, const QString &program, const QByteArray &certificate);

} // namespace photolift::support
