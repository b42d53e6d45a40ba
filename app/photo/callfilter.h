#pragma once

#include <memory>
#include <string>

namespace photolift {

/// What a process that opens a photo may ask of the system: as little as opening the photos of the collection was seen to need
/// (tests/photo/systemcalls.py). What no library has a reason to ask ends the process; everything else is refused with EPERM, because
/// libraries do try for a file of settings or a cache and go on without. Made once and installed in each child, whose threads have it too.
/// In builds with sanitizers, whose reports need more than that, install() does nothing.
class CallFilter
{
public:
    CallFilter(); ///< throws std::bad_alloc
    ~CallFilter();
    CallFilter(const CallFilter &) = delete;
    CallFilter &operator=(const CallFilter &) = delete;

    /// From here on, for this process and for good. False: the system has no filters (errno), and no photo may be opened.
    bool install() const;

    /// The list for people, a call on each line with what is asked of its arguments, and how long it is.
    static std::string description();

private:
    struct Release {
        void operator()(void *filter) const;
    };
    std::unique_ptr<void, Release> m_filter;
};

} // namespace photolift
