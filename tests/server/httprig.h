#pragma once

#include "app/server/http/httpserver.h"
#include "tests/support/rawclient.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace photolift::server {

/// What the sinks of one test saw.
struct SinkDiary {
    std::mutex mutex; ///< guards everything
    QByteArray bytes;
    qsizetype largestChunk = 0;
    int chunks = 0;
    int made = 0;
    int finished = 0;
    int destroyed = 0;
    bool isFull = false; ///< writes answer "no space"

    template <typename T> T read(T SinkDiary::*member)
    {
        const std::lock_guard lock(mutex);
        return this->*member;
    }
};

/// A server with a route of each kind: /echo (POST), /wait (answers when told to), /drop, /fail, /healthz and POST /knock (open), and PUT /sink/{name},
/// which refuses `?refuse` and streams the rest into the diary. Tokens: Token, and "other".
struct HttpRig {
    SinkDiary diary;
    std::atomic<int> calls = 0; ///< of /echo and /healthz
    std::mutex mutex; ///< guards waiting, peer and origin
    QByteArray peer;   ///< of the newest call of /echo or /healthz: who it was said to be, and what it dialled
    QByteArray origin;
    std::vector<Responder> waiting;
    std::unique_ptr<HttpServer> server;
    quint16 port = 0;

    /// `perToken` calls of /echo a minute for one token.
    explicit HttpRig(HttpServer::Options options = {}, int perToken = 1'000'000);

    /// The head of a request with its blank line; `fields` each end with CRLF.
    QByteArray head(const QByteArray &line, const QByteArray &fields = {}, bool withToken = true) const;
    QByteArray post(const QByteArray &body) const; ///< a whole request to /echo
    qsizetype waitingCount();
    Responder takeWaiting();

private:
    QList<Route> routes(int perToken);
};

QString codeOf(const test::RawAnswer &answer); ///< of a problem body

} // namespace photolift::server
