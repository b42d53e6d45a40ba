#include "tests/server/apidocument.h"

#include <QJsonDocument>
#include <QProcess>

using namespace Qt::StringLiterals;

namespace photolift::test {

QJsonObject apiDocument()
{
    QProcess python;
    python.start(u"python3"_s, {u"-c"_s, u"import json,sys,yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)"_s,
                                qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/resources/openapi.yaml"_s});
    if (!python.waitForFinished(30000))
        return {};
    return QJsonDocument::fromJson(python.readAllStandardOutput()).object();
}

} // namespace photolift::test
