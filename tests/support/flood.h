#pragma once

#include <QByteArray>
#include <QHash>
#include <QMap>

#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace photolift::support {

/// Thousands of TCP clients that mean no good, on a thread of their own: each says what its attack says, slowly or not at all, and comes again
/// a while after it was cut. From addresses of loopback. Ends with the object.
class Flood
{
    Q_DISABLE_COPY_MOVE(Flood)
public:
    struct Attack {
        QByteArray name = {};
        int sockets = 0;
        int address = 2;         ///< 127.0.0.N, the next one after each thousand sockets
        QByteArray opening = {}; ///< said at once
        char drip = 0;           ///< then one of these every half second; 0: nothing
        bool isReading = true;   ///< false: takes nothing, with the smallest buffers there are
    };
    /// Of the sockets of one attack.
    struct Tally {
        int opened = 0;         ///< so far, each time counted
        int now = 0;            ///< open at the moment
        int cut = 0;            ///< by the server
        qint64 longestMs = 0;   ///< of those that were cut and those that stand: from the begin on
        QMap<int, int> answers; ///< status of the first answer: how often
    };

    explicit Flood(quint16 port);
    ~Flood();

    void begin(const std::vector<Attack> &attacks);
    /// Of all attacks together that are called so.
    Tally tally(const QByteArray &name) const;

private:
    using Clock = std::chrono::steady_clock;
    struct Client {
        std::size_t attack = 0;
        int address = 0;
        int socket = -1;
        qsizetype said = 0; ///< of the opening
        bool hasAnswer = false;
        Clock::time_point begun, next; ///< next: a drip, or without a socket the next try
    };

    void run();
    void open(Client &client, Clock::time_point now);
    void say(Client &client);
    void hear(Client &client);
    void end(Client &client);

    const quint16 m_port;
    int m_poll = -1;
    std::vector<Attack> m_attacks;
    std::vector<Client> m_clients; ///< of the thread
    mutable std::mutex m_mutex;    ///< guards everything below
    std::vector<Tally> m_tallies;
    bool m_isOver = false;
    std::thread m_thread;
};

} // namespace photolift::support
