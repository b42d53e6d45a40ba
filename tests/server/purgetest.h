#pragma once

#include "app/server/work/purge.h"
#include "app/server/work/retentiontable.h"
#include "app/server/work/withdrawaltable.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"

#include <QTest>

namespace photolift::test {

inline constexpr qint64 DayMs = 24LL * 3600 * 1000;

/// What a test of the purge is made from: each round as the login of retention.
class PurgeTest : public ApiTest
{
    Q_OBJECT

protected:
    void prepare() override
    {
        rig->start();
        auto opened = server::DatabaseThreads::open({.path = rig->options.dataFolder + QStringLiteral("/server.sqlite"),
                                                     .postgres = rig->options.retentionLogin,
                                                     .writers = 1,
                                                     .readers = 1});
        QVERIFY2(opened, qPrintable(opened ? QString() : opened.error().detail));
        m_database = *std::move(opened);
    }
    void round() { server::purge(rig->store, *m_database); }
    /// Both phases of everything overdue.
    void purgeAll()
    {
        round();
        passDays(2);
        round();
    }
    void setDays(std::optional<int> days, const QString &account = QStringLiteral("local"))
    {
        rig->onDatabase([&](const QSqlDatabase &database) {
            QVERIFY(server::RetentionTable(database).setDays(account, photoOf(1).question.project.projectId, days));
        });
    }
    /// As if that time had passed.
    void passDays(int days)
    {
        rig->change(QStringLiteral("UPDATE server_assets SET created_ms = created_ms - %1, wanted_ms = wanted_ms - %1, purge_ms = purge_ms - %1")
                        .arg(days * DayMs));
    }
    int count(const QString &table) const { return rig->sql(QStringLiteral("SELECT count(*) FROM ") + table).toInt(); }
    bool isStored(const Photo &photo) { return *rig->store.hasObject(photo.sha256, photo.bytes.size()); }
    /// As of another project of this person.
    static Photo inAnotherProject(Photo photo)
    {
        wire::Question &question = photo.question;
        question.project.projectId = question.batch.projectId = question.attempt.projectId = newUuid7();
        question.project.name = QStringLiteral("Another");
        question.batch.batchId = question.attempt.batchId = newUuid7();
        question.attempt.clientUploadId = newUuid7();
        question.attempt.startedMs = instantOf(question.attempt.clientUploadId);
        question.attempt.itemId = newUuid7();
        return photo;
    }

    std::unique_ptr<server::DatabaseThreads> m_database;
};

} // namespace photolift::test
