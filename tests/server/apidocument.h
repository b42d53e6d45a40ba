#pragma once

#include <QJsonObject>

namespace photolift::test {

/// resources/openapi.yaml as JSON; empty when it cannot be read.
QJsonObject apiDocument();

/// The schema itself, where the document only names it. Of `allOf` the first, with what the others require beyond it.
QJsonObject schemaIn(const QJsonObject &document, const QJsonObject &described);

} // namespace photolift::test
