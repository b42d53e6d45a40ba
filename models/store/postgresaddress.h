#pragma once

#include <QString>

namespace photolift::store {

/// How to reach a PostgreSQL database, and as whom.
struct PostgresAddress {
    QString host = QStringLiteral("127.0.0.1");
    quint16 port = 5432;
    QString database;
    QString user;
    QString password;
    QString authorityFile; ///< PEM; with it the server's certificate is verified in full, without it TLS is not asked for
    int statementTimeoutMs = 5000;
};

} // namespace photolift::store
