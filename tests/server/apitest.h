#pragma once

#include "tests/server/apirig.h"

#include <QObject>

namespace photolift::test {

/// What a test of the API is made from: each of its functions takes a turn on SQLite and one on PostgreSQL, with a rig of its own.
class ApiTest : public QObject
{
    Q_OBJECT

protected:
    /// What every function finds done; here: the rig runs.
    virtual void prepare() { rig->start(); }

    /// Asked for, sent and committed; what comes of it is to be waited for.
    wire::Offer committed(const Photo &photo);

    BothEngines engines;
    std::unique_ptr<ApiRig> rig;

private Q_SLOTS:
    void initTestCase_data() { BothEngines::addTurns(); }
    void initTestCase();
    void init()
    {
        rig = engines.rig();
        prepare();
    }
    void cleanup() { rig.reset(); }
};

} // namespace photolift::test
