#pragma once

#include "models/photo/filedescriptor.h"
#include "models/photo/helperprotocol.h"

#include <optional>

namespace photolift {

struct ReceivedOrder {
    photo::OrderFrame order;
    photo::FileDescriptor photo;
    photo::FileDescriptor answers; ///< where to answer this order, when it says so; else standard output
};

/// The next order on standard input; waits for it. nullopt: the input has ended, or does not speak our language.
std::optional<ReceivedOrder> receiveOrder();

/// Writes one frame to standard output. False: nobody reads it any more.
bool sendAnswer(const photo::AnswerFrame &frame);

} // namespace photolift
