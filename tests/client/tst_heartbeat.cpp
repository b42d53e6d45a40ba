#include "app/client/heartbeat.h"
#include "models/context/surroundingsprobe.h"
#include "models/store/archive.h"
#include "models/store/jsonkeys.h"
#include "models/store/recorder.h"
#include "tests/faults/checker/rows.h"
#include "tests/store/queuesamples.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using client::Heartbeat;

/// What a client says of itself, over a real database.
class TestHeartbeat : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        auto recorder = store::Recorder::open(path());
        QVERIFY(recorder);
        m_recorder = *std::move(recorder);
        auto archive = store::Archive::open(path());
        QVERIFY(archive);
        m_archive = *std::move(archive);
        m_probe = std::make_unique<context::SurroundingsProbe>(
            context::SurroundingsProbe::Sources{.root = m_folder->filePath(u"nothing"_s), .busAddress = u"unix:path=/nowhere"_s});
    }
    void cleanup()
    {
        m_archive.reset();
        m_recorder.reset();
    }

    void theStopTellsTheQueueAsItIsThen()
    {
        const auto heart = heartbeat(std::chrono::hours(1));
        heart->start();
        QTRY_COMPARE(beats().size(), 1);
        QCOMPARE(figures(beats().first()), figuresOf(0, 0, 0, 0, 0));
        QCOMPARE(beats().first().value("is_start"_L1), 1);
        QCOMPARE(beats().first().value("oldest_wait_ms"_L1), 0);

        const BatchRecord free = drop({ItemState::Queued, ItemState::Queued, ItemState::WaitingToRetry, ItemState::Running,
                                       ItemState::NeedsYou, ItemState::Succeeded, ItemState::Skipped});
        const BatchRecord held = drop({ItemState::Queued, ItemState::WaitingToRetry, ItemState::NeedsYou});
        record({store::BatchPaused{held.batchId, true}});
        stop(*heart);

        const QJsonObject last = beats().last();
        QCOMPARE(figures(last), figuresOf(2, 1, 2, 1, 2));
        QCOMPARE(last.value("is_stop"_L1), 1);
        QVERIFY(!last.contains("is_start"_L1));
        QCOMPARE(last.value("outbox_depth"_L1).toInt(), 1 + 2 * 2); // the first beat; projects and batches
        QVERIFY(last.value("oldest_wait_ms"_L1).toInteger() >= nowMs() - free.createdMs - 60'000);
    }

    void whilePeopleHoldEverythingNothingWaitsForItsTurn()
    {
        const auto heart = heartbeat(std::chrono::hours(1));
        drop({ItemState::Queued, ItemState::WaitingToRetry, ItemState::Running});
        record({store::SettingChanged{u"paused"_s, u"1"_s}});

        stop(*heart);

        QCOMPARE(figures(beats().last()), figuresOf(0, 0, 2, 1, 0));
    }

    void betweenStartAndStopItBeatsAtItsPace()
    {
        const auto heart = heartbeat(std::chrono::milliseconds(20));
        heart->start();
        QTRY_VERIFY(beats().size() >= 4);

        stop(*heart);
        const QList<QJsonObject> told = beats();

        for (qsizetype i = 1; i < told.size() - 1; ++i) {
            QVERIFY(!told.at(i).contains("is_start"_L1) && !told.at(i).contains("is_stop"_L1));
            QVERIFY(told.at(i).contains("outbox_depth"_L1) && told.at(i).contains("free_disk_mb"_L1));
            QCOMPARE(figures(told.at(i)), figuresOf(0, 0, 0, 0, 0));
        }
        for (const QJsonObject &metrics : told)
            QCOMPARE(store::undocumentedKeys(store::JsonColumn::Metrics, metrics), QStringList());
    }

    void unlessToldOtherwiseItBeatsEveryQuarterOfAnHour()
    {
        const Heartbeat heart(*m_recorder, *m_archive, *m_probe, m_folder->path(), true);

        QCOMPARE(heart.pace(), std::chrono::minutes(15));
    }

private:
    QString path() const { return m_folder->filePath(u"photolift.db"_s); }

    std::unique_ptr<Heartbeat> heartbeat(std::chrono::milliseconds pace) const
    {
        return std::make_unique<Heartbeat>(*m_recorder, *m_archive, *m_probe, m_folder->path(), true, pace);
    }

    void record(const store::Changes &changes) const { VERIFY_OK(samples::resultOf(m_recorder->recordDurably(changes))); }

    BatchRecord drop(const QList<ItemState> &states) const
    {
        ProjectRecord project = samples::project();
        project.name = idText(project.projectId); // a person has each name once
        const store::BatchAccepted accepted = samples::accepted(project);
        store::ItemsFound found{accepted.batch.batchId, samples::items(accepted.batch, states.size())};
        for (qsizetype i = 0; i < states.size(); ++i)
            found.items[i].state = states.at(i);
        record({accepted, found});
        return accepted.batch;
    }

    void stop(Heartbeat &heart) const
    {
        QSignalSpy stopped(&heart, &Heartbeat::stopped);
        heart.stop();
        QVERIFY(stopped.wait());
        record({}); // what was told before is written
    }

    /// The metrics of all beats, in their order.
    QList<QJsonObject> beats() const
    {
        QList<QJsonObject> all;
        const auto rows = check::Rows::open(path());
        if (rows) {
            (*rows)->each(u"SELECT metrics FROM fact_client_heartbeats ORDER BY captured_timestamp, heartbeat_id"_s, [&](const QSqlQuery &row) {
                all.append(QJsonDocument::fromJson(row.value(0).toByteArray()).object());
            });
        }
        return all;
    }

    static QString figuresOf(int waiting, int waitingToRetry, int paused, int running, int needsYou)
    {
        return u"%1 wait, %2 to retry, %3 are held, %4 run, %5 need you"_s.arg(waiting).arg(waitingToRetry).arg(paused).arg(running).arg(needsYou);
    }
    static QString figures(const QJsonObject &metrics)
    {
        const auto number = [&metrics](QLatin1StringView key) { return metrics.value(key).toInt(-1); };
        return figuresOf(number("queue_waiting"_L1), number("queue_waiting_to_retry"_L1), number("queue_paused"_L1),
                         number("queue_running"_L1), number("queue_needs_you"_L1));
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<store::Recorder> m_recorder;
    std::unique_ptr<store::Archive> m_archive;
    std::unique_ptr<context::SurroundingsProbe> m_probe;
};

QTEST_GUILESS_MAIN(TestHeartbeat)
#include "tst_heartbeat.moc"
