#pragma once

#include "app/server/http/connection.h"
#include "app/server/http/httpserver.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <vector>

namespace photolift::server {

/// Accepts connections and owns the threads they run on. start() once, stop() once, both on one thread.
class Listener
{
public:
    Listener(HttpServer::Options options, QList<Route> routes, HttpServer::Recognise recognise);
    ~Listener();

    Result<quint16> start();
    Result<> reloadTls(); ///< any thread
    void stop();

private:
    boost::asio::awaitable<void> accept();
    void serve(boost::asio::ip::tcp::socket socket);
    bool waitForConnections(std::chrono::milliseconds time);
    std::vector<std::shared_ptr<Connection>> connections();

    ServerParts m_parts;
    boost::asio::io_context m_io;
    boost::asio::ip::tcp::acceptor m_acceptor;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> m_work;
    std::vector<std::thread> m_threads;

    std::mutex m_mutex; ///< guards m_connections
    std::condition_variable m_changed;
    std::unordered_set<std::shared_ptr<Connection>> m_connections;
};

} // namespace photolift::server
