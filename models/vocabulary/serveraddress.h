#pragma once

#include <QUrl>

#include <optional>

namespace photolift {

/// The address of an organisation's server as it is written: http or https, a host, perhaps a port and a path. nullopt for everything
/// else, and for an address that holds a name, a password or a question: these have no business there.
std::optional<QUrl> serverAddress(const QString &text);

/// Without TLS photos and token would be open to everybody on the way; on this computer there is no way.
bool isOpenToOthers(const QUrl &server);

/// Host, port and path, the same for every way to write one server; the port of https is left out. For people and for folder names.
QString serverName(const QUrl &server);

} // namespace photolift
