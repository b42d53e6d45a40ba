#include "models/context/linkwatch.h"

#include <QSocketNotifier>

#include <array>
#include <chrono>

#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace std::chrono_literals;

namespace photolift::context {

LinkWatch::LinkWatch(QObject *parent)
    : QObject(parent)
{
    m_settle.setSingleShot(true);
    m_settle.setInterval(200ms);
    connect(&m_settle, &QTimer::timeout, this, &LinkWatch::changed);
    m_socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (m_socket < 0)
        return;
    sockaddr_nl address = {};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
    if (::bind(m_socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) < 0)
        return;
    auto *notifier = new QSocketNotifier(m_socket, QSocketNotifier::Read, this);
    connect(notifier, &QSocketNotifier::activated, this, &LinkWatch::drain);
}

LinkWatch::~LinkWatch()
{
    const QList<QSocketNotifier *> notifiers = findChildren<QSocketNotifier *>();
    for (QSocketNotifier *notifier : notifiers)
        notifier->setEnabled(false); // before its descriptor is gone
    if (m_socket >= 0)
        ::close(m_socket);
}

void LinkWatch::drain()
{
    std::array<char, 8192> buffer;
    // ENOBUFS means that messages were lost: a change all the same.
    while (::recv(m_socket, buffer.data(), buffer.size(), 0) > 0) { }
    if (!m_settle.isActive())
        m_settle.start();
}

} // namespace photolift::context
