#include "app/photo/callfilter.h"
#include "app/photo/limits.h"
#include "app/photo/nursery.h"
#include "app/photo/orderstream.h"
#include "tests/photo/attacks.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <semaphore>
#include <string_view>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift;

namespace {

enum class Confinement { Nothing, LimitsAndFilter, Sandbox };

/// What it was told to try stands in the media type: its name and the target.
void attack(const ReceivedOrder &received)
{
    const QByteArray text = received.order.mediaType.toUtf8();
    const qsizetype bar = text.indexOf('|');
    photo::AnswerFrame frame;
    frame.facts.note = u"no such attack"_s;
    for (const attacks::Attack &attack : attacks::all()) {
        if (text.first(bar) != attack.name)
            continue;
        errno = 0;
        const bool isWon = attack.attempt(text.mid(bar + 1));
        frame.facts.note = isWon ? u"won"_s : u"refused: "_s + QString::fromLatin1(strerrorname_np(errno));
    }
    sendAnswer(frame);
}

}

/// Stands for a photolift-photo that a photo has taken over as soon as it was opened: confined as the real one is, or for comparison less.
int main(int argc, char **argv)
{
    Confinement confinement = Confinement::Sandbox;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--decoder") {
            std::puts("none");
            return 0;
        }
        if (argument == "--unconfined")
            confinement = Confinement::Nothing;
        else if (argument == "--no-namespaces")
            confinement = Confinement::LimitsAndFilter;
    }
    if (confinement != Confinement::Nothing)
        confine({.processes = confinement == Confinement::Sandbox ? 16 : 0});
    const CallFilter filter;
    serveEachInAChild({}, [&](const ReceivedOrder &received) {
        if (received.order.mediaType == "wait"_L1 && ::write(received.photo.get(), "x", 1) == 1)
            std::binary_semaphore(0).acquire();
        if (confinement == Confinement::Nothing || filter.install())
            attack(received);
    });
    return 0;
}
