#pragma once

#include <QByteArray>
#include <QList>

namespace photolift::attacks {

/// What a photo that has taken over its process might try against the rest of the machine.
struct Attack {
    const char *name;
    /// True: it got what it wanted. `target`: a path or port, for those that need one. Sets errno otherwise.
    bool (*attempt)(const QByteArray &target);
    /// It gets what it wants in a process that nobody has confined, whatever the machine and whoever has started it: so the test can fail.
    bool worksAnywhere = false;
};

QList<Attack> onFiles();     ///< reading, writing, looking round
QList<Attack> onProcesses(); ///< its parent, its neighbours, other programs
QList<Attack> onNetwork();
QList<Attack> onSystem();    ///< rights, the kernel's rarely used doors, more than its share
QList<Attack> all();

} // namespace photolift::attacks
