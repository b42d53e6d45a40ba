#pragma once

#include <QFile>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

namespace photolift::faults {

struct FaultyNotes;

/// What one system call of a run meets; see faultyfiles/faultyfiles.cpp.
enum class FileFault { None, IoError, IoErrorForEver, NoSpace, NoSpaceForEver, Kill, TornKill, PowerCut };

/// The environment in which the programs of a run meet a fault at their n-th call that changes a file below a folder.
class FaultyRun
{
    Q_DISABLE_COPY_MOVE(FaultyRun)
public:
    /// `below`: the folder, as the programs name it.
    explicit FaultyRun(const QByteArray &below);

    /// Counts from zero again; for CliRun::setEnvironment() or a process of the test's own.
    QStringList environment(FileFault fault, qint64 at);
    /// The next call is the one that meets the fault, however many there were.
    void meetNow();
    qint64 calls() const; ///< counted in the run
    QString met() const;  ///< the call that met the fault; empty: there was none

private:
    QTemporaryDir m_folder;
    QByteArray m_below;
    QFile m_file;
    FaultyNotes *m_notes = nullptr;
    qint64 m_at = 0;
};

} // namespace photolift::faults
