#include "models/photo/sandbox.h"

#include "models/photo/helperdecoder.h"

#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

#include <array>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::photo {

namespace {

constexpr QLatin1StringView NobodyId("65534");
constexpr QLatin1StringView ProgramInside("/photolift-photo");
/// The optional parts of libvips that accepted kinds need; the others open documents, slides and whatever ImageMagick can (C-19).
constexpr std::array NeededModules{"vips-heif.so"_L1, "vips-jxl.so"_L1};

/// Everything is looked for where Debian has it, not along somebody's PATH.
QString bubblewrap()
{
    return QStandardPaths::findExecutable(u"bwrap"_s, {u"/usr/bin"_s, u"/usr/local/bin"_s});
}

/// A folder for each kind of processor and version.
QStringList moduleFolders()
{
    QStringList folders;
    const QFileInfoList libraries = QDir(u"/usr/lib"_s).entryInfoList(QDir::Dirs | QDir::NoDotAndDotDot);
    for (const QFileInfo &library : libraries) {
        const QStringList modules = QDir(library.filePath()).entryList({u"vips-modules-*"_s}, QDir::Dirs);
        for (const QString &folder : modules)
            folders.append(library.filePath() + u'/' + folder);
    }
    return folders;
}

QStringList neededModules()
{
    QStringList arguments;
    const QStringList folders = moduleFolders();
    for (const QString &folder : folders) {
        arguments << u"--tmpfs"_s << folder;
        for (const QLatin1StringView module : NeededModules) {
            const QString path = folder + u'/' + module;
            arguments << u"--ro-bind-try"_s << path << path;
        }
    }
    return arguments;
}

QStringList systemLibraries()
{
    QStringList arguments{u"--ro-bind"_s, u"/usr/lib"_s, u"/usr/lib"_s};
    for (const QString &name : {u"lib64"_s, u"lib"_s}) {
        const QString inUsr = u"/usr/"_s + name;
        if (name != "lib"_L1 && QFileInfo(inUsr).isDir())
            arguments << u"--ro-bind"_s << inUsr << inUsr;
        const QFileInfo top(u'/' + name);
        if (top.isSymLink())
            arguments << u"--symlink"_s << inUsr.mid(1) << top.filePath();
        else if (top.isDir())
            arguments << u"--ro-bind"_s << top.filePath() << top.filePath();
    }
    return arguments + neededModules();
}

} // namespace

QStringList sandboxCommand(const QString &program)
{
    QStringList command;
    if (::geteuid() == 0)
        command << u"/usr/bin/setpriv"_s << u"--reuid"_s << NobodyId << u"--regid"_s << NobodyId << u"--clear-groups"_s;
    command << bubblewrap() << u"--unshare-all"_s << u"--die-with-parent"_s << u"--uid"_s << NobodyId << u"--gid"_s << NobodyId << u"--cap-drop"_s << u"ALL"_s;
    command << systemLibraries();
    command << u"--dev-bind"_s << u"/dev/null"_s << u"/dev/null"_s;
    command << u"--ro-bind"_s << QFileInfo(program).canonicalFilePath() << ProgramInside;
    // What is left of the file system is a tmpfs, which nothing needs to write to.
    return command << u"--remount-ro"_s << u"/"_s << u"--chdir"_s << u"/"_s << u"--"_s << ProgramInside;
}

Sandbox findSandbox(const QString &program)
{
    Sandbox found;
#ifdef PHOTOLIFT_SANITIZED
    found.fault = u"built with sanitizers"_s;
#else
    if (bubblewrap().isEmpty()) {
        found.fault = u"bubblewrap is not installed"_s;
    } else if (!QFileInfo(program).isExecutable()) {
        found.fault = program + u" is not there, or this user may not get at it"_s;
    } else {
        found.command = sandboxCommand(program);
        found.decoder = helperDecoder(found.command);
        if (!found.decoder.isEmpty())
            return found;
        found.command.clear();
        found.fault = u"bubblewrap cannot start photolift-photo here; what it says about it is on standard error"_s;
    }
#endif
    found.decoder = helperDecoder({program});
    return found;
}

} // namespace photolift::photo
