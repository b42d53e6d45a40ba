#include "tests/faults/faultyrun.h"

#include "tests/faults/faultyfiles/faultynotes.h"

#include <new>

using namespace Qt::StringLiterals;

namespace photolift::faults {

namespace {

QString wordFor(FileFault fault)
{
    switch (fault) {
    case FileFault::None:
    case FileFault::IoError:
    case FileFault::IoErrorForEver:
        return u"eio"_s;
    case FileFault::NoSpace:
    case FileFault::NoSpaceForEver:
        return u"enospc"_s;
    case FileFault::Kill:
        return u"kill"_s;
    case FileFault::TornKill:
        return u"torn"_s;
    case FileFault::PowerCut:
        return u"cut"_s;
    }
    return {};
}

}

FaultyRun::FaultyRun(const QByteArray &below)
    : m_below(below)
    , m_file(m_folder.filePath(u"notes"_s))
{
    if (m_file.open(QIODevice::ReadWrite) && m_file.resize(sizeof(FaultyNotes)))
        m_notes = reinterpret_cast<FaultyNotes *>(m_file.map(0, sizeof(FaultyNotes)));
    Q_ASSERT(m_notes);
}

QStringList FaultyRun::environment(FileFault fault, qint64 at)
{
    new (m_notes) FaultyNotes{};
    m_at = at;
    const bool isForEver = fault == FileFault::IoErrorForEver || fault == FileFault::NoSpaceForEver;
    QStringList lines{u"LD_PRELOAD="_s + QFile::decodeName(qgetenv("PHOTOLIFT_BIN")) + u"/libfaultyfiles.so"_s,
                      u"FAULTY_BELOW="_s + QFile::decodeName(m_below),
                      u"FAULTY_NOTES="_s + m_file.fileName(),
                      u"FAULTY_AT="_s + QString::number(fault == FileFault::None ? 0 : at),
                      u"FAULTY_HOW="_s + wordFor(fault),
                      u"FAULTY_FOREVER="_s + (isForEver ? u"1"_s : u"0"_s)};
    // The address sanitizer wants to be the first library; it is there all the same, behind ours.
    if (qEnvironmentVariableIsSet("ASAN_OPTIONS"))
        lines += u"ASAN_OPTIONS="_s + qEnvironmentVariable("ASAN_OPTIONS") + u":verify_asan_link_order=0"_s;
    return lines;
}

void FaultyRun::meetNow()
{
    m_notes->calls = m_at - 1;
}

qint64 FaultyRun::calls() const
{
    return m_notes->calls;
}

QString FaultyRun::met() const
{
    return QString::fromLocal8Bit(m_notes->met);
}

} // namespace photolift::faults
