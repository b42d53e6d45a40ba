#include "tests/support/fakeuploadfeed.h"
#include "ui/shell/appearance.h"
#include "ui/shell/footerbar.h"
#include "ui/shell/headerbar.h"
#include "ui/shell/mainwindow.h"
#include "ui/uploads/batchdelegate.h"
#include "ui/uploads/problempanel.h"
#include "ui/uploads/stagetimeline.h"

#include <QAccessible>
#include <QApplication>
#include <QHeaderView>
#include <QLocale>
#include <QSignalSpy>
#include <QTest>
#include <QTranslator>

using namespace photolift;
using namespace photolift::ui;
using namespace Qt::StringLiterals;
using Hold = pipeline::QueueState::Hold;

/// How the window takes what a person set on their desktop: a large font, another theme, reading from right to left, a screen reader.
class LooksTest : public QObject
{
    Q_OBJECT

    /// The window with three folders, one failed photo among many, and its detail pane.
    struct Busy {
        test::FakeUploadFeed feed;
        UploadsController controller{feed, Destination{true, u"/srv/photos"_s, {}}};
        MainWindow window{controller};

        explicit Busy(QSize size = QSize(1440, 900), bool isEmpty = false)
        {
            if (!isEmpty)
                fill();
            pipeline::QueueState state;
            state.isServerReachable = true;
            state.isConnecting = false;
            state.bytesPerSecond = isEmpty ? 0 : 38'400'000;
            state.secondsLeft = isEmpty ? std::nullopt : std::optional<qint64>(840);
            state.rateLimit = 40'000'000;
            NetworkFacts network;
            network.connectionType = u"cellular"_s;
            network.signalStrength = 80;
            window.setNetwork(network, true);
            window.resize(size);
            controller.start();
            Q_EMIT feed.queueStateChanged(state);
            window.show();
        }
        void fill()
        {
            for (const QString &name : {u"Reine harbour"_s, u"Aurora night"_s, u"Wedding, selects"_s})
                feed.addFolder(name, 40, u"Lofoten winter"_s);
            for (const int row : {0, 20, 21}) {
                test::standAt(feed.item(row), ItemState::NeedsYou, Stage::Validation, StageState::Failed);
                feed.item(row).item.errorCode = ErrorCode::ValidationTruncated;
            }
            for (const int row : {1, 2, 3})
                test::standAt(feed.item(row), ItemState::Running, Stage::Transfer, StageState::Active);
            for (int row = 4; row < 12; ++row)
                test::standDone(feed.item(row));
            feed.recount();
        }
        WorkPage &work() { return *window.uploads()->workPage(); }
        bool isReady() { return controller.photos()->rowCount() == 120 && controller.photos()->rowAt(0); }
        void chooseFailed() { work().photos()->goToRow(0); }
        /// The problem is there with all its buttons, and the pane has given them their place.
        bool isProblemShown()
        {
            const ProblemPanel *problem = work().detail()->problem();
            if (!work().isDetailShown())
                return true;
            const QList<QPushButton *> buttons = problem->findChildren<QPushButton *>();
            return problem->isVisible() && problem->retryAllButton()->isVisible()
                && std::all_of(buttons.cbegin(), buttons.cend(), [problem](const QPushButton *button) {
                       return button->isHidden() || (button->width() == button->sizeHint().width() && problem->rect().contains(button->geometry()));
                   });
        }
    };

    static QString described(const QWidget *widget)
    {
        QString path;
        for (const QWidget *each = widget; each; each = each->parentWidget())
            path.prepend(u'/' + QString::fromLatin1(each->metaObject()->className()));
        const auto *label = qobject_cast<const QLabel *>(widget);
        const auto *button = qobject_cast<const QAbstractButton *>(widget);
        return path + u" \""_s + (label ? label->text() : button ? button->text() : QString()) + u"\" "_s
            + u"%1x%2 of %3x%4"_s.arg(widget->width()).arg(widget->height()).arg(widget->sizeHint().width()).arg(widget->sizeHint().height());
    }

    /// Words that are shown have their room; only labels that elide, and say the rest in their tooltip, may have less.
    static void verifyNoTextIsCut(const MainWindow &window) { verifyNoTextIsCut(window, window); }
    static void verifyNoTextIsCut(const MainWindow &window, const QWidget &part)
    {
        const QList<QWidget *> widgets = part.findChildren<QWidget *>();
        for (const QWidget *widget : widgets) {
            if (!widget->isVisible() || widget->window() != &window)
                continue;
            if (const auto *label = qobject_cast<const QLabel *>(widget); label && !label->text().isEmpty()) {
                const auto *plain = qobject_cast<const PlainLabel *>(label);
                if (plain && plain->isElided()) {
                    QVERIFY2(!plain->toolTip().isEmpty(), qPrintable(described(widget)));
                } else if (label->wordWrap()) {
                    QVERIFY2(label->height() >= label->heightForWidth(label->width()), qPrintable(described(widget)));
                } else {
                    QVERIFY2(label->width() >= label->sizeHint().width(), qPrintable(described(widget)));
                }
                QVERIFY2(label->height() >= label->fontMetrics().height() - 1, qPrintable(described(widget)));
            } else if (const auto *button = qobject_cast<const QAbstractButton *>(widget); button && !button->text().isEmpty()) {
                const auto *tool = qobject_cast<const QToolButton *>(button);
                const int words = tool && tool->toolButtonStyle() == Qt::ToolButtonIconOnly ? 0 : button->fontMetrics().horizontalAdvance(button->text());
                QVERIFY2(widget->width() >= std::max(words, widget->sizeHint().width()), qPrintable(described(widget)));
                QVERIFY2(widget->height() >= widget->fontMetrics().height(), qPrintable(described(widget)));
            }
            // What scrolls only down is not wider than what shows of it.
            if (const auto *area = qobject_cast<const QScrollArea *>(widget); area && area->widget())
                QVERIFY2(area->widget()->width() <= area->viewport()->width(), qPrintable(described(area->widget())));
            // Nothing is pushed out of what holds it; what scrolls may be larger.
            const QWidget *parent = widget->parentWidget();
            if (parent && !qobject_cast<const QAbstractScrollArea *>(parent->parentWidget()))
                QVERIFY2(parent->rect().adjusted(-6, -6, 6, 6).contains(widget->geometry()), qPrintable(described(widget)));
        }
    }

    static void verifyNothingOverlaps(const QWidget &column)
    {
        const QList<QWidget *> rows = column.findChildren<QWidget *>(Qt::FindDirectChildrenOnly);
        for (const QWidget *one : rows) {
            for (const QWidget *other : rows) {
                if (one != other && one->isVisible() && other->isVisible())
                    QVERIFY2(!one->geometry().intersects(other->geometry()), qPrintable(described(one) + described(other)));
            }
        }
    }

    /// English as long as it lives: words that have no plural stand in the sources, so the German has to be out of the way.
    class English
    {
    public:
        English()
        {
            for (QTranslator *each : m_german)
                QApplication::removeTranslator(each);
            QLocale::setDefault(QLocale(u"en_GB"_s));
            [[maybe_unused]] const bool isRead = m_english.load(QLocale(u"en"_s), u"photolift"_s, u"_"_s, u":/i18n"_s);
            QApplication::installTranslator(&m_english);
        }
        ~English()
        {
            QApplication::removeTranslator(&m_english);
            QLocale::setDefault(QLocale(u"de_DE"_s));
            for (QTranslator *each : m_german)
                QApplication::installTranslator(each);
        }
        Q_DISABLE_COPY_MOVE(English)

    private:
        QList<QTranslator *> m_german = qApp->findChildren<QTranslator *>(Qt::FindDirectChildrenOnly);
        QTranslator m_english;
    };

    static QImage settled(MainWindow &window)
    {
        window.activateWindow();
        [[maybe_unused]] const bool isActive = QTest::qWaitForWindowActive(&window);
        return window.grab().toImage();
    }

private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(u"de_DE"_s));
        QVERIFY(installTranslation(u"de"_s));
        m_appearance = new Appearance(Appearance::Choice::Light, qApp);
        m_font = QApplication::font();
    }
    void cleanup()
    {
        QApplication::setFont(m_font);
        QApplication::setLayoutDirection(Qt::LeftToRight);
        m_appearance->choose(Appearance::Choice::Light);
    }

    void noTextIsCut_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<int>("percent");
        QTest::addColumn<QSize>("size");
        for (const QString &language : {u"de"_s, u"en"_s}) {
            for (const int percent : {100, 125, 150, 200}) {
                for (const QSize size : {QSize(1440, 900), QSize(1024, 640)})
                    QTest::addRow("%s, %d %% at %d", qPrintable(language), percent, size.width()) << language << percent << size;
            }
        }
    }
    void noTextIsCut()
    {
        QFETCH(QString, language);
        const auto english = language == u"en"_s ? std::make_unique<English>() : nullptr;
        QFETCH(int, percent);
        QFETCH(QSize, size);
        QFont font = m_font;
        font.setPointSizeF(font.pointSizeF() * percent / 100);
        QApplication::setFont(font);

        Busy empty(size, true);
        QTRY_VERIFY(empty.window.uploads()->emptyPage()->isVisible());
        QCoreApplication::processEvents();
        verifyNoTextIsCut(empty.window);
        QCOMPARE(empty.window.size(), size);

        Busy busy(size);
        QTRY_VERIFY(busy.isReady());
        busy.chooseFailed();
        QTRY_VERIFY(busy.isProblemShown());
        QCoreApplication::processEvents();
        verifyNoTextIsCut(busy.window);
        busy.work().setDetailShown(!busy.work().isDetailShown());
        QTRY_VERIFY(busy.isProblemShown());
        QCoreApplication::processEvents();
        verifyNoTextIsCut(busy.window);
        QCOMPARE(busy.window.size(), size);
        // The second line of the left lamp is whole at the usual sizes.
        const PlainLabel *detail = busy.window.uploads()->verdicts()->motion()->detailLabel();
        if (percent == 100)
            QVERIFY2(!detail->isElided() || detail->width() >= detail->fontMetrics().horizontalAdvance(detail->text()), qPrintable(described(detail)));
    }

    void theFooterCutsNothing_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<int>("percent");
        QTest::addColumn<int>("width");
        for (const QString &language : {u"de"_s, u"en"_s}) {
            for (const int percent : {100, 150, 200, 250, 300}) { // many desktops begin with a font that is a fifth larger
                for (const int width : {1440, 1024})
                    QTest::addRow("%s, %d %% at %d", qPrintable(language), percent, width) << language << percent << width;
            }
        }
    }
    void theFooterCutsNothing()
    {
        QFETCH(QString, language);
        QFETCH(int, percent);
        QFETCH(int, width);
        const auto english = language == u"en"_s ? std::make_unique<English>() : nullptr;
        QFont font = m_font;
        font.setPointSizeF(font.pointSizeF() * percent / 100);
        QApplication::setFont(font);
        Busy busy(QSize(2400, 640));
        QCoreApplication::processEvents();
        busy.window.resize(width, 640);
        QCoreApplication::processEvents();

        const FooterBar &footer = *busy.window.footer();
        verifyNoTextIsCut(busy.window, footer);
        verifyNothingOverlaps(footer);
        QCOMPARE(footer.width(), width);
        const QList<QWidget *> items = footer.findChildren<QWidget *>(Qt::FindDirectChildrenOnly);
        for (const QWidget *item : items) // they end where its margin begins
            QVERIFY2(!item->isVisible() || item->geometry().right() <= footer.width() - 16, qPrintable(described(item)));
        // Words that have no room are whole in the tooltip; what is a number is always read.
        const QList<QToolButton *> facts = footer.findChildren<QToolButton *>();
        QCOMPARE(facts.size(), 3);
        for (const QToolButton *fact : facts) {
            QVERIFY2(fact->isVisible() && !fact->testAttribute(Qt::WA_TransparentForMouseEvents), qPrintable(described(fact)));
            QVERIFY2(fact->toolTip().contains(fact->text().toHtmlEscaped()) && fact->accessibleName() == fact->text(), qPrintable(described(fact)));
            const bool isRead = fact->toolButtonStyle() == Qt::ToolButtonTextBesideIcon;
            QVERIFY2(isRead || !fact->text().contains(u"40"_s), qPrintable(described(fact)));
            QVERIFY2(isRead || percent > 100, qPrintable(described(fact)));
        }
    }

    void noMessageIsCut_data() { noTextIsCut_data(); }
    void noMessageIsCut()
    {
        QFETCH(QString, language);
        const auto english = language == u"en"_s ? std::make_unique<English>() : nullptr;
        QFETCH(int, percent);
        QFETCH(QSize, size);
        QFont font = m_font;
        font.setPointSizeF(font.pointSizeF() * percent / 100);
        QApplication::setFont(font);
        Busy busy(size);
        QTRY_VERIFY(busy.isReady());
        const NoticeBar *notice = busy.window.uploads()->notice();

        Q_EMIT busy.feed.serverFailing({ErrorCode::ApiUnavailable, u"died 4 times in a row; the embedded server ended with code 1: "
                                                                   u"cannot make its folder: File exists"_s});
        QTRY_VERIFY(notice->isVisible() && notice->body()->width() > 0);
        QCoreApplication::processEvents();
        verifyNothingOverlaps(*busy.work().photos()->parentWidget()); // the message took some of their height
        verifyNoTextIsCut(busy.window, *notice);
        QVERIFY(!notice->body()->isElided());
        QCOMPARE(busy.window.size(), size);
        Q_EMIT busy.feed.cancelled({QUuid::createUuid(), QUuid::createUuid()}, QDateTime::currentMSecsSinceEpoch() + 10'000);
        QCoreApplication::processEvents();
        verifyNoTextIsCut(busy.window, *notice);
    }

    void noColumnHeadIsCut_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<int>("percent");
        QTest::addColumn<int>("width");
        for (const QString &language : {u"de"_s, u"en"_s}) {
            for (const int percent : {100, 125, 150, 200}) {
                for (const int width : {1440, 1200, 1024})
                    QTest::addRow("%s, %d %% at %d", qPrintable(language), percent, width) << language << percent << width;
            }
        }
    }
    void noColumnHeadIsCut()
    {
        QFETCH(QString, language);
        QFETCH(int, percent);
        QFETCH(int, width);
        const auto english = language == u"en"_s ? std::make_unique<English>() : nullptr;
        QFont font = m_font;
        font.setPointSizeF(font.pointSizeF() * percent / 100);
        QApplication::setFont(font);
        Busy busy(QSize(width, 800));
        QTRY_VERIFY(busy.isReady());
        busy.work().setDetailShown(false);
        QCoreApplication::processEvents();

        const QHeaderView *head = busy.work().photos()->horizontalHeader();
        const QFontMetrics metrics(fontFor(TextSize::Label));
        for (int column = 0; column < head->count(); ++column) {
            if (head->isSectionHidden(column))
                continue;
            const QString text = busy.controller.photos()->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
            // The padding of a head, and the arrow beside the word of a sorted one.
            const bool isNumber = column == UploadTableModel::SizeColumn || column == UploadTableModel::SpeedColumn;
            const QString shown = metrics.elidedText(text, Qt::ElideRight, head->sectionSize(column) - 12 - (isNumber ? 0 : 16));
            QVERIFY2(!shown.contains(u'…'), qPrintable(shown));
        }
        QCOMPARE(busy.controller.photos()->headerData(UploadTableModel::StepsColumn, Qt::Horizontal, Qt::AccessibleTextRole).toString(),
                 language == u"de"_s ? u"Dieser Computer · Server"_s : u"This computer · Server"_s);
    }

    void theBarsOfTheStagesEndBeforeTheirTimes_data()
    {
        QTest::addColumn<qint64>("longest");
        QTest::newRow("seconds") << qint64(4'200);
        QTest::newRow("minutes") << qint64(125'000);
    }
    void theBarsOfTheStagesEndBeforeTheirTimes()
    {
        QFETCH(qint64, longest);
        StageTimeline timeline;
        StageRecord transfer;
        transfer.stage = Stage::Transfer;
        transfer.durationMs = longest;
        StageStrip strip;
        strip.states[static_cast<std::size_t>(Stage::Transfer)] = StageState::Done;
        timeline.setStages({transfer}, strip);
        timeline.resize(336, timeline.sizeHint().height());
        timeline.setAutoFillBackground(true);
        timeline.setBackgroundRole(QPalette::Base);
        const QImage image = timeline.grab().toImage();

        // The bar is the only long run of its colour; after it the ground shows before the first letter.
        const QRgb bar = LightTheme.done.fill;
        const QRgb ground = LightTheme.base;
        int run = 0;
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x) {
                run = image.pixel(x, y) == bar ? run + 1 : 0;
                const bool isEnd = run > 30 && (x + 1 == image.width() || image.pixel(x + 1, y) != bar);
                if (!isEnd)
                    continue;
                for (int beside = 1; beside <= 4; ++beside)
                    QCOMPARE(QColor(image.pixel(x + beside, y)).name(), QColor(ground).name());
                return;
            }
        }
        QFAIL("no bar was painted");
    }

    void anotherThemeRepaintsEverything()
    {
        Busy changed;
        QTRY_VERIFY(changed.isReady());
        changed.chooseFailed();
        QTRY_VERIFY(changed.isProblemShown());
        const QImage light = settled(changed.window);

        m_appearance->choose(Appearance::Choice::Dark);
        const QImage dark = settled(changed.window);
        Busy born;
        QTRY_VERIFY(born.isReady());
        born.chooseFailed();
        QTRY_VERIFY(born.isProblemShown());

        QVERIFY(light != dark);
        QTRY_COMPARE(settled(changed.window), settled(born.window));
    }

    void fromRightToLeftTheButtonsOfAFolderStandOnTheLeft()
    {
        QApplication::setLayoutDirection(Qt::RightToLeft);
        Busy busy;
        QTRY_VERIFY(busy.isReady());
        QListView *folders = busy.work().folders();
        QStyleOptionViewItem option;
        option.direction = Qt::RightToLeft;
        option.rect = folders->visualRect(busy.controller.batches()->index(0));
        const QRect pause = BatchDelegate::pauseRect(option);
        QVERIFY(pause.right() < folders->width() / 4);

        QTest::mouseClick(folders->viewport(), Qt::LeftButton, {}, pause.center());

        QTRY_COMPARE(busy.feed.commands.value(0), u"pauseBatch"_s);
        const auto *motion = busy.window.uploads()->verdicts()->motion();
        QVERIFY(motion->geometry().left() > busy.window.uploads()->verdicts()->attention()->geometry().left());
        QVERIFY(motion->button()->geometry().right() < motion->width() / 2);
    }

    void aScreenReaderFindsNothingNameless_data()
    {
        QTest::addColumn<bool>("isEmpty");
        QTest::newRow("empty") << true;
        QTest::newRow("busy, with details") << false;
    }
    void aScreenReaderFindsNothingNameless()
    {
        QFETCH(bool, isEmpty);
        Busy busy(QSize(1440, 900), isEmpty);
        QTRY_VERIFY(isEmpty ? busy.window.uploads()->emptyPage()->isVisible() : busy.isReady());
        if (!isEmpty) {
            busy.chooseFailed();
            QTRY_VERIFY(busy.work().detail()->problem()->isVisible());
        }
        int named = 0;
        const QList<QWidget *> widgets = busy.window.findChildren<QWidget *>();
        for (QWidget *widget : widgets) {
            const bool isReached = widget->focusPolicy() & Qt::TabFocus || qobject_cast<LampWidget *>(widget);
            if (!widget->isVisible() || !isReached)
                continue;
            const QAccessibleInterface *interface = QAccessible::queryAccessibleInterface(widget);
            QVERIFY2(interface && !interface->text(QAccessible::Name).isEmpty(), qPrintable(described(widget)));
            const auto *button = qobject_cast<QAbstractButton *>(widget);
            if (button && button->text().isEmpty() && !qobject_cast<const SegmentButton *>(button))
                QVERIFY2(!button->toolTip().isEmpty(), qPrintable(described(widget)));
            ++named;
        }
        QVERIFY2(named >= (isEmpty ? 6 : 12), qPrintable(QString::number(named)));
    }

    void rowsAndFoldersAreReadAsWholeSentences()
    {
        Busy busy;
        QTRY_VERIFY(busy.isReady());

        const QString row = busy.controller.photos()->index(0, 0).data(Qt::AccessibleTextRole).toString();
        QVERIFY2(row.contains(QString::fromUtf8(busy.feed.item(0).item.relativePath)), qPrintable(row));
        QVERIFY2(row.contains(u"Schritt 7 von 11"_s), qPrintable(row));
        const QString folder = busy.controller.batches()->index(2).data(Qt::AccessibleTextRole).toString();
        QVERIFY2(folder.startsWith(u"Reine harbour, 8 von 40 fertig, 3 fehlgeschlagen"_s), qPrintable(folder));
    }

    void tabStopsFollowTheReadingOrder()
    {
        Busy busy;
        QTRY_VERIFY(busy.isReady());
        QVERIFY(QTest::qWaitForWindowActive(&busy.window));
        busy.work().folders()->setFocus();
        for (QWidget *expected : {static_cast<QWidget *>(busy.work().filter()), static_cast<QWidget *>(busy.work().search()),
                                  static_cast<QWidget *>(busy.work().photos())}) {
            const auto isThere = [&] {
                const QWidget *focus = QApplication::focusWidget();
                return focus && (focus == expected || expected->isAncestorOf(focus));
            };
            for (int step = 0; step < 8 && !isThere(); ++step)
                QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
            QVERIFY2(isThere(), expected->metaObject()->className());
        }
    }

private:
    Appearance *m_appearance = nullptr;
    QFont m_font;
};

QTEST_MAIN(LooksTest)
#include "tst_looks.moc"
