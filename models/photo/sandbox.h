#pragma once

#include <QString>
#include <QStringList>

namespace photolift::photo {

/// How photolift-photo is started where nothing but /usr/lib, itself and the photos it is handed exists: bubblewrap with namespaces of its
/// own for files, network, processes, users, names and System V objects, as nobody, without rights or an environment, ending with
/// whoever has started it. Started by root it first becomes nobody, so that nobody in there is not root out here.
/// What it may ask of the system, and its limits, photolift-photo sees to by itself (app/photo), with a sandbox and without.
/// `program` is its path; libraries outside of /usr/lib it does not find.
QStringList sandboxCommand(const QString &program);

struct Sandbox {
    QStringList command; ///< for Helper::Options::sandbox; empty: this system has none, see `fault`
    QString decoder;     ///< what the program says it opens photos with (helperdecoder.h), in the sandbox if there is one; may be empty
    QString fault;       ///< why there is none, for the log
};

/// Tries it by starting the program in it. A container often has no namespaces to give, a desktop no bubblewrap. In builds with sanitizers
/// there is none: their reports have to get out. Blocks until a process or two have ended; any thread.
Sandbox findSandbox(const QString &program);

} // namespace photolift::photo
