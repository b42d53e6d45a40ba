#pragma once

namespace photolift::server {

/// The calling thread gets processor and disk only when nobody else wants them. Where the system refuses, it stays as it is.
void takeLowestPriority();

} // namespace photolift::server
