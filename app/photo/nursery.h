#pragma once

#include "app/photo/limits.h"
#include "app/photo/orderstream.h"

#include <functional>

namespace photolift {

/// Serves one order after the other, each in a child of its own that is forked for it and sees no other photo: loading the libraries and
/// starting libvips costs more than most photos do, and this way is done once. The process itself never opens a photo, and must have no
/// other thread. The child holds the photo, its own answers' pipe and nothing of who comes before or after; whatever it leaves running
/// is ended with it. How it ended is told on standard output, as the status of waitpid(), before its answers' pipe closes.
/// Returns when no more orders can come.
void serveEachInAChild(const Limits &limits, const std::function<void(const ReceivedOrder &)> &carryOutOne);

} // namespace photolift
