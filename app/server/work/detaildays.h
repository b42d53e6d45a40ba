#pragma once

namespace photolift::server {

/// How long the details of attempts stay (ANALYTICS 4), in days; 7 at least.
struct DetailDays {
    int stages = 30;
    int errors = 180;
    int attempts = 400; ///< of which nothing is left but themselves (trimattempts.h)
    /// A month of which ops_dirty_day has a day stays until that day's aggregates have been made: afterwards nobody could.
    bool isWaitingForMarts = true;
};

} // namespace photolift::server
