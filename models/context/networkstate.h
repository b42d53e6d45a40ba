#pragma once

#include <QString>

#include <optional>

namespace photolift::context {

/// One way to the network as it stands now.
struct NetworkState {
    QString connectionId;  ///< tells connections apart, stays inside this process: stored only as a hash, never sent
    QString interfaceName;
    QString type = QStringLiteral("unknown"); ///< NetworkFacts::connectionType
    QString carrierName;
    QString subtype;
    std::optional<int> signalPercent; ///< as measured, not rounded
    std::optional<bool> isMetered;
    bool operator==(const NetworkState &) const = default;
};

} // namespace photolift::context
