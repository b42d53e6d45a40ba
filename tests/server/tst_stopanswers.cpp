#include "models/vocabulary/ids.h"
#include "models/wire/messages.h"
#include "tests/server/desk.h"
#include "tests/support/organisationrun.h"
#include "tests/support/rawclient.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QScopeGuard>
#include <QTest>

#include <atomic>
#include <mutex>
#include <thread>

using namespace Qt::StringLiterals;
using namespace photolift;
using support::OrganisationRun;
using test::Desk;
using test::Photo;
using test::RawAnswer;
using test::RawClient;

namespace {

/// One kind of call, and what it is answered as long as nobody stops the server.
struct Call {
    QByteArray name;
    QByteArray request;
    int usual = 200;
};

/// What only asks has no body.
QByteArray asking(const Desk &desk, const QByteArray &path)
{
    return "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + QByteArray::number(desk.port) + "\r\n"
        + (desk.token.isEmpty() ? QByteArray() : "Authorization: Bearer " + desk.token + "\r\n") + "\r\n";
}

/// What calls were answered, from several threads.
class Answers
{
public:
    /// 0: the line was refused or closed without a word, which every client takes for a server that is away.
    void add(const Call &call, const RawAnswer &answer)
    {
        const std::scoped_lock lock(m_mutex);
        ++m_counts[answer.status == call.usual ? 200 : answer.status];
        const bool isTold = answer.status == 503 || answer.status == 429;
        if (answer.status != 0 && answer.status != call.usual && !(isTold && answer.headers.value("retry-after").toInt() > 0))
            m_wrong.append(QString::fromLatin1(call.name) + u' ' + QString::number(answer.status) + u' ' + QString::fromUtf8(answer.body));
    }
    QStringList wrong() const
    {
        const std::scoped_lock lock(m_mutex);
        return m_wrong;
    }
    /// 200 stands for the usual answer of each.
    int count(int status) const
    {
        const std::scoped_lock lock(m_mutex);
        return m_counts.value(status);
    }

private:
    mutable std::mutex m_mutex; ///< guards both
    QHash<int, int> m_counts;
    QStringList m_wrong;
};

/// What an id says alone has no body, either.
QByteArray telling(const Desk &desk, const QByteArray &path)
{
    return "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + QByteArray::number(desk.port) + "\r\nAuthorization: Bearer " + desk.token
           + "\r\nIdempotency-Key: " + idText(newUuid7()).toLatin1() + "\r\nContent-Length: 0\r\n\r\n";
}

} // namespace

/// Whoever calls while the server ends is answered as always, told to come again, or finds nobody: never that a good token is none, that
/// something is not there, or that the server has failed.
class TestStopAnswers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void nobodyIsToldAnythingElse();

private:
    Desk deskOf(const QString &user, const QString &role);
    /// Each route that takes a token, and the others.
    QList<Call> calls();

    OrganisationRun m_organisation;
    Desk m_desk;
    Desk m_coordinator;
    QByteArray m_deviceToken;
    Photo m_held = test::photoOf(1);
    QUuid m_heldUpload;
};

Desk TestStopAnswers::deskOf(const QString &user, const QString &role)
{
    m_organisation.command({u"user"_s, u"add"_s, user, u"--role"_s, role});
    Desk desk{static_cast<quint16>(m_organisation.address().port()), {}};
    desk.signIn(m_organisation.command({u"token"_s, u"create"_s, user}));
    return desk;
}

void TestStopAnswers::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    m_organisation.setDrainSeconds(25);
    QVERIFY2(m_organisation.startServer(), qPrintable(m_organisation.failure()));
    m_desk = deskOf(u"anna"_s, u"photographer"_s);
    m_coordinator = deskOf(u"carla"_s, u"coordinator"_s);
    m_deviceToken = m_organisation.command({u"token"_s, u"create"_s, u"anna"_s}).trimmed();
    QVERIFY(!m_desk.token.isEmpty() && !m_coordinator.token.isEmpty() && !m_deviceToken.isEmpty());
    m_heldUpload = m_desk.sent(m_held);
}

QList<Call> TestStopAnswers::calls()
{
    const Photo stored = test::photoOf(2);
    const QUuid upload = m_desk.sent(stored);
    (void)m_desk.call(Desk::path(upload, "/commit"), wire::toJson(test::commitOf(stored)), 202);
    if (!QTest::qWaitFor([&] { return m_desk.status(upload).status == Status::Succeeded; }, 60'000))
        return {};
    const Photo open = test::photoOf(3);
    const QUuid openUpload = m_desk.ask(open);
    const QUuid abortedUpload = m_desk.ask(test::photoOf(4));
    wire::LinkRequest parts;
    parts.parts.append({1, open.bytes.size(), Desk::hexOf(photo::DigestKind::Md5, open.bytes)});
    HeartbeatRecord heartbeat;
    heartbeat.heartbeatId = newUuid7();
    heartbeat.surroundings = stored.question.attempt.surroundings;
    heartbeat.capturedMs = nowMs();
    const wire::MirrorEvent event{heartbeat.heartbeatId, wire::MirrorEvent::Kind::Heartbeat, toJson(heartbeat)};
    const QByteArray photo = idText(stored.question.attempt.clientUploadId).toLatin1();
    const QByteArray batch = idText(stored.question.attempt.batchId).toLatin1();
    const QByteArray project = m_organisation.sql(u"SELECT project_id FROM dim_projects WHERE project_key > 0 LIMIT 1"_s).toLatin1();
    Desk nobody{m_desk.port, {}};

    return {
        {"info", asking(m_desk, "/v1/info")},
        {"token", nobody.request("POST /v1/token", wire::toJson(wire::TokenRequest{QString::fromLatin1(m_deviceToken)}))},
        {"ask", m_desk.request("POST /v1/uploads", wire::toJson(stored.question))},
        {"links", m_desk.request(Desk::path(openUpload, "/links"), wire::toJson(parts))},
        {"commit", m_desk.request(Desk::path(upload, "/commit"), wire::toJson(test::commitOf(stored))), 202},
        {"abort", m_desk.request(Desk::path(abortedUpload, "/abort"), {})},
        {"status", m_desk.request("POST /v1/status", wire::toJson(wire::StatusQuery{{{upload, 0}}, 0}))},
        {"events", m_desk.request("POST /v1/events", wire::toJson(event))},
        {"photo link", asking(m_desk, "/v1/photos/" + photo + "/link")},
        {"photo restored", telling(m_desk, "/v1/photos/" + photo + "/restore")},
        {"batch restored", telling(m_desk, "/v1/batches/" + batch + "/restore")},
        {"projects", asking(m_coordinator, "/v1/projects")},
        {"project state", m_coordinator.request("POST /v1/projects/" + project + "/state", {{u"state"_s, u"complete"_s}})},
        {"healthz", asking(nobody, "/healthz")},
        {"readyz", asking(nobody, "/readyz")},
    };
}

void TestStopAnswers::nobodyIsToldAnythingElse()
{
    const QList<Call> all = calls();
    QVERIFY(!all.isEmpty());
    for (const Call &call : all) {
        const RawAnswer answer = RawClient(m_desk.port).ask(call.request);
        QVERIFY2(answer.status == call.usual, qPrintable(QString::fromLatin1(call.name) + QString::number(answer.status) + QString::fromUtf8(answer.body)));
    }

    QSqlDatabase held = m_organisation.openDatabase(u"held"_s);
    Answers answers;
    Answers late;
    {
        // Of each kind: one that calls again and again, now on the same line, now on another.
        std::atomic<bool> isOver = false;
        std::atomic<int> calling = 0;
        std::vector<std::thread> threads;
        for (const Call &call : all) {
            threads.emplace_back([&answers, &isOver, &calling, &call, port = m_desk.port] {
                bool isFirst = true;
                while (!isOver) {
                    RawClient line(port);
                    for (int i = 0; i < 3; ++i) {
                        const RawAnswer answer = line.isConnected() ? line.ask(call.request) : RawAnswer();
                        answers.add(call, answer);
                        calling += std::exchange(isFirst, false) ? 1 : 0;
                        if (answer.status == 0)
                            break;
                    }
                }
            });
        }
        const auto end = [&] {
            isOver = true;
            for (std::thread &thread : threads) {
                if (thread.joinable())
                    thread.join();
            }
        };
        const QScopeGuard ending(end);
        const bool areCalling = QTest::qWaitFor([&] { return calling == all.size(); }, 20'000);
        // And of each kind two that have begun to speak when the end begins.
        std::vector<std::unique_ptr<RawClient>> begun;
        constexpr int Halves = 2;
        constexpr qsizetype Said = 12; ///< bytes of the head
        for (int half = 0; half < Halves; ++half) {
            for (const Call &call : all) {
                begun.push_back(std::make_unique<RawClient>(m_desk.port));
                QVERIFY(begun.back()->send(call.request.first(Said)));
            }
        }
        QSqlQuery hold(held);
        QVERIFY(hold.exec(u"SELECT pg_backend_pid()"_s) && hold.next());
        const QString waiting = u"SELECT count(*) FROM pg_stat_activity WHERE %1 = ANY (pg_blocking_pids(pid))"_s.arg(hold.value(0).toInt());
        QVERIFY(held.transaction() && hold.exec(u"SELECT 1 FROM server_uploads WHERE upload_id = '%1' FOR UPDATE"_s.arg(idText(m_heldUpload))));
        RawClient committing(m_desk.port);
        QVERIFY(committing.send(m_desk.request(Desk::path(m_heldUpload, "/commit"), wire::toJson(test::commitOf(m_held)))));
        const bool isWaiting = QTest::qWaitFor([&] { return m_organisation.sql(waiting) == "1"_L1; }, 20'000);

        const int before = answers.count(0);
        m_organisation.tellToStop(0);
        const bool isClosed = QTest::qWaitFor([&] { return !RawClient(m_desk.port).isConnected(); }, 20'000);
        for (std::size_t i = 0; i < begun.size() / Halves; ++i) {
            const Call &call = all.at(static_cast<qsizetype>(i));
            late.add(call, begun[i]->send(call.request.sliced(Said)) ? begun[i]->read() : RawAnswer());
        }
        const bool wasHeld = !committing.hasDataWithin({});
        hold.finish();
        const bool isLetGo = held.rollback();
        for (std::size_t i = begun.size() / Halves; i < begun.size(); ++i) {
            const Call &call = all.at(static_cast<qsizetype>(i % static_cast<std::size_t>(all.size())));
            late.add(call, begun[i]->send(call.request.sliced(Said)) ? begun[i]->read() : RawAnswer());
        }
        const int accepted = committing.read().status;
        committing.endSending();
        begun.clear();
        const int code = m_organisation.exitWithin(0, 30'000);
        end();

        QVERIFY(areCalling && isWaiting && isClosed && wasHeld && isLetGo);
        QCOMPARE(accepted, 202); // what was in flight ends as it would have
        QCOMPARE(code, 0);
        QCOMPARE(before, 0);
    }
    held = {};
    QSqlDatabase::removeDatabase(u"held"_s);

    QCOMPARE(answers.wrong(), QStringList());
    QCOMPARE(late.wrong(), QStringList());
    QVERIFY(answers.count(200) > 0 && answers.count(0) > 0);
    QVERIFY2(late.count(503) >= all.size() / 2, qPrintable(QString::number(late.count(503)))); // most are told, as long as there is somebody to tell them
    qInfo() << "usual, told to come again, nobody there:" << answers.count(200) << answers.count(503) << answers.count(0) << "and of those who had begun:" << late.count(200)
            << late.count(503) << late.count(0);
}

QTEST_GUILESS_MAIN(TestStopAnswers)
#include "tst_stopanswers.moc"
