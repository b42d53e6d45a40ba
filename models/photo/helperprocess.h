#pragma once

#include "models/photo/filedescriptor.h"
#include "models/photo/helper.h"
#include "models/photo/helperprotocol.h"

#include <QDeadlineTimer>

#include <optional>
#include <sys/types.h>

namespace photolift::photo {

/// One running photolift-photo. Blocking; belongs to one thread, which has to outlive it: the child dies with that thread.
class HelperProcess
{
public:
    /// How reading an answer ended.
    enum class Outcome { Answered, Died, TimedOut, Nonsense, Interrupted };

    /// `interruptDescriptor` becoming readable ends every wait; not owned.
    HelperProcess(const Helper::Options &options, int interruptDescriptor);
    ~HelperProcess(); ///< ends the child at once
    HelperProcess(const HelperProcess &) = delete;
    HelperProcess &operator=(const HelperProcess &) = delete;

    /// Starts the child when none runs that may map a photo of so many bytes. False: the system has no process or descriptor left (errno).
    bool start(qint64 photoBytes);
    /// The child that runs has too little processor time left of its life for another photo.
    bool isUsedUp() const;
    bool isRunning() const { return m_child > 0; }
    void kill();

    bool send(const OrderFrame &order, int photoDescriptor);
    /// The next frame, waiting until `deadline` at most. After anything but Answered the child was killed.
    Outcome receive(AnswerFrame &frame, const QDeadlineTimer &deadline);
    /// How the last child ended, for the log, such as "signal 9"; empty while it runs.
    QString ending() const;
    /// The signal that ended it; 0: none did.
    int endingSignal() const;

private:
    void noteEndingOfOneShot();
    Outcome readExactly(QByteArray &bytes, qsizetype count, const QDeadlineTimer &deadline);
    Outcome readFrame(AnswerFrame &frame, const QDeadlineTimer &deadline);

    const Helper::Options &m_options;
    int m_interrupt;
    pid_t m_child = 0;
    qint64 m_room = 0; ///< bytes of the largest photo that the child may map
    FileDescriptor m_orders;  ///< our end of the child's standard input
    FileDescriptor m_answers; ///< our end of its standard output, or of the pipe for one order
    FileDescriptor m_endings; ///< one shot: how the children of the child end
    FileDescriptor m_death;   ///< readable once the child has ended
    std::optional<int> m_ending; ///< as waitpid() has it
};

} // namespace photolift::photo
