#pragma once

#include "models/photo/filelook.h"
#include "models/store/changes.h"

#include <QElapsedTimer>
#include <QHash>

namespace photolift::pipeline {

/// The first of the two looks at a photo is the one on record: the walk's, or that of an earlier attempt, which had agreed with one before
/// itself. Says whether it is old enough for the second, by a clock that nobody sets: a look of an earlier run is as old as this one.
/// Lives on the engine's thread.
class FirstLooks
{
public:
    explicit FirstLooks(int stableLookMs);

    void noteWalked(const QUuid &batchId); ///< just now some of its files were seen
    /// None while it is younger than `stableLookMs`.
    std::optional<photo::FileIdentity> of(const store::Item &item) const;
    /// How long the photo waits in the queue until its second look; 0: it is due.
    qint64 msUntilSecond(const store::Item &item) const;

private:
    const int m_stableLookMs;
    QElapsedTimer m_clock;          ///< of this run
    QHash<QUuid, qint64> m_walkedMs; ///< of drops that this run walked
};

} // namespace photolift::pipeline
