#include "models/store/archive.h"
#include "models/store/damage.h"
#include "models/store/database.h"
#include "models/store/mending.h"
#include "models/store/recorder.h"
#include "models/store/worklist.h"
#include "models/vocabulary/ids.h"

#include <QDir>
#include <QFile>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::store;

/// What is taken over from a damaged list, and when a list is taken for damaged.
class TestMending : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void aSoundListIsLeftAlone();
    void noListIsNoDamage();
    void aLockedListIsNotADamagedOne();
    void whatSqliteSaysInUseIsNotedAndExamined();
    void dropsAndSettingsAreTakenOverOnce();
    void finishedDropsWhoseFolderIsGoneAreNot();
    void whatTheServerWasNotToldIsTakenOver();

private:
    QUuid drop(const QByteArray &root, const QList<std::pair<QByteArray, ItemState>> &photos, bool isCounted = true);
    void write(const Changes &changes);
    void breakHeader() const;
    QList<BatchAccepted> openDrops() const;

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
};

void TestMending::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_path = m_folder->filePath(u"list.db"_s);
}

void TestMending::write(const Changes &changes)
{
    const auto recorder = Recorder::open(m_path);
    QVERIFY(recorder);
    QVERIFY((*recorder)->recordDurably(changes).result());
}

QUuid TestMending::drop(const QByteArray &root, const QList<std::pair<QByteArray, ItemState>> &photos, bool isCounted)
{
    BatchAccepted accepted;
    accepted.batch.batchId = newUuid7();
    accepted.batch.name = QString::fromUtf8(root);
    accepted.batch.source = SourceKind::Drop;
    accepted.project.projectId = QUuid::fromString(u"0192f0c0-0000-7000-8000-000000000001"_s);
    accepted.project.name = u"Wedding"_s;
    accepted.batch.projectId = accepted.project.projectId;
    accepted.roots = {root};
    ItemsFound found{accepted.batch.batchId, {}};
    for (const auto &[name, state] : photos) {
        Item item;
        item.itemId = newUuid7();
        item.batchId = accepted.batch.batchId;
        item.ordinal = found.items.size();
        item.absolutePath = root + '/' + name;
        item.relativePath = name;
        item.identity.size = 1000;
        item.state = state;
        found.items.append(item);
    }
    Changes changes{accepted, found};
    if (isCounted)
        changes.append(BatchCounted{accepted.batch.batchId});
    write(changes);
    return accepted.batch.batchId;
}

void TestMending::breakHeader() const
{
    QFile file(m_path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QCOMPARE(file.write(QByteArray(64, 'x')), 64);
}

QList<BatchAccepted> TestMending::openDrops() const
{
    const auto list = WorkList::open(m_path);
    const auto drops = list ? (*list)->uncountedBatches() : Result<QList<BatchAccepted>>(list.error());
    return drops ? *drops : QList<BatchAccepted>();
}

void TestMending::aSoundListIsLeftAlone()
{
    drop("/card", {{"a.jpg", ItemState::Queued}});

    const auto mended = mendIfDamaged(m_path);

    QVERIFY(mended && !*mended);
    QVERIFY(QDir(m_folder->path()).entryList({u"*.damaged*"_s, u"*.mended*"_s, u"*.scratch*"_s}, QDir::Files).isEmpty());
    QCOMPARE(openDrops().size(), 0);
}

void TestMending::noListIsNoDamage()
{
    const auto mended = mendIfDamaged(m_path);
    QVERIFY(mended && !*mended);
    QVERIFY(!QFile::exists(m_path));

    QFile empty(m_path); // as a kill before the first page leaves it
    QVERIFY(empty.open(QIODevice::WriteOnly));
    const auto again = mendIfDamaged(m_path);
    QVERIFY(again && !*again);
}

void TestMending::aLockedListIsNotADamagedOne()
{
    drop("/card", {{"a.jpg", ItemState::Queued}});
    const auto other = Connection::open(m_path, Connection::Use::Write);
    QVERIFY(other);
    const QSqlDatabase database = (*other)->database();
    QVERIFY(QSqlQuery(database).exec(u"PRAGMA locking_mode=EXCLUSIVE"_s));
    QVERIFY(QSqlQuery(database).exec(u"PRAGMA journal_mode=DELETE"_s));
    QVERIFY(QSqlQuery(database).exec(u"BEGIN EXCLUSIVE"_s));

    const auto mended = mendIfDamaged(m_path);

    QVERIFY(!mended);
    QCOMPARE(mended.error().code, ErrorCode::LocalListBusy);
    QVERIFY(!isDamageNoted(m_path));
    QVERIFY(QDir(m_folder->path()).entryList({u"*.damaged*"_s}, QDir::Files).isEmpty());
}

void TestMending::whatSqliteSaysInUseIsNotedAndExamined()
{
    drop("/card", {{"a.jpg", ItemState::Queued}});
    noteDamage(m_path);
    const auto mended = mendIfDamaged(m_path);
    QVERIFY(mended && !*mended); // it was said, and it is not true
    QVERIFY(!isDamageNoted(m_path));

    // Row and index disagree: opening and reading pages does not tell, comparing them does.
    {
        const auto connection = Connection::open(m_path, Connection::Use::Write);
        QSqlQuery change((*connection)->database());
        QVERIFY(change.exec(u"PRAGMA writable_schema=ON"_s));
        QVERIFY(change.exec(u"UPDATE sqlite_master SET sql = replace(sql, '(batch_row, ordinal)', '(batch_row, size)') WHERE name = 'queue_items_order'"_s));
    }
    QVERIFY(*isDamaged(m_path) == false);
    noteDamage(m_path);
    QVERIFY(*isDamaged(m_path));
    const auto made = mendIfDamaged(m_path);
    QVERIFY(made && *made);
    QVERIFY(QFile::exists((*made)->keptAs));
    QVERIFY(!isDamageNoted(m_path));
    QCOMPARE(openDrops().size(), 1);
}

void TestMending::dropsAndSettingsAreTakenOverOnce()
{
    const QByteArray here = QFile::encodeName(m_folder->path());
    const QUuid first = drop(here, {{"a.jpg", ItemState::Succeeded}});
    drop(here, {{"a.jpg", ItemState::Duplicate}}); // the same again
    const QUuid waiting = drop("/card", {{"a.jpg", ItemState::Queued}, {"b.jpg", ItemState::Cancelled}}, false);
    drop("/no", {{"a.jpg", ItemState::Cancelled}}); // wholly cancelled
    write({SettingChanged{u"rate_limit"_s, u"5000"_s}, SettingChanged{u"server_epoch"_s, u"e"_s}, BatchPaused{waiting, true},
           SettingChanged{u"paused_batch/"_s + idText(waiting), u"1"_s}});
    breakHeader();

    const auto mended = mendIfDamaged(m_path);

    QVERIFY(mended && *mended);
    QCOMPARE((*mended)->folders, 2);
    const QList<BatchAccepted> drops = openDrops();
    QCOMPARE(drops.size(), 2);
    QCOMPARE(drops.at(0).roots, QList{here});
    QVERIFY(drops.at(0).batch.batchId != first);
    QCOMPARE(drops.at(1).roots, QList<QByteArray>{"/card"});
    QCOMPARE(drops.at(1).project.name, u"Wedding"_s);
    const auto list = WorkList::open(m_path);
    const auto settings = (*list)->settings();
    QCOMPARE(settings->value(u"rate_limit"_s), u"5000"_s);
    QVERIFY(!settings->contains(u"server_epoch"_s));
    QCOMPARE(settings->value(u"paused_batch/"_s + idText(drops.at(1).batch.batchId)), u"1"_s);
    QCOMPARE((*list)->itemsOfBatch(drops.at(1).batch.batchId, ItemState::Cancelled, 10)->size(), 1);
    const auto again = mendIfDamaged(m_path);
    QVERIFY(again && !*again);
}

void TestMending::finishedDropsWhoseFolderIsGoneAreNot()
{
    drop("/a card that is not there", {{"a.jpg", ItemState::Succeeded}});
    breakHeader();

    const auto mended = mendIfDamaged(m_path);

    QVERIFY(mended && *mended);
    QCOMPARE((*mended)->folders, 0);
}

void TestMending::whatTheServerWasNotToldIsTakenOver()
{
    drop("/card", {{"a.jpg", ItemState::Queued}});
    qint64 untold = 0;
    {
        const auto recorder = Recorder::open(m_path);
        untold = *(*recorder)->outbox().depth().result();
    }
    QVERIFY(untold > 0);
    breakHeader();

    QVERIFY(mendIfDamaged(m_path));

    const auto after = Recorder::open(m_path);
    QVERIFY(after);
    // The old rows, and the batch as it is taken over.
    QVERIFY(*(*after)->outbox().depth().result() >= untold + 1);
}

QTEST_GUILESS_MAIN(TestMending)
#include "tst_mending.moc"
