#pragma once

#include "models/wire/messages.h"
#include "tests/support/crowd.h"

#include <QMap>
#include <QSet>
#include <QStringList>

namespace photolift::support
{

/// What a crowd of desktops was told and has told.
struct CrowdTally {
    QStringList faults;              ///< answers that no desktop may get, in words
    QMap<QByteArray, int> answers;   ///< such as "429 POST /v1/events": how many
    QHash<QString, qint64> accepted; ///< SHA-256 of what was committed (202), and its size
    QSet<QString> verified;          ///< of these: said to be stored, checked and safe, and at a good end
    QStringList attempts, stages, errors, photos,
        heartbeats;         ///< ids of rows that a batch answered 200 told of; "ATTEMPT NAME" for a stage
    qsizetype applied = 0;  ///< events, as the server counted them
    qsizetype replayed = 0; ///< events sent once more after they were applied
    qsizetype repeated = 0; ///< as the server counted them

    void fault(const QString &words)
    {
        if (faults.size() < 20) // the first ones tell
            faults.append(words);
    }
};

/// One desktop of many: signs in, asks for a place for one small photo after the other, gets links, puts the bytes into
/// the store, commits, waits for the end by long polls and mirrors its rows meanwhile. A 429 or 503 with Retry-After is
/// obeyed; everything else that is no success, and a photo that does not come to its good end, is a fault of the tally.
class SimulatedDesktop
{
    Q_DISABLE_COPY_MOVE(SimulatedDesktop)
public:
    /// `number`: its own among all. Crowd and tally outlive it, and it outlives live().
    SimulatedDesktop(Crowd &crowd, QUrl server, QByteArray deviceToken, int number, CrowdTally &tally);

    /// Begins no photo after `end`, and ends with the last one's end.
    Crowd::Client live(Crowd::Clock::time_point end);
    /// Waits for changes that never come, call after call, until `end`.
    Crowd::Client idle(Crowd::Clock::time_point end);
    /// Asks for links of one unfinished upload, call after call, until `end`; each time 16 parts.
    Crowd::Client askForLinks(Crowd::Clock::time_point end);

private:
    struct Photo;
    using Answer = Crowd::Answer;

    Crowd::Task<bool> signIn();
    Crowd::Task<Answer> call(QByteArray method, QByteArray path, QByteArray body, Crowd::Fields more = {});
    Crowd::Task<Answer> obey(Crowd::Request request, QByteArray what);
    Crowd::Task<bool> bring(int index);
    Crowd::Task<bool> put(const Photo &photo, const wire::PartLink &link);
    Crowd::Task<bool> tell(QList<wire::MirrorEvent> events);
    Crowd::Task<bool> waitForEnd(const Photo &photo, QUuid upload);
    Crowd::Task<QUuid> askFor(const Photo &photo);
    Photo makePhoto(int index) const;
    HeartbeatRecord heartbeatRecord() const;

    Crowd &m_crowd;
    const QUrl m_server;
    const QByteArray m_deviceToken;
    const int m_number;
    CrowdTally &m_tally;
    QByteArray m_accessToken;
    const QUuid m_project;
    const QUuid m_batch;
    int m_batches = 0; ///< sent
};

} // namespace photolift::support
