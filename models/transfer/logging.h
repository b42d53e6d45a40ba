#pragma once

#include <QLoggingCategory>
#include <QString>
#include <QUrl>

namespace photolift::transfer {

Q_DECLARE_LOGGING_CATEGORY(lcTransfer)

/// The address as a log may show it: no query but its names, so that no signature gets out (FAULTS C-15).
QString redacted(const QUrl &url);

} // namespace photolift::transfer
