#include "app/photo/orderstream.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <unistd.h>

namespace photolift {

std::optional<ReceivedOrder> receiveOrder()
{
    std::array<char, photo::OrderBytes> bytes;
    iovec part{bytes.data(), bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(2 * sizeof(int))> control{};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t got = 0;
    do {
        got = ::recvmsg(STDIN_FILENO, &message, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got <= 0)
        return std::nullopt;
    const cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS || header->cmsg_len < CMSG_LEN(sizeof(int))
        || header->cmsg_len > CMSG_LEN(2 * sizeof(int)))
        return std::nullopt;
    std::array<int, 2> descriptors{-1, -1};
    std::memcpy(descriptors.data(), CMSG_DATA(header), header->cmsg_len - CMSG_LEN(0));
    ReceivedOrder received;
    received.photo = photo::FileDescriptor(descriptors[0]);
    received.answers = photo::FileDescriptor(descriptors[1]);
    const std::optional<photo::OrderFrame> order = photo::orderFromBytes(QByteArray(bytes.data(), got));
    if (!order)
        return std::nullopt;
    received.order = *order;
    return received;
}

bool sendAnswer(const photo::AnswerFrame &frame)
{
    const QByteArray bytes = photo::toBytes(frame);
    qsizetype written = 0;
    while (written < bytes.size()) {
        const ssize_t count = ::write(STDOUT_FILENO, bytes.constData() + written, static_cast<std::size_t>(bytes.size() - written));
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        written += count;
    }
    return true;
}

} // namespace photolift
