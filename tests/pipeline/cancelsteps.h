#pragma once

#include "tests/pipeline/enginerig.h"

/// How the tests of cancel and undo come to where they begin.
namespace photolift::pipeline::cancelsteps
{

/// Drops a.jpg; nothing is sent before resumeAll(). False: it does not wait, and so below.
bool dropOneThatWaits(EngineRig &rig);

/// one/a.jpg and one/b.jpg, then two/c.jpg, likewise; the first of the two drops, null when they do not wait.
QUuid dropTwoThatWait(EngineRig &rig);

/// Drops a.jpg, which is there, until the answer that `held` holds is awaited, and cancels it; the cancel is on disk and offered.
bool cancelUnderWay(EngineRig &rig, const support::Fault &held);

/// Drops a folder of many photos, paused, and cancels it as soon as the first of them are in the list; what was cancelled.
QList<QUuid> cancelWhileCounting(EngineRig &rig, int photos);

} // namespace photolift::pipeline::cancelsteps
