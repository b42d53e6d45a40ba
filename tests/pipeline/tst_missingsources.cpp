#include "models/pipeline/missingsources.h"

#include "tests/store/recordeddrop.h"
#include "tests/support/smallphotos.h"

#include <QSemaphore>
#include <QSignalSpy>

using namespace Qt::StringLiterals;
using namespace photolift;
using pipeline::MissingSources;

/// Photos whose card was pulled, and the card again.
class TestMissingSources final : public QObject, private samples::RecordedDrop
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup() { close(); }
    void aCardIsSeenThoughManyFilesOfAnotherAreMissing();
    void withinAFolderEachFileHasItsTurn();
    void aPhotoThatCouldNotBeReadWaitsUntilItsCardWasAway();
    void whatAPersonSettledIsLeftOut();
    void whatAPersonSettledDuringTheLookIsLeftOut();
    void whatIsInOtherHandsIsLeftToThem();

private:
    /// Records that these files of a folder need somebody; gives their photos.
    QList<store::Item> missing(const QString &folder, int count, ErrorCode cause = ErrorCode::SelectionFileMissing);
    void insertCard(const QString &folder, const QList<store::Item> &files);
    /// Looks once; the photos that are back.
    QSet<QUuid> look();

    QThreadPool m_pool;
    QSet<QUuid> m_inHand;
    std::unique_ptr<MissingSources> m_sources;
};

namespace
{
QSet<QUuid> ids(const QList<store::Item> &items)
{
    QSet<QUuid> ids;
    for (const store::Item &item : items)
        ids.insert(item.itemId);
    return ids;
}
} // namespace

void TestMissingSources::init()
{
    open();
    m_inHand.clear();
    m_sources = std::make_unique<MissingSources>(
        m_pool, *m_work, [this](const store::Item &item) { return m_inHand.contains(item.itemId); }, nullptr);
}

QList<store::Item> TestMissingSources::missing(const QString &folder, int count, ErrorCode cause)
{
    QList<store::Item> items = samples::items(m_drop.batch, count, QRandomGenerator::global()->bounded(1'000'000));
    store::Changes changes{store::ItemsFound{m_drop.batch.batchId, {}}};
    for (store::Item &item : items) {
        item.relativePath = folder.toUtf8() + "/" + QByteArray::number(item.ordinal) + ".jpg";
        item.absolutePath = m_folder->filePath(QString::fromUtf8(item.relativePath)).toUtf8();
    }
    std::get<store::ItemsFound>(changes.first()).items = items;
    for (const store::Item &item : std::as_const(items))
        changes.append(samples::moved(item, ItemState::NeedsYou, cause));
    write(changes);
    return items;
}

void TestMissingSources::insertCard(const QString &folder, const QList<store::Item> &files)
{
    QVERIFY(QDir().mkpath(m_folder->filePath(folder)));
    for (const store::Item &item : files) {
        QFile file(QString::fromUtf8(item.absolutePath));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(support::jpegBytes(1));
    }
}

QSet<QUuid> TestMissingSources::look()
{
    QSignalSpy looked(m_sources.get(), &MissingSources::looked);
    QSet<QUuid> back;
    connect(m_sources.get(), &MissingSources::back, &looked, [&back](const QList<store::Item> &items) { back += ids(items); });
    m_sources->look();
    looked.wait();
    return back;
}

void TestMissingSources::aCardIsSeenThoughManyFilesOfAnotherAreMissing()
{
    missing(u"first card"_s, 1000);
    const QList<store::Item> second = missing(u"second card"_s, 3);
    m_sources->takeUp();
    QCOMPARE(look(), QSet<QUuid>());

    insertCard(u"second card"_s, second);

    QCOMPARE(look(), ids(second));
}

void TestMissingSources::withinAFolderEachFileHasItsTurn()
{
    const QList<store::Item> files = missing(u"card"_s, 450);
    m_sources->takeUp();
    insertCard(u"card"_s, {files.last()});

    QSet<QUuid> back;
    for (int round = 0; round < 3; ++round)
        back += look();

    QCOMPARE(back, QSet<QUuid>{files.last().itemId});
}

void TestMissingSources::aPhotoThatCouldNotBeReadWaitsUntilItsCardWasAway()
{
    const QList<store::Item> files = missing(u"card"_s, 2, ErrorCode::PreprocessingReadFailed);
    insertCard(u"card"_s, files);
    for (const store::Item &item : files)
        m_sources->add(samples::moved(item, ItemState::NeedsYou, ErrorCode::PreprocessingReadFailed).item);
    QCOMPARE(look(), QSet<QUuid>());

    QVERIFY(QDir(m_folder->filePath(u"card"_s)).removeRecursively());
    QCOMPARE(look(), QSet<QUuid>());
    insertCard(u"card"_s, files);

    QCOMPARE(look(), ids(files));
}

void TestMissingSources::whatAPersonSettledIsLeftOut()
{
    const QList<store::Item> files = missing(u"card"_s, 2);
    m_sources->takeUp();
    write({samples::moved(files.first(), ItemState::Dismissed)});

    insertCard(u"card"_s, files);

    QCOMPARE(look(), QSet<QUuid>{files.last().itemId});
}

void TestMissingSources::whatAPersonSettledDuringTheLookIsLeftOut()
{
    const QList<store::Item> files = missing(u"card"_s, 2);
    m_sources->takeUp();
    insertCard(u"card"_s, files);
    QSemaphore foldersAreSeen;
    QSemaphore filesMayBeSeen;
    m_pool.setMaxThreadCount(1);
    QSignalSpy looked(m_sources.get(), &MissingSources::looked);
    QSet<QUuid> back;
    connect(m_sources.get(), &MissingSources::back, &looked, [&back](const QList<store::Item> &items) { back += ids(items); });
    m_sources->look();
    m_pool.start([&] {
        foldersAreSeen.release();
        filesMayBeSeen.acquire();
    });
    foldersAreSeen.acquire();
    QCoreApplication::processEvents(); // the look at the files is asked for, and waits for the thread

    write({samples::moved(files.first(), ItemState::Dismissed)});
    filesMayBeSeen.release();

    QVERIFY(looked.wait());
    QCOMPARE(back, QSet<QUuid>{files.last().itemId});
}

void TestMissingSources::whatIsInOtherHandsIsLeftToThem()
{
    const QList<store::Item> files = missing(u"card"_s, 2);
    m_sources->takeUp();
    insertCard(u"card"_s, files);
    m_inHand = {files.first().itemId}; // its skip is being written

    QCOMPARE(look(), QSet<QUuid>{files.last().itemId});

    m_inHand.clear(); // that could not be written
    QCOMPARE(look(), QSet<QUuid>{files.first().itemId});
}

QTEST_GUILESS_MAIN(TestMissingSources)
#include "tst_missingsources.moc"
