#include "tests/support/trustingprogram.h"

#include <QDir>
#include <QFile>
#include <QProcess>

using namespace Qt::StringLiterals;

namespace photolift::support {

QString makeTrustingProgram(const QString &folder, const QString &program, const QByteArray &certificate)
{
    const QString trusted = folder + u"/trusted"_s;
    QFile bundle(trusted + u"/ca-certificates.crt"_s);
    if (!QDir().mkpath(trusted) || !bundle.open(QIODevice::WriteOnly) || bundle.write(certificate) != certificate.size())
        return {};
    bundle.close();
    if (QProcess::execute(u"openssl"_s, {u"rehash"_s, trusted}) != 0) // Qt looks them up by hash, libcurl reads the bundle
        return {};
    QFile script(folder + u"/trusting-program"_s);
    const QByteArray text = "#!/bin/sh\nexec bwrap --die-with-parent --dev-bind / / --ro-bind '" + QFile::encodeName(trusted) + "' /etc/ssl/certs '" + QFile::encodeName(program) + "' \"$@\"\n";
    if (!script.open(QIODevice::WriteOnly) || script.write(text) != text.size()
        || !script.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner))
        return {};
    return script.fileName();
}

} // namespace photolift::support
