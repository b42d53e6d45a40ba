#pragma once

#include "app/server/http/connection.h"
#include "app/server/http/httpserver.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace photolift::server {

/// Accepts connections and owns the threads they run on. start() once, close() and stop() once, all on one thread.
class Listener
{
public:
    Listener(HttpServer::Options options, QList<Route> routes, HttpServer::Recognise recognise);
    ~Listener();

    Result<quint16> start();
    Result<> reloadTls(); ///< any thread
    void close();
    void stop(std::chrono::milliseconds drainFor);

private:
    boost::asio::awaitable<void> accept();
    void serve(boost::asio::ip::tcp::socket socket);
    /// Ends the oldest connection that nobody has been let in on, of this address when one is named, for somebody who has just come: its
    /// place among those of its address is the newcomer's. False: there is none. With m_mutex.
    bool makeRoom(const QByteArray &ofAddress, Crowd::Place &place);
    bool waitForConnections(std::chrono::milliseconds time);
    std::vector<std::shared_ptr<Connection>> connections();

    ServerParts m_parts;
    boost::asio::io_context m_io;
    boost::asio::ip::tcp::acceptor m_acceptor;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> m_work;
    std::vector<std::thread> m_threads;

    std::mutex m_mutex; ///< guards everything below
    std::condition_variable m_changed;
    std::map<quint64, std::shared_ptr<Connection>> m_connections; ///< in the order they came
    quint64 m_newest = 0;
    std::size_t m_leaving = 0; ///< of these: made room, and not gone yet
};

} // namespace photolift::server
