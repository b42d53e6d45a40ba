#include "app/server/work/preparedstatements.h"
#include "app/server/work/statement.h"
#include "models/store/database.h"
#include "models/store/dialect.h"
#include "tests/server/apitest.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::server;
using namespace photolift::test;

/// Statements that stay prepared on their connection.
class TestPreparedStatements : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void aStatementIsPreparedOnce();
    void anAnswerKeepsItsRowsWhileTheSameIsAskedAgain();
    void aStatementThatFailedIsUsedAgain();
    void anotherShapeOfATableIsNoticed();
    void whatTheOtherEndForgotIsPreparedAnew();
    void textsWithoutNumberAreNotAllKept();

private:
    void prepare() override { } // no server: only its database
    /// Runs `use` on a connection that keeps its statements, with a table of letters.
    void onLetters(const std::function<void(const QSqlDatabase &)> &use);
    /// How many of this text the other end knows; one where it does not tell.
    static qint64 known(const QSqlDatabase &database, const QString &piece);
};

void TestPreparedStatements::onLetters(const std::function<void(const QSqlDatabase &)> &use)
{
    bool wasUsed = false;
    rig->onDatabase([&](const QSqlDatabase &database) {
        PreparedStatements::keepFor(database);
        const bool isMade = execute(database, "CREATE TABLE letters (name varchar(9) PRIMARY KEY, number integer)"_L1)
            && execute(database, "INSERT INTO letters VALUES ('a', 1), ('b', 2), ('c', 3)"_L1);
        if (isMade)
            use(database);
        wasUsed = isMade;
    });
    QVERIFY(wasUsed);
}

qint64 TestPreparedStatements::known(const QSqlDatabase &database, const QString &piece)
{
    if (store::engineOf(database) == store::Engine::Sqlite)
        return 1;
    const auto counted = keysOf(execute(database, "SELECT count(*) FROM pg_prepared_statements WHERE strpos(statement, ?) > 0 AND strpos(statement, 'strpos') = 0"_L1, {piece}));
    return counted && !counted->isEmpty() ? counted->first() : -1;
}

void TestPreparedStatements::aStatementIsPreparedOnce()
{
    onLetters([](const QSqlDatabase &database) {
        for (qint64 number = 1; number <= 3; ++number) {
            const auto names = listOf(execute(database, "SELECT name FROM letters WHERE number = ?"_L1, {number}),
                                      [](const QSqlQuery &row) { return row.value(0).toString(); });
            QVERIFY(names);
            QCOMPARE(*names, QStringList(QString(QChar(u'`' + static_cast<char16_t>(number)))));
            QCOMPARE(known(database, u"SELECT name FROM letters"_s), 1);
        }
    });
}

void TestPreparedStatements::anAnswerKeepsItsRowsWhileTheSameIsAskedAgain()
{
    onLetters([](const QSqlDatabase &database) {
        constexpr auto Question = "SELECT name FROM letters WHERE number = ?"_L1;
        (void)execute(database, Question, {1}); // so that it is prepared
        Result<Answer> first = execute(database, Question, {1});
        QVERIFY(first);
        QVERIFY(first->next());
        Result<Answer> second = execute(database, Question, {2});
        QVERIFY(second);
        QVERIFY(second->next());
        QCOMPARE(first->value(0).toString(), u"a"_s);
        QCOMPARE(second->value(0).toString(), u"b"_s);
        QCOMPARE(known(database, u"SELECT name FROM letters"_s), store::engineOf(database) == store::Engine::Sqlite ? 1 : 2);
    });
}

void TestPreparedStatements::aStatementThatFailedIsUsedAgain()
{
    onLetters([](const QSqlDatabase &database) {
        constexpr auto Adding = "INSERT INTO letters (name, number) VALUES (?, ?)"_L1;
        QVERIFY(change(database, Adding, {u"d"_s, 4}));
        QVERIFY(execute(database, "BEGIN"_L1));
        QVERIFY(!change(database, Adding, {u"d"_s, 5}));
        QVERIFY(execute(database, "ROLLBACK"_L1));
        const Result<int> added = change(database, Adding, {u"e"_s, 5});
        QVERIFY(added);
        QCOMPARE(*added, 1);
        QCOMPARE(known(database, u"INSERT INTO letters (name"_s), 1);
    });
}

void TestPreparedStatements::anotherShapeOfATableIsNoticed()
{
    onLetters([](const QSqlDatabase &database) {
        constexpr auto Question = "SELECT number FROM letters WHERE name = ?"_L1;
        const bool isPostgres = store::engineOf(database) == store::Engine::PostgreSql;
        QVERIFY(execute(database, Question, {u"a"_s}));
        QVERIFY(execute(database, isPostgres ? "ALTER TABLE letters ALTER COLUMN number TYPE bigint"_L1 : "ALTER TABLE letters ADD COLUMN place text"_L1));
        if (isPostgres) { // which answers the statement of before with an error, once
            const Result<Answer> refused = execute(database, Question, {u"a"_s});
            QVERIFY(!refused);
            QCOMPARE(refused.error().cause.sqlState, u"0A000"_s);
        }
        Result<Answer> answer = execute(database, Question, {u"a"_s});
        QVERIFY(answer);
        QVERIFY(answer->next());
        QCOMPARE(answer->value(0).toInt(), 1);
    });
}

void TestPreparedStatements::whatTheOtherEndForgotIsPreparedAnew()
{
    onLetters([](const QSqlDatabase &database) {
        constexpr auto Question = "SELECT name FROM letters WHERE number = ?"_L1;
        QVERIFY(execute(database, Question, {1}));
        if (store::engineOf(database) == store::Engine::PostgreSql) {
            QVERIFY(execute(database, "DEALLOCATE ALL"_L1));
            const Result<Answer> refused = execute(database, Question, {1});
            QVERIFY(!refused);
            QCOMPARE(refused.error().cause.sqlState, u"26000"_s);
        }
        QVERIFY(execute(database, Question, {1}));
    });
}

void TestPreparedStatements::textsWithoutNumberAreNotAllKept()
{
    onLetters([](const QSqlDatabase &database) {
        for (int i = 0; i < 1000; ++i) {
            const QByteArray sql = "SELECT " + QByteArray::number(i) + " FROM letters WHERE number = ?";
            QVERIFY(execute(database, QLatin1StringView(sql), {1}));
        }
        QVERIFY(known(database, u"FROM letters WHERE number"_s) <= 300);
    });
}

QTEST_GUILESS_MAIN(TestPreparedStatements)
#include "tst_preparedstatements.moc"
