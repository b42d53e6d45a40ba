#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <variant>

namespace photolift::server {

/// The command line of photolift-server.
struct EmbeddedOptions {
    QString dataFolder;
    QByteArray address; ///< loopback
    quint16 port = 0;   ///< 0: any
    QString tokenFile;  ///< empty: DIR/token, or the parent's
    QString logFolder;  ///< empty: standard error
};

/// The options, or the text for standard error that explains what is wrong with them (exit code 2).
std::variant<EmbeddedOptions, QString> embeddedOptionsFrom(const QStringList &arguments);

} // namespace photolift::server
