#pragma once

#include "models/logs/jsonlog.h"

#include <optional>

namespace photolift::server {

/// While it lives, every Qt message is one JSON line (models/vocabulary/logline.h). A message that is itself a JSON object, as the
/// access log writes them, gives its plain values as fields of the line. One at a time.
class ServerLog final
{
    Q_DISABLE_COPY_MOVE(ServerLog)
public:
    /// The lines go to FOLDER/server.log, which is rotated, and warnings to standard error too, for whoever started the server.
    /// Without a folder every line goes to standard error.
    explicit ServerLog(const QString &folder);
    ~ServerLog();

private:
    std::optional<logs::JsonLog> m_file;
    QtMessageHandler m_previousHandler = nullptr;
};

} // namespace photolift::server
