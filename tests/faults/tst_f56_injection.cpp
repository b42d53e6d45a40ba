#include "app/server/people/grouptable.h"
#include "app/server/people/peopletable.h"
#include "app/server/work/catalogue.h"
#include "app/server/work/reprocessfilter.h"
#include "app/server/work/reprocesstable.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"

#include <QCryptographicHash>
#include <QElapsedTimer>
#include <QJsonArray>
#include <QSqlQuery>
#include <QTest>

#include <random>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;

namespace {

constexpr quint32 Seed = 20261122;
constexpr qint64 SlowestMs = 500; ///< FAULTS F56, p99
constexpr int HarmlessEvery = 10; ///< a question like any other: how fast this machine is at the moment

/// So many texts on each engine; the long form has what the fault plan says.
int texts()
{
    return qEnvironmentVariableIsSet("PHOTOLIFT_TEXTS") ? qEnvironmentVariableIntValue("PHOTOLIFT_TEXTS") : 1000;
}

/// What has led statements astray, and patterns of LIKE, put together by chance with any characters in between. Without U+FFFE, which SQLite takes
/// for an order of bytes.
QString fuzzed(std::mt19937 &random)
{
    static const QStringList Pieces{u"'"_s, u"''"_s, u"\""_s, u"`"_s, u"\\"_s, u"\\'"_s, u"%"_s, u"_"_s, u"%%"_s, u"\\%"_s, u"\\_"_s, u"*"_s, u"?"_s, u"$1"_s,
                                    u":1"_s, u";"_s, u"--"_s, u"/*"_s, u"*/"_s, u"#"_s, u"("_s, u")"_s, u"' OR '1'='1"_s, u"' OR 1=1 --"_s, u"') OR ('a'='a"_s,
                                    u"1; DROP TABLE server_uploads; --"_s, u"'; DELETE FROM server_accounts; --"_s, u"' UNION SELECT token_hash FROM server_device_tokens --"_s,
                                    u"'||(SELECT user_name FROM server_users)||'"_s, u"x' AND pg_sleep(9) --"_s, u"$$"_s, u"$tag$"_s, u"E'\\x27'"_s, u"::uuid"_s, u"{"_s, u"}"_s,
                                    u"{\"a\":1}"_s, u"[1]"_s, u"->>"_s, u"NULL"_s, u"null"_s, u"true"_s, u"ms(?)"_s, u"unix_ms(x)"_s, u"{::uuid}"_s, u"ops_dirty_day"_s, u"\r\n"_s,
                                    u"\t"_s, u"\u0001"_s, QString(QChar(0)), u"\u2019"_s, u"\uff07"_s, u"e\u0301"_s, u"\u00e9"_s, u"\u202e"_s, u"\U0001F600"_s, QString(QChar(0xffff)), u"Photos"_s, u"anna"_s, u"Studio"_s, u"Berlin"_s, u"local"_s, u" "_s};
    QString text;
    for (int piece = int(random() % 5); piece >= 0; --piece) {
        if (random() % 4 == 0)
            text += QChar(ushort(random() % 0xd800));
        else
            text += Pieces[qsizetype(random() % std::size_t(Pieces.size()))];
    }
    return text;
}

/// As it comes from a command line, where a text ends at its first NUL.
QString typed(const QString &text)
{
    return QString(text).remove(QChar(0));
}

/// As it comes through the listener: nothing that ends a line or a text.
QByteArray asField(const QString &text)
{
    QByteArray bytes = text.toUtf8();
    bytes.removeIf([](char c) { return c == '\0' || c == '\r' || c == '\n'; });
    return bytes;
}

/// SQLite reads U+FFFE and U+FFFF back as U+FFFD; U+0000, which PostgreSQL does not keep, the API makes the same of.
QString withoutNoncharacters(QString text)
{
    return text.replace(QChar(0), QChar(0xfffd)).replace(QChar(0xfffe), QChar(0xfffd)).replace(QChar(0xffff), QChar(0xfffd));
}

qint64 p99Of(QList<qint64> took)
{
    std::sort(took.begin(), took.end());
    return took.isEmpty() ? -1 : took[took.size() * 99 / 100];
}

} // namespace

/// F56: whatever a text says, it is a value: through everything of the API and of an administrator's commands that a text may reach SQL by,
/// on both engines.
class TestF56Injection : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void textsAreValues();

private:
    using Way = void (TestF56Injection::*)(const QString &text);
    struct NamedWay {
        const char *name;
        Way way;
    };
    static const QList<NamedWay> Ways;

    void prepare() override;
    /// An answer that is none of the server's own trouble; the call is measured.
    ApiRig::Answer call(const QByteArray &method, const QByteArray &path, const QByteArray &body, const QByteArray &key = {});
    Photo fresh();
    void ask(const Photo &photo);
    void asPath(const QString &text);
    void asProject(const QString &text);
    void asSurroundings(const QString &text);
    void asMediaType(const QString &text);
    void asBatch(const QString &text);
    void asIdOfUpload(const QString &text);
    void asIdOfProject(const QString &text);
    void asState(const QString &text);
    void asKey(const QString &text);
    void asAgent(const QString &text);
    void asStatusQuestion(const QString &text);
    void asEvent(const QString &text);
    void asReprocessed(const QString &text);
    void asGroup(const QString &text);
    void asPerson(const QString &text);
    void asRetired(const QString &text);
    /// Counts of what no text may change.
    QStringList still() const;

    std::unique_ptr<QSqlDatabase> m_database; ///< an administrator's, as his commands have it
    Photo m_photo;
    int m_number = 0;
    int m_taken = 0;
    QList<qint64> m_tookMs;
    QList<qint64> m_harmlessMs;
    bool m_isHarmless = false;
    QHash<QString, QString> m_paths; ///< by client_upload_id: what was said of those taken
    QStringList m_wrong;
};

const QList<TestF56Injection::NamedWay> TestF56Injection::Ways{
    {"path", &TestF56Injection::asPath},
    {"project", &TestF56Injection::asProject},
    {"surroundings", &TestF56Injection::asSurroundings},
    {"media type", &TestF56Injection::asMediaType},
    {"batch", &TestF56Injection::asBatch},
    {"id of an upload", &TestF56Injection::asIdOfUpload},
    {"id of a project", &TestF56Injection::asIdOfProject},
    {"state", &TestF56Injection::asState},
    {"key", &TestF56Injection::asKey},
    {"agent", &TestF56Injection::asAgent},
    {"status", &TestF56Injection::asStatusQuestion},
    {"event", &TestF56Injection::asEvent},
    {"reprocess", &TestF56Injection::asReprocessed},
    {"group", &TestF56Injection::asGroup},
    {"person", &TestF56Injection::asPerson},
    {"retire", &TestF56Injection::asRetired}};

void TestF56Injection::prepare()
{
    m_number = m_taken = 0;
    m_tookMs.clear();
    m_harmlessMs.clear();
    m_paths.clear();
    m_wrong.clear();
    rig->start();
    rig->onDatabase([](const QSqlDatabase &database) {
        const server::PeopleTable people(database);
        QVERIFY(people.add(server::Account{u"a"_s, u"Studio"_s, u"organisation"_s, false, {}, true}, 1));
        QVERIFY(people.add(server::User{u"id of anna"_s, u"a"_s, u"anna"_s, Role::Photographer, true}, 1));
        QVERIFY(server::GroupTable(database).add(u"Berlin"_s, u"eu"_s));
    });
    m_photo = photoOf(1);
    QCOMPARE(rig->upload(m_photo).status, Status::Succeeded); // what a filter that let through too much would find
}

ApiRig::Answer TestF56Injection::call(const QByteArray &method, const QByteArray &path, const QByteArray &body, const QByteArray &key)
{
    if (m_number % 100 == 0)
        rig->caller.tokenId = newUuid7(); // limits count tokens
    ApiRig::Answer answer;
    for (int repeat = 0; repeat < 5; ++repeat) { // two transactions in each other's way are told to come later
        QElapsedTimer time;
        time.start();
        answer = rig->call(method, path, body, key);
        (m_isHarmless ? m_harmlessMs : m_tookMs).append(time.elapsed());
        if (answer.status != 503)
            break;
    }
    const bool isOwnTrouble = answer.status >= 500 || answer.status == 429 || answer.status < 200;
    if (isOwnTrouble)
        m_wrong.append(u"%1 %2 %3 -> %4 %5"_s.arg(QString::fromLatin1(method), QString::fromUtf8(path), QString::fromUtf8(body.left(600)), QString::number(answer.status),
                                                  QString::fromUtf8(jsonBytes(answer.json))));
    return answer;
}

Photo TestF56Injection::fresh()
{
    Photo photo = nextAttempt(m_photo);
    photo.question.attempt.attemptNumber = 1;
    photo.question.attempt.itemId = newUuid7();
    photo.question.sha256 = QString::fromLatin1(QCryptographicHash::hash(QByteArray::number(m_number), QCryptographicHash::Sha256).toHex());
    photo.question.attempt.relativePath = u"100CANON/%1.JPG"_s.arg(m_number);
    return photo;
}

void TestF56Injection::ask(const Photo &photo)
{
    if (call("POST", "/v1/uploads", jsonBytes(wire::toJson(photo.question))).status == 200) {
        ++m_taken;
        m_paths.insert(idText(photo.question.attempt.clientUploadId), photo.question.attempt.relativePath);
    }
}

void TestF56Injection::asPath(const QString &text)
{
    Photo photo = fresh();
    photo.question.name = QString(text).remove(u'/');
    photo.question.attempt.relativePath = u"%1/"_s.arg(m_number) + photo.question.name;
    ask(photo);
}

void TestF56Injection::asProject(const QString &text)
{
    Photo photo = fresh();
    photo.question.project.name = text;
    photo.question.project.projectId = photo.question.batch.projectId = photo.question.attempt.projectId = newUuid7();
    photo.question.batch.batchId = photo.question.attempt.batchId = newUuid7();
    ask(photo);
}

void TestF56Injection::asSurroundings(const QString &text)
{
    Photo photo = fresh();
    Surroundings &around = photo.question.attempt.surroundings;
    around.device.deviceId = around.device.model = around.device.osVersion = text;
    around.app.version = text + u'|' + QString::number(m_number); // never one that is retired below
    around.app.platform = around.network.carrierName = text;
    ask(photo);
}

void TestF56Injection::asMediaType(const QString &text)
{
    Photo photo = fresh();
    photo.question.mediaType = text;
    ask(photo);
}

void TestF56Injection::asBatch(const QString &text)
{
    Photo photo = fresh();
    photo.question.batch.batchId = photo.question.attempt.batchId = newUuid7();
    photo.question.batch.name = photo.question.batch.sourceLabel = text;
    ask(photo);
}

void TestF56Injection::asIdOfUpload(const QString &text)
{
    QByteArray id = QString(text).remove(u'/').toUtf8();
    if (id.isEmpty())
        id = "'";
    const char *const routes[] = {"/links", "/commit", "/abort"};
    const QByteArray body = m_number % 3 == 1 ? jsonBytes(wire::toJson(commitOf(m_photo))) : jsonBytes(wire::toJson(wire::LinkRequest{{{1, 1, m_photo.sha256}}}));
    const auto answer = call("POST", "/v1/uploads/" + id + routes[m_number % 3], body);
    if (answer.status < 400)
        m_wrong.append(u"an upload of this id: "_s + text);
}

void TestF56Injection::asIdOfProject(const QString &text)
{
    QByteArray id = QString(text).remove(u'/').toUtf8();
    if (id.isEmpty())
        id = "'";
    if (call("POST", "/v1/projects/" + id + "/state", R"({"state":"complete"})").status < 400)
        m_wrong.append(u"a project of this id: "_s + text);
}

void TestF56Injection::asState(const QString &text)
{
    const QByteArray id = idText(m_photo.question.project.projectId).toLatin1();
    if (call("POST", "/v1/projects/" + id + "/state", jsonBytes({{u"state"_s, text}})).status != 400)
        m_wrong.append(u"a state: "_s + text);
}

void TestF56Injection::asKey(const QString &text)
{
    const QByteArray key = asField(text + QString::number(m_number)).left(100);
    (void)call("POST", "/v1/uploads", jsonBytes(wire::toJson(fresh().question)), key);
}

void TestF56Injection::asAgent(const QString &text)
{
    rig->userAgent = "photolift/" + asField(text);
    ask(fresh());
    rig->userAgent.clear();
}

void TestF56Injection::asStatusQuestion(const QString &text)
{
    const QJsonObject one{{u"upload_id"_s, text}, {u"version"_s, 0}};
    const auto answer = call("POST", "/v1/status", jsonBytes({{u"uploads"_s, QJsonArray{one}}, {u"wait_seconds"_s, 0}}));
    if (!answer.json.value(u"uploads"_s).toArray().isEmpty())
        m_wrong.append(u"the status of another upload: "_s + text);
}

void TestF56Injection::asEvent(const QString &text)
{
    ProjectRecord project = m_photo.question.project;
    project.projectId = newUuid7();
    project.name = text;
    const wire::MirrorEvent event{newUuid7(), wire::MirrorEvent::Kind::Project, toJson(project)};
    (void)call("POST", "/v1/events", jsonBytes(wire::toJson(event)) + '\n');
    (void)call("POST", "/v1/events", text.toUtf8()); // no event at all: it is set aside
}

void TestF56Injection::asReprocessed(const QString &said)
{
    const QString text = typed(said);
    const QStringList columns = server::ReprocessFilter::columns();
    server::ReprocessFilter filter;
    if (!filter.add(columns[m_number % columns.size()] + u'=' + text).isEmpty() || text == "local"_L1 || text == "Photos"_L1)
        return; // refused before it is asked, or true
    const auto sum = server::ReprocessTable(*m_database).count(filter, Stage::Processing, 0, 1'000'000, 1000);
    if (!sum || sum->photos != 0)
        m_wrong.append(u"--where %1=%2: %3"_s.arg(columns[m_number % columns.size()], text, sum ? QString::number(sum->photos) : sum.error().detail));
}

void TestF56Injection::asGroup(const QString &said)
{
    const QString text = typed(said);
    const server::GroupTable groups(*m_database);
    if (const auto found = groups.named(text); found && *found && withoutNoncharacters((*found)->name) != withoutNoncharacters(text)) // as a pattern would
        m_wrong.append(u"another group: "_s + text);
    const QString name = text + QString::number(m_number);
    const auto before = groups.named(name);
    const Result<> added = groups.add(name, text);
    const auto after = groups.named(name);
    const bool isKept = before && !*before && added && after && *after && withoutNoncharacters((*after)->name) == withoutNoncharacters(name);
    if (!isKept)
        m_wrong.append(u"group: "_s + text);
}

void TestF56Injection::asPerson(const QString &said)
{
    const QString text = typed(said);
    const server::PeopleTable people(*m_database);
    const auto user = people.userNamed(text);
    const auto account = people.accountNamed(text);
    const auto holder = people.holderOf(text.toUtf8(), nowMs());
    const bool isRight = user && account && holder && !*holder && (!*user || (*user)->name == text) && (!*account || (*account)->name == text);
    if (!isRight)
        m_wrong.append(u"person: "_s + text);
}

void TestF56Injection::asRetired(const QString &said)
{
    const QString text = typed(said);
    const server::Catalogue catalogue(*m_database);
    const Result<bool> changed[] = {catalogue.setAppVersionActive(text, false), catalogue.setPhotoTypeActive(text, false), catalogue.setLocationActive(text, false)};
    for (const Result<bool> &one : changed) {
        if ((!one || *one))
            m_wrong.append(u"retired: "_s + text);
    }
}

QStringList TestF56Injection::still() const
{
    QStringList counts;
    for (const char *question :
         {"SELECT count(*) FROM server_accounts", "SELECT count(*) FROM server_users", "SELECT count(*) FROM server_device_tokens", "SELECT count(*) FROM server_assets",
          "SELECT count(*) FROM server_objects", "SELECT count(*) FROM dim_photo_types WHERE is_active", "SELECT count(*) FROM dim_app_versions WHERE NOT is_active",
          "SELECT count(*) FROM server_reprocess_runs", "SELECT count(*) FROM server_jobs", "SELECT count(*) FROM dim_projects WHERE state <> 'open'"})
        counts.append(QString::fromLatin1(question) + u": "_s + rig->sql(QString::fromLatin1(question)).toString());
    return counts;
}

void TestF56Injection::textsAreValues()
{
    std::mt19937 random(Seed);
    const QStringList before = still();
    QHash<QByteArray, int> wrongOfWay;
    rig->onDatabase([&](const QSqlDatabase &database) {
        m_database = std::make_unique<QSqlDatabase>(database);
        for (m_number = 1; m_number <= texts(); ++m_number) {
            const NamedWay &way = Ways[m_number % Ways.size()];
            const qsizetype wrong = m_wrong.size();
            (this->*way.way)(fuzzed(random));
            if (m_isHarmless = m_number % HarmlessEvery == 0; m_isHarmless)
                (void)call("POST", "/v1/uploads", jsonBytes(wire::toJson(fresh().question)));
            m_isHarmless = false;
            wrongOfWay[way.name] += static_cast<int>(m_wrong.size() - wrong);
        }
        m_database.reset();

        // What was taken is kept as it was said, character by character.
        QSqlQuery kept(database);
        QVERIFY(kept.exec(u"SELECT client_upload_id, relative_path FROM fact_upload_attempts"_s));
        while (kept.next()) {
            const QString said = m_paths.take(kept.value(0).toString());
            if (!said.isNull() && withoutNoncharacters(kept.value(1).toString()) != withoutNoncharacters(said))
                m_wrong.append(u"kept otherwise: "_s + said);
        }
    });

    const qint64 p99 = p99Of(m_tookMs);
    const qint64 harmless = p99Of(m_harmlessMs);
    qInfo("%d texts, %d questions taken, %d calls, p99 %d ms, of harmless ones %d ms", texts(), m_taken, int(m_tookMs.size()), int(p99), int(harmless));
    for (auto way = wrongOfWay.cbegin(); way != wrongOfWay.cend(); ++way) {
        if (*way > 0)
            qWarning("%s: %d", way.key().constData(), *way);
    }
    QVERIFY2(m_wrong.isEmpty(), qPrintable(m_wrong.first(std::min<qsizetype>(m_wrong.size(), 5)).join(u'\n')));
    QCOMPARE(m_paths.size(), 0); // each of them was found
    QVERIFY(m_taken > texts() / 8);
    QCOMPARE(still(), before);
    // A machine that is too busy for harmless texts says nothing of the others.
    QVERIFY2(p99 <= std::max(SlowestMs, 2 * harmless), qPrintable(QString::number(p99)));
}

QTEST_GUILESS_MAIN(TestF56Injection)
#include "tst_f56_injection.moc"
