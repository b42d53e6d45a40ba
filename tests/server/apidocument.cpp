#include "tests/server/apidocument.h"

#include <QJsonArray>
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

QJsonObject schemaIn(const QJsonObject &document, const QJsonObject &described)
{
    if (const QJsonArray all = described.value("allOf"_L1).toArray(); !all.isEmpty()) {
        QJsonObject whole = schemaIn(document, all.first().toObject());
        QJsonArray required = whole.value("required"_L1).toArray();
        for (const QJsonValue &part : all) {
            for (const QJsonValue &field : part.toObject().value("required"_L1).toArray())
                required.append(field);
        }
        whole.insert(u"required"_s, required);
        return whole;
    }
    const QString reference = described.value("$ref"_L1).toString();
    if (reference.isEmpty())
        return described;
    const QJsonObject schemas = document.value("components"_L1).toObject().value("schemas"_L1).toObject();
    return schemaIn(document, schemas.value(reference.section(u'/', -1)).toObject());
}

} // namespace photolift::test
