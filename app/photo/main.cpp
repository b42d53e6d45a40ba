#include "app/photo/callfilter.h"
#include "app/photo/limits.h"
#include "app/photo/nursery.h"
#include "app/photo/orders.h"
#include "app/photo/orderstream.h"
#include "models/decode/decoderversion.h"
#include "models/decode/metadata.h"
#include "models/decode/vipsimage.h"

#include <QByteArray>

#include <cstdio>
#include <span>
#include <string_view>

using namespace photolift;

namespace {

struct Arguments {
    Limits limits;
    bool isOneShot = false;
    bool isDecoderAsked = false;
    bool isFilterAsked = false;
    bool areValid = true;
};

Arguments parse(std::span<char *> given)
{
    Arguments arguments;
    for (std::size_t i = 1; i < given.size(); ++i) {
        const std::string_view name = given[i];
        if (name == "--one-shot") {
            arguments.isOneShot = true;
            continue;
        }
        if (name == "--decoder") {
            arguments.isDecoderAsked = true;
            continue;
        }
        if (name == "--seccomp") {
            arguments.isFilterAsked = true;
            continue;
        }
        bool isNumber = false;
        const qint64 value = i + 1 < given.size() ? QByteArray(given[++i]).toLongLong(&isNumber) : 0;
        if (isNumber && name == "--memory")
            arguments.limits.memoryBytes = value;
        else if (isNumber && name == "--seconds")
            arguments.limits.seconds = static_cast<int>(value);
        else if (isNumber && name == "--life-seconds")
            arguments.limits.lifeSeconds = static_cast<int>(value);
        else if (isNumber && name == "--processes")
            arguments.limits.processes = static_cast<int>(value);
        else if (isNumber && name == "--nice")
            arguments.limits.niceness = static_cast<int>(value);
        else
            arguments.areValid = false;
    }
    return arguments;
}

} // namespace

/// Started by photo::Helper, never by a person: orders come in as packets with the photo's descriptor, answers go out as frames.
/// With --decoder it only says what it opens photos with (decoderversion.h), in one line,
/// with --seccomp what one photo may ask of the system (callfilter.h).
int main(int argc, char **argv)
{
    const Arguments arguments = parse({argv, static_cast<std::size_t>(argc)});
    if (!arguments.areValid) {
        std::fputs("photolift-photo is started by Photolift and takes its orders on standard input\n", stderr);
        return 2;
    }
    confine(arguments.limits);
    if (arguments.isDecoderAsked) {
        std::puts(qPrintable(decode::decoderVersion()));
        return 0;
    }
    if (arguments.isFilterAsked) {
        std::fputs(CallFilter::description().c_str(), stdout);
        return 0;
    }
    decode::prepareMetadata();
    bool isHeard = true;
    // Out of memory and the like end the process: the asker knows by the broken stream which photo it was.
    const auto carryOutOne = [&isHeard](const ReceivedOrder &received) {
        carryOut(received.order, received.photo.get(), [&isHeard](const photo::AnswerFrame &frame) { isHeard = sendAnswer(frame) && isHeard; });
    };
    if (arguments.isOneShot) {
        decode::prepareVips(); // ahead of all photos: it takes longer than most of them
        const CallFilter filter;
        serveEachInAChild(arguments.limits, [&filter, &carryOutOne](const ReceivedOrder &received) {
            if (filter.install())
                carryOutOne(received);
        });
        return 0;
    }
    while (isHeard) {
        const std::optional<ReceivedOrder> received = receiveOrder();
        if (!received)
            break;
        allowPhoto(arguments.limits);
        carryOutOne(*received);
    }
    return 0;
}
