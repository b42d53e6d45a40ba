#include "app/photo/limits.h"
#include "app/photo/nursery.h"
#include "app/photo/orderstream.h"

#include <QDir>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift;

namespace {

void writeRaw(const QByteArray &bytes)
{
    [[maybe_unused]] const ssize_t written = ::write(STDOUT_FILENO, bytes.constData(), static_cast<std::size_t>(bytes.size()));
}

[[noreturn]] void hang()
{
    for (;;)
        ::pause();
}

photo::AnswerFrame noted(const QString &note)
{
    photo::AnswerFrame frame;
    frame.facts.note = note;
    return frame;
}

QString openDescriptors()
{
    return QDir(u"/proc/self/fd"_s).entryList(QDir::Files | QDir::System, QDir::Name).join(u' ');
}

void behave(const QString &how)
{
    if (how == "crash"_L1)
        ::raise(SIGKILL);
    if (how == "hang"_L1)
        hang();
    if (how == "answer and stay"_L1) {
        sendAnswer(noted(QString::number(::getpid())));
        hang();
    }
    if (how == "leave others behind"_L1) {
        for (int i = 0; i < 3; ++i) {
            if (::fork() == 0) {
                ::setsid(); // out of every group
                hang();
            }
        }
        sendAnswer(noted(QString::number(::getpid())));
        return;
    }
    if (how == "half a frame"_L1) {
        writeRaw(photo::toBytes(noted(u"half"_s)).first(20));
        hang();
    }
    if (how == "garbage"_L1)
        writeRaw(QByteArray(64, 'x'));
    else if (how == "endless picture"_L1)
        writeRaw(QByteArray("PLH1\0\0\0\x02\xff\xff\xff\xff\0\0\0\0", 16));
    else if (how == "foreign code"_L1) {
        photo::AnswerFrame frame;
        frame.error = Error{ErrorCode::InitiationTokenExpired, u"sign in again"_s};
        sendAnswer(frame);
    } else if (how == "crash after validation"_L1) {
        photo::AnswerFrame frame;
        frame.isLast = false;
        frame.stage = Stage::Validation;
        frame.durationMs = 7;
        sendAnswer(frame);
        ::raise(SIGKILL);
    } else if (how == "endless steps"_L1) {
        photo::AnswerFrame frame;
        frame.isLast = false;
        frame.stage = Stage::Validation;
        while (sendAnswer(frame)) { }
    } else if (how == "descriptors"_L1) {
        sendAnswer(noted(openDescriptors()));
    } else if (how == "input"_L1) {
        sendAnswer(noted(QFile::symLinkTarget(u"/proc/self/fd/0"_s)));
    } else if (how == "arguments"_L1) {
        QFile commandLine(u"/proc/self/cmdline"_s);
        if (commandLine.open(QIODevice::ReadOnly))
            sendAnswer(noted(QString::fromLocal8Bit(commandLine.readAll().replace('\0', ' '))));
    } else if (how == "environment"_L1) {
        QStringList names;
        for (char **entry = environ; *entry; ++entry)
            names.append(QString::fromLocal8Bit(*entry).section(u'=', 0, 0));
        sendAnswer(noted(names.join(u' ')));
    } else {
        sendAnswer(noted(QString::number(::getpid())));
    }
}

} // namespace

/// A helper process that does what a hostile photo might make the real one do: the media type says what.
int main(int argc, char **argv)
{
    if (std::any_of(argv, argv + argc, [](const char *argument) { return std::strcmp(argument, "--one-shot") == 0; })) {
        confine({});
        serveEachInAChild({}, [](const ReceivedOrder &received) { behave(received.order.mediaType); });
        return 0;
    }
    while (const std::optional<ReceivedOrder> received = receiveOrder())
        behave(received->order.mediaType);
    return 0;
}
