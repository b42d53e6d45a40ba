#pragma once

#include <QJsonObject>

namespace photolift::test {

/// resources/openapi.yaml as JSON; empty when it cannot be read.
QJsonObject apiDocument();

} // namespace photolift::test
