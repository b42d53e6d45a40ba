#pragma once

#include "models/photo/helperprotocol.h"

#include <functional>

namespace photolift {

/// Does what is asked with one photo. Every frame of the answer goes to `send`, the last one marked so; Everything sends one for each
/// step, so that a crash in a later one does not take the earlier ones along. Throws std::bad_alloc when memory has run out.
void carryOut(const photo::OrderFrame &order, int photoDescriptor, const std::function<void(const photo::AnswerFrame &)> &send);

} // namespace photolift
