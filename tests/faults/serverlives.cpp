#include "tests/faults/serverlives.h"

#include "tests/support/serverrun.h"

#include <QDir>
#include <QFile>

using namespace Qt::StringLiterals;

namespace photolift::faults {

namespace {

bool writeFile(const QString &path, const QByteArray &content)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

}

ServerLives::ServerLives(const QString &photoProgram)
{
    const QString programs = support::programFolder();
    m_server = programs + u"/photolift-server"_s;
    // A copy, because a program finds its siblings beside the file that it is, not beside a link to it.
    QFile::copy(programs + u"/photolift-cli"_s, client());
    QFile::link(programs + u"/photolift-photo"_s, m_folder.filePath(u"photolift-photo"_s));
    if (!photoProgram.isEmpty()) {
        const QString served = m_folder.filePath(u"served"_s);
        QDir().mkpath(served);
        m_server = served + u"/photolift-server"_s;
        QFile::copy(programs + u"/photolift-server"_s, m_server);
        QFile::link(photoProgram, served + u"/photolift-photo"_s);
    }
    const QString server = m_folder.filePath(u"photolift-server"_s);
    writeFile(server, "#!/bin/sh\n"
                      "here=$(dirname \"$0\")\n"
                      "life=$(($(cat \"$here/lives\" 2>/dev/null || echo 0) + 1))\n"
                      "echo $life > \"$here/lives\"\n"
                      "[ -f \"$here/before-$life\" ] && . \"$here/before-$life\"\n"
                      "exec '" + QFile::encodeName(m_server) + "' \"$@\"\n");
    QFile::setPermissions(server, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
}

bool ServerLives::before(int life, const QByteArray &lines) const
{
    return writeFile(m_folder.filePath(u"before-%1"_s.arg(life)), lines + '\n');
}

int ServerLives::count() const
{
    QFile file(m_folder.filePath(u"lives"_s));
    return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed().toInt() : 0;
}

void ServerLives::reset() const
{
    QDir folder(m_folder.path());
    const QStringList notes = folder.entryList({u"before-*"_s, u"lives"_s}, QDir::Files);
    for (const QString &note : notes)
        folder.remove(note);
}

} // namespace photolift::faults
