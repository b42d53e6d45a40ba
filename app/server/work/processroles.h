#pragma once

namespace photolift::server {

/// What one process of the server does. The embedded server does it all; an organisation may give each to a process of its own.
struct ProcessRoles {
    bool api = true;       ///< answers clients
    bool worker = true;    ///< the server's stages of each photo
    bool scheduler = true; ///< what has to be there in time: the next month's partitions
    bool retention = true; ///< removes what is over: abandoned uploads, orphaned parts, old keys
};

} // namespace photolift::server
