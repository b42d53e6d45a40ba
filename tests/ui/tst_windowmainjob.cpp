#include "tests/faults/faultfolders.h"
#include "tests/support/photocollection.h"
#include "tests/support/smallphotos.h"
#include "tests/ui/inenglish.h"
#include "tests/ui/realprogram.h"
#include "ui/parts/plainlabel.h"
#include "ui/uploads/problempanel.h"
#include "ui/uploads/stagetimeline.h"

#include <QApplication>
#include <QTest>

using namespace photolift;
using namespace photolift::ui;
using namespace Qt::StringLiterals;
using faults::FaultFolders;
using support::Ending;
using support::PhotoCollection;

namespace {

constexpr int WholeRunMs = 180'000;

bool hasArrived(const UploadRow &row)
{
    return row.view.item.state == ItemState::Succeeded || row.view.item.state == ItemState::Duplicate;
}

bool hasEnded(const UploadRow &row)
{
    return hasArrived(row) || row.view.item.state == ItemState::NeedsYou || row.view.item.state == ItemState::Skipped;
}

/// The same in the words of the command line.
QString wordOf(ItemState state)
{
    switch (state) {
    case ItemState::Succeeded:
        return u"succeeded"_s;
    case ItemState::Duplicate:
        return u"duplicate"_s;
    case ItemState::NeedsYou:
        return u"failed"_s;
    case ItemState::Skipped:
        return u"skipped"_s;
    default:
        return {};
    }
}

/// All that a person can read in the pane, the drawn stages in the words for a screen reader.
QStringList visibleTexts(const DetailPane &pane)
{
    QStringList texts;
    const QList<PlainLabel *> labels = pane.findChildren<PlainLabel *>();
    for (const PlainLabel *label : labels) {
        if (label->isVisible())
            texts << label->text();
    }
    return texts;
}

}

/// The main job by the window: a folder of photos, with real ones where they are, is dropped on it and followed to every end. The
/// command line's counterpart, with the same expectations: tests/cli/tst_mainjob.
class WindowMainJobTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::speakEnglish();
        QVERIFY(m_collection.isThere());
        m_files = FaultFolders::filesBelow(QFile::encodeName(m_collection.path()));
        QVERIFY(!m_files.isEmpty());
        QVERIFY(m_folders.remember(QFile::encodeName(m_collection.path())));

        m_program = std::make_unique<RealProgram>(m_folders.data());
        m_program->drop({m_collection.path()});
        QVERIFY(waitInLoop([this] { return hasFinished(1); }, WholeRunMs));
    }

    void everyFileIsInTheListAtItsEnd()
    {
        QStringList listed;
        const QList<UploadRow> rows = m_program->rows();
        for (const UploadRow &row : rows) {
            QVERIFY2(hasEnded(row), row.view.item.absolutePath.constData());
            listed << QFile::decodeName(row.view.item.absolutePath);
        }
        QStringList there;
        for (const QByteArray &file : std::as_const(m_files))
            there << m_collection.path() + u'/' + QFile::decodeName(file);
        listed.sort();
        there.sort();
        QCOMPARE(listed, there);
        const Totals &totals = m_program->totals();
        QCOMPARE(totals.done + totals.duplicate + totals.needsYou + totals.skipped, m_files.size());
        QVERIFY(totals.done > 0 && totals.duplicate > 0 && totals.needsYou > 0 && totals.skipped > 0);
    }

    void theVerdictsSayTheSameNumbers()
    {
        const qint64 needsYou = m_program->totals().needsYou;
        QCOMPARE(m_program->attention(), needsYou == 1 ? u"1 photo needs you"_s : u"%1 photos need you"_s.arg(needsYou));
        QVERIFY2(m_program->headline().startsWith(u"Ready"_s), qPrintable(m_program->headline())); // not all of them are copied
    }

    void everyObjectHasTheBytesOfItsSource()
    {
        QSet<QString> contents;
        const QList<UploadRow> rows = m_program->rows();
        for (const UploadRow &row : rows) {
            const store::Item &item = row.view.item;
            if (!hasArrived(row))
                continue;
            QVERIFY2(item.isSafe || item.state == ItemState::Duplicate, item.absolutePath.constData());
            QCOMPARE(item.sha256, support::sha256OfFile(QFile::decodeName(item.absolutePath)));
            QVERIFY2(m_folders.hasObjectOf(item.absolutePath), item.absolutePath.constData());
            contents.insert(item.sha256);
        }
        QCOMPARE(objects(), contents.size()); // each content once, and nothing else
    }

    void troubleEndsAsWhatItIsAndSaysSoInThePane()
    {
        int looked = 0;
        for (int at = 0; at < m_program->rows().size(); ++at) {
            const UploadRow row = m_program->rows().at(at);
            const QByteArray &path = row.view.item.absolutePath;
            if (!path.startsWith(m_collection.troublePath()))
                continue;
            ++looked;
            const QByteArray name = path.sliced(m_collection.troublePath().size());
            QVERIFY2(PhotoCollection::troubleEndings().contains(name), name.constData());
            const Ending expected = PhotoCollection::troubleEndings().value(name);
            if (expected.status == u"arrived"_s)
                QVERIFY2(hasArrived(row), name.constData());
            else
                QVERIFY2(wordOf(row.view.item.state) == expected.status, name.constData());
            const DetailPane *pane = m_program->choose(at);
            QVERIFY2(pane && pane->isVisible(), name.constData());
            verifyTold(*pane, expected, name);
            if (QTest::currentTestFailed())
                return;
        }
        QCOMPARE(looked, FaultFolders::filesBelow(m_collection.troublePath()).size());
    }

    void theSameDropAgainSendsNoPhotoBytes()
    {
        const qint64 sent = m_program->client->sentBytes();
        const qsizetype kept = objects();
        const Totals first = m_program->totals();
        QVERIFY(sent > 0);

        m_program->drop({m_collection.path()});
        QVERIFY(waitInLoop([this] { return hasFinished(2); }, WholeRunMs));

        QCOMPARE(m_program->client->sentBytes(), sent);
        QCOMPARE(objects(), kept);
        const Totals &both = m_program->totals();
        QCOMPARE(both.done, first.done);
        QCOMPARE(both.duplicate, first.duplicate + first.done + first.duplicate);
        QCOMPARE(both.needsYou, 2 * first.needsYou); // refused without their bytes
        QCOMPARE(both.skipped, 2 * first.skipped);
    }

    void noInvariantIsBroken()
    {
        QVERIFY(waitInLoop([this] { return m_folders.rows(u"outbox WHERE sent_ms IS NULL"_s) == 0; }, 60'000));
        m_program.reset();

        QCOMPARE(m_folders.violations(), QString());
    }

private:
    bool hasFinished(int folders)
    {
        const Totals &totals = m_program->totals();
        const qint64 known = totals.done + totals.duplicate + totals.needsYou + totals.skipped;
        if (totals.folders != folders || !totals.isFinished() || known != folders * m_files.size())
            return false;
        // Rows out of sight are read again when they come into sight: the list is scrolled to the first that is still under way.
        const QList<UploadRow> rows = m_program->rows();
        const auto moving = std::find_if_not(rows.cbegin(), rows.cend(), hasEnded);
        if (moving != rows.cend())
            m_program->scrollTo(static_cast<int>(moving - rows.cbegin()));
        return rows.size() == m_files.size() && moving == rows.cend();
    }

    qsizetype objects() const { return FaultFolders::filesBelow(QFile::encodeName(m_folders.server() + u"/objects"_s)).size(); }

    static void verifyTold(const DetailPane &pane, const Ending &expected, const QByteArray &name)
    {
        const ProblemPanel &problem = *pane.problem();
        const QStringList texts = visibleTexts(pane);
        QVERIFY2(texts.contains(QString::fromUtf8(name)), name.constData());
        QVERIFY2(problem.isVisible() == !expected.code.isEmpty(), name.constData());
        if (expected.code.isEmpty())
            return;
        const support::Sentence sentence = PhotoCollection::sentenceOf(expected.code, true);
        QCOMPARE(problem.title(), sentence.title);
        QVERIFY2(problem.body().startsWith(sentence.advice), qPrintable(problem.body()));
        QVERIFY2(texts.contains(problem.title()) && texts.contains(problem.body()), qPrintable(texts.join(u'\n')));
        const bool isCodeThere = std::any_of(texts.cbegin(), texts.cend(), [&](const QString &text) { return text.startsWith(expected.code); });
        QVERIFY2(isCodeThere, qPrintable(texts.join(u'\n')));
        if (expected.stage.isEmpty())
            return;
        const QList<AttemptStage> stages = stagesOf(pane);
        for (const AttemptStage &stage : stages)
            QVERIFY2((stage.name == expected.stage) == (stage.isSuccessful == false), qPrintable(stage.name));
        const StageTimeline *timeline = pane.findChild<StageTimeline *>();
        QVERIFY(timeline && timeline->isVisible());
        QVERIFY2(timeline->accessibleDescription().contains(u"Validation failed, "_s), qPrintable(timeline->accessibleDescription()));
    }

    struct AttemptStage {
        QString name;
        std::optional<bool> isSuccessful;
    };
    static QList<AttemptStage> stagesOf(const DetailPane &pane)
    {
        QList<AttemptStage> stages;
        for (const StageRecord &stage : pane.detail()->attempts.first().stages)
            stages << AttemptStage{QString(stageName(stage.stage)), stage.isSuccessful};
        return stages;
    }

    PhotoCollection m_collection;
    FaultFolders m_folders;
    QList<QByteArray> m_files;
    std::unique_ptr<RealProgram> m_program;
};

QTEST_MAIN(WindowMainJobTest)
#include "tst_windowmainjob.moc"
