#include "models/vocabulary/ids.h"
#include "tests/support/fakeuploadfeed.h"
#include "ui/shell/appearance.h"
#include "ui/shell/connectdialog.h"
#include "ui/shell/footerbar.h"
#include "ui/shell/mainwindow.h"
#include "ui/uploads/scenes.h"

#include <QApplication>
#include <QDir>
#include <QDragEnterEvent>
#include <QElapsedTimer>
#include <QLocale>
#include <QMimeData>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

// photolift-gallery FOLDER [light|dark|german] [FONT%]: paints every state of the window into PNG files, in the size of the mock-ups
// and in the least one, for looking at them beside the mock-ups. A font of 200 (per cent), -reverse and QT_SCALE_FACTOR show what
// the person's own settings do. Names, numbers and pictures in them are examples.

using namespace Qt::StringLiterals;
using namespace photolift;
using ui::Scene;

namespace {

constexpr qint64 Minute = 60'000;

struct Stand {
    QString name;
    std::function<void(test::FakeUploadFeed &)> prepare;
    std::function<void(test::FakeUploadFeed &, ui::MainWindow &)> act;
};

/// Waits until nothing on the window changes any more, for longer than the slowest tick of its models.
void settle(ui::MainWindow &window)
{
    constexpr int CalmMs = 600;
    QImage last;
    QElapsedTimer calm;
    const bool isCalm = QTest::qWaitFor([&] {
        const QImage now = window.grab().toImage();
        if (now != last)
            calm.start();
        last = now;
        return calm.elapsed() > CalmMs;
    }, 4000);
    if (!isCalm)
        fputs("a picture still moves\n", stderr);
}

StageRecord stageTook(Stage stage, qint64 ms, int retries = 0)
{
    StageRecord record;
    record.stage = stage;
    record.durationMs = ms;
    record.retryCount = retries;
    record.isSuccessful = true;
    return record;
}

void setPictures(test::FakeUploadFeed &feed)
{
    int i = 0;
    for (const store::ItemView &view : feed.items) {
        const Scene scene = static_cast<Scene>((i++ / 2) % ui::SceneCount);
        feed.pictures.insert(QString::fromUtf8(view.item.relativePath), ui::paintScene(scene, QSize(480, 360)));
        if (i > 40)
            break;
    }
}

/// A failed photo with everything the detail pane can show.
void makeFailed(test::FakeUploadFeed &feed, int row)
{
    store::ItemView &view = feed.item(row);
    test::standAt(view, ItemState::NeedsYou, Stage::Validation, StageState::Failed);
    view.item.errorCode = ErrorCode::ValidationTruncated;
    view.item.errorStage = Stage::Validation;
    view.item.attemptNumber = 1;
    view.item.clientUploadId = newUuid7();
    store::ItemDetail detail;
    store::AttemptView attempt;
    attempt.attempt.clientUploadId = view.item.clientUploadId;
    attempt.attempt.status = Status::Failed;
    attempt.attempt.startedMs = nowMs() - 4 * Minute;
    attempt.stages = {stageTook(Stage::Selection, 100),  stageTook(Stage::Preprocessing, 1400), stageTook(Stage::Initiation, 300),
                      stageTook(Stage::Transfer, 4200, 1), stageTook(Stage::Verification, 600), stageTook(Stage::Reception, 200),
                      stageTook(Stage::Validation, 400)};
    ErrorRecord error;
    error.code = ErrorCode::ValidationTruncated;
    attempt.errors = {error};
    detail.attempts = {attempt};
    PhotoRecord photo;
    photo.typeName = u"RAW"_s;
    photo.width = 8256;
    photo.height = 5504;
    photo.extracted = QJsonObject{{u"taken"_s, u"2026:11:18 08:41:02"_s}, {u"make"_s, u"NIKON CORPORATION"_s}, {u"model"_s, u"Nikon Z 8"_s},
                                  {u"lens"_s, u"24-70 mm f/2.8 S"_s},     {u"exposure_time"_s, 0.004},         {u"f_number"_s, 8.0},
                                  {u"iso"_s, 64}};
    detail.photo = photo;
    feed.details.insert(view.item.itemId, detail);
}

void fillBusy(test::FakeUploadFeed &feed)
{
    const qint64 now = nowMs();
    feed.addFolder(u"2026-11-18 Reine harbour"_s, 1248, u"Lofoten winter"_s);
    for (int row = 0; row < 1248; ++row) {
        store::ItemView &view = feed.item(row);
        if (row < 839)
            test::standDone(view);
        if (row >= 815 && row < 839) {
            view.item.state = ItemState::Duplicate;
            view.stages.fill(StageState::Duplicate);
        }
    }
    makeFailed(feed, 0);
    makeFailed(feed, 30);
    makeFailed(feed, 31);
    test::standAt(feed.item(1), ItemState::Running, Stage::Transfer, StageState::Active);
    test::standAt(feed.item(2), ItemState::Running, Stage::Transfer, StageState::Active);
    test::standAt(feed.item(3), ItemState::WaitingToRetry, Stage::Transfer, StageState::Retrying);
    feed.item(3).item.retryAtMs = now + 8000;
    feed.item(3).ackedBytes = feed.item(3).item.identity.size * 37 / 100;
    test::standAt(feed.item(4), ItemState::Running, Stage::Processing, StageState::Active);
    feed.pictures.insert(u"DSC_4821.JPG"_s, ui::paintScene(Scene::Harbour, QSize(480, 360)));
    feed.item(5).item.relativePath = "DSC_4821.JPG";
    feed.item(5).item.identity.size = 11'200'000;
    feed.item(6).item.state = ItemState::Duplicate;
    feed.item(6).currentStage.reset();
    feed.item(6).stages.fill(StageState::Duplicate);
    test::standAt(feed.item(7), ItemState::Running, Stage::Verification, StageState::Active);
    test::standAt(feed.item(8), ItemState::Running, Stage::Transfer, StageState::Active);
    test::standAt(feed.item(9), ItemState::Running, Stage::Preprocessing, StageState::Active);
    setPictures(feed);
    feed.recount();

    QList<store::BatchView> given;
    const auto addOld = [&feed, &given](const QString &name, const QString &project, qint64 done, qint64 duplicate, qint64 waiting, qint64 bytes) {
        // Four photos stand for the folder, so that it has pictures; its numbers are given.
        const qsizetype first = feed.items.size();
        feed.addFolder(name, 4, project);
        for (int i = 0; i < 4; ++i) {
            const QString photo = u"P%1_%2.NEF"_s.arg(first).arg(i);
            feed.items[first + i].item.relativePath = photo.toUtf8();
            feed.pictures.insert(photo, ui::paintScene(static_cast<Scene>((first / 4 + i) % ui::SceneCount), QSize(480, 360)));
        }
        store::BatchView view = feed.batchList.takeFirst();
        view.found = done + duplicate + waiting;
        view.done = view.safe = done;
        view.duplicate = duplicate;
        view.waiting = waiting;
        view.bytes = bytes;
        if (waiting == 0)
            view.finishedMs = nowMs() - 40 * Minute;
        given.append(view);
    };
    addOld(u"Card 2 – aurora night"_s, u"Lofoten winter"_s, 10, 0, 1530, 18'900'000'000);
    addOld(u"Hansen wedding – selects"_s, u"Weddings 2026"_s, 1090, 34, 0, 9'600'000'000);
    feed.batchList += given;
}

void fillRecent(test::FakeUploadFeed &feed)
{
    const QStringList names{u"Hansen wedding – selects"_s, u"Ceramics catalogue"_s, u"Day 9 – dunes"_s};
    const QStringList projects{u"Weddings 2026"_s, u"Studio"_s, u"Namibia"_s};
    const std::array<qint64, 3> counts{1124, 312, 864};
    for (int i = 0; i < 3; ++i) {
        store::BatchView view;
        view.rowId = i + 1;
        view.batch.batchId = newUuid7();
        view.batch.name = names.at(i);
        view.projectName = projects.at(i);
        view.isCounted = true;
        view.isCleared = true;
        view.found = counts[static_cast<std::size_t>(i)];
        view.done = view.safe = view.found;
        view.finishedMs = nowMs() - (i * 26 * 60 + 20) * Minute;
        feed.batchList.append(view);
    }
}

pipeline::QueueState queueState(pipeline::QueueState::Hold hold)
{
    pipeline::QueueState state;
    state.hold = hold;
    state.isServerReachable = hold != pipeline::QueueState::Hold::Offline && hold != pipeline::QueueState::Hold::ServerUnreachable;
    state.isConnecting = false;
    state.rateLimit = 40'000'000;
    if (hold == pipeline::QueueState::Hold::None) {
        state.bytesPerSecond = 38'400'000;
        state.secondsLeft = 14 * 60;
    } else {
        state.nextTryMs = nowMs() + 20'000;
    }
    return state;
}

void showBusy(test::FakeUploadFeed &feed, ui::MainWindow &window, pipeline::QueueState::Hold hold)
{
    for (int i = 0; i < 40; ++i) {
        pipeline::QueueState state = queueState(hold);
        if (hold == pipeline::QueueState::Hold::None && i < 39)
            state.bytesPerSecond = static_cast<qint64>(30e6 + 7e6 * std::sin(i * 0.55) + 4e6 * std::sin(i * 1.7));
        Q_EMIT feed.queueStateChanged(state);
    }
    window.uploads()->workPage()->selectFolder(feed.batchList.first().batch.batchId);
    settle(window);
    window.uploads()->workPage()->photos()->goToRow(0);
    QList<pipeline::ItemProgress> progress;
    const auto add = [&](int row, int percent, qint64 speed) {
        const store::Item &item = feed.item(row).item;
        progress << pipeline::ItemProgress{item.itemId, Stage::Transfer, item.identity.size * percent / 100, item.identity.size, speed};
    };
    const bool isMoving = hold == pipeline::QueueState::Hold::None;
    add(1, 62, isMoving ? 11'800'000 : 0);
    add(2, 41, isMoving ? 12'300'000 : 0);
    add(8, 8, isMoving ? 14'300'000 : 0);
    Q_EMIT feed.progressSampled(progress);
}

void drag(ui::MainWindow &window, const QString &folder)
{
    static QMimeData mime;
    mime.setUrls({QUrl::fromLocalFile(folder), QUrl::fromLocalFile(folder + u"/."_s)});
    QDragEnterEvent enter(QPoint(300, 300), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(window.uploads(), &enter);
}

QList<Stand> stands(const QString &folder)
{
    using Hold = pipeline::QueueState::Hold;
    const auto calm = [](test::FakeUploadFeed &feed, ui::MainWindow &) {
        pipeline::QueueState state = queueState(Hold::None);
        state.bytesPerSecond = 0;
        state.secondsLeft.reset();
        Q_EMIT feed.queueStateChanged(state);
    };
    const auto busy = [](test::FakeUploadFeed &feed, ui::MainWindow &window) { showBusy(feed, window, Hold::None); };
    return {
        {u"01-empty"_s, fillRecent, calm},
        {u"01-dragover"_s, fillRecent, [calm, folder](test::FakeUploadFeed &feed, ui::MainWindow &window) {
             calm(feed, window);
             drag(window, folder);
         }},
        {u"02-busy"_s, fillBusy, busy},
        {u"02-busy-dragover"_s, fillBusy, [busy, folder](test::FakeUploadFeed &feed, ui::MainWindow &window) {
             busy(feed, window);
             drag(window, folder);
         }},
        {u"02-busy-detail"_s, fillBusy, [busy](test::FakeUploadFeed &feed, ui::MainWindow &window) {
             busy(feed, window);
             window.uploads()->workPage()->setDetailShown(true);
         }},
        {u"02-offline"_s, fillBusy, [](test::FakeUploadFeed &feed, ui::MainWindow &window) { showBusy(feed, window, Hold::Offline); }},
        {u"02-paused"_s, fillBusy, [](test::FakeUploadFeed &feed, ui::MainWindow &window) { showBusy(feed, window, Hold::PausedByYou); }},
        {u"02-full"_s, fillBusy, [](test::FakeUploadFeed &feed, ui::MainWindow &window) { showBusy(feed, window, Hold::NoSpace); }},
        {u"03-counting"_s,
         [](test::FakeUploadFeed &feed) {
             feed.addFolder(u"2026-11-18 Reine harbour"_s, 1306, u"Lofoten winter"_s);
             feed.batchList.first().isCounted = false;
             setPictures(feed);
         },
         calm},
        {u"04-finished"_s,
         [](test::FakeUploadFeed &feed) {
             feed.addFolder(u"2026-11-18 Reine harbour"_s, 3912, u"Lofoten winter"_s);
             setPictures(feed);
             for (store::ItemView &view : feed.items)
                 test::standDone(view);
             feed.recount();
             feed.batchList.first().finishedMs = nowMs() - Minute;
         },
         calm},
        {u"04-finished-failed"_s,
         [](test::FakeUploadFeed &feed) {
             feed.addFolder(u"2026-11-18 Reine harbour"_s, 390, u"Lofoten winter"_s);
             for (store::ItemView &view : feed.items)
                 test::standDone(view);
             makeFailed(feed, 2);
             makeFailed(feed, 5);
             feed.pictures.clear();
             setPictures(feed);
             feed.recount();
             feed.batchList.first().finishedMs = nowMs() - Minute;
         },
         [calm](test::FakeUploadFeed &feed, ui::MainWindow &window) {
             calm(feed, window);
             window.uploads()->verdicts()->attention()->button()->click();
             window.uploads()->workPage()->setDetailShown(true);
         }},
        {u"04-finished-skipped"_s,
         [](test::FakeUploadFeed &feed) {
             feed.addFolder(u"2026-11-18 Reine harbour"_s, 390, u"Lofoten winter"_s);
             setPictures(feed);
             for (store::ItemView &view : feed.items)
                 test::standDone(view);
             for (const int row : {3, 4}) {
                 feed.item(row).item.state = ItemState::Skipped;
                 feed.item(row).item.errorCode = row == 3 ? ErrorCode::SelectionFileEmpty : ErrorCode::SelectionNotAccepted;
                 feed.item(row).item.isMissed = true;
                 feed.item(row).stages.fill(StageState::NotReached);
                 feed.item(row).currentStage.reset();
                 feed.pictures.remove(QString::fromUtf8(feed.item(row).item.relativePath));
             }
             feed.recount();
             feed.batchList.first().finishedMs = nowMs() - Minute;
         },
         calm},
        {u"05-serverfailing"_s, fillBusy, [](test::FakeUploadFeed &feed, ui::MainWindow &window) {
             showBusy(feed, window, Hold::ServerUnreachable);
             Q_EMIT feed.serverFailing({ErrorCode::ApiUnavailable,
                                        u"died 4 times in a row; the embedded server ended with code 1: cannot make its folder: File exists"_s});
         }},
        {u"05-undo"_s, fillBusy, [busy](test::FakeUploadFeed &feed, ui::MainWindow &window) {
             busy(feed, window);
             Q_EMIT feed.cancelled({QUuid::createUuid(), QUuid::createUuid()}, nowMs() + 10'000);
         }},
    };
}

void paintStand(const Stand &stand, QSize size, const QString &file)
{
    test::FakeUploadFeed feed;
    ProjectRecord project;
    project.name = u"Lofoten winter"_s;
    feed.projectList = {project};
    stand.prepare(feed);
    ui::UploadsController controller(feed, {true, QDir::homePath() + u"/Photolift"_s, {}});
    ui::MainWindow window(controller);
    window.resize(size);
    NetworkFacts network;
    network.connectionType = u"wifi"_s;
    network.signalStrength = 80;
    window.setNetwork(network, stand.name != u"02-offline"_s);
    controller.start();
    window.show();
    settle(window);
    stand.act(feed, window);
    settle(window);
    window.grab().save(file);
    fputs(qPrintable(file + u'\n'), stdout);
}

/// The dialog that connects to a server, before and after it was let in, and refused with the longest words.
void paintConnecting(const QString &folder, const QString &kind)
{
    const QUrl server(u"https://photos.example.org"_s);
    const QByteArray token = "pld_example";
    const Error untrusted{ErrorCode::NetworkIdentityUntrusted,
                          u"SSL handshake failed: The certificate is self-signed, and untrusted (certificate issued by photos.example.org, valid until 2026-11-22T20:18:28Z)"_s};
    const QList<std::pair<QString, std::optional<Result<Person>>>> answers{{u"asked"_s, {}}, {u"connected"_s, Person{u"Anna Weber"_s, Role::Photographer}}, {u"untrusted"_s, untrusted},
                                                                        {u"refused"_s, Error{ErrorCode::InitiationTokenExpired, {}}}};
    for (const auto &[name, answer] : answers) {
        ui::ConnectDialog dialog(server.toString());
        dialog.setAttribute(Qt::WA_DeleteOnClose, false);
        dialog.setToken(token);
        dialog.show();
        if (answer)
            dialog.showAnswer(server, token, *answer);
        QTest::qWait(50);
        const QString file = u"%1/06-connect-%2-%3.png"_s.arg(folder, name, kind);
        dialog.grab().save(file);
        fputs(qPrintable(file + u'\n'), stdout);
    }
}

} // namespace

int main(int argc, char **argv)
{
    QApplication app(argc, argv);
    if (argc < 2) {
        fputs("usage: photolift-gallery FOLDER [light|dark|german] [FONT%]\n", stderr);
        return 2;
    }
    const QString folder = QString::fromLocal8Bit(argv[1]);
    const QByteArray kind = argc > 2 ? argv[2] : "light";
    QDir().mkpath(folder);
    QFont font(u"Noto Sans"_s);
    font.setPointSizeF(9.75 * (argc > 3 ? QByteArray(argv[3]).toDouble() / 100 : 1));
    QApplication::setFont(font);
    QLocale::setDefault(kind == "german" ? QLocale(u"de_DE"_s) : QLocale(u"en_GB"_s));
    if (!ui::installTranslation(kind == "german" ? u"de"_s : u"en"_s))
        fputs("the words are missing\n", stderr);
    ui::Appearance appearance(kind == "dark" ? ui::Appearance::Choice::Dark : ui::Appearance::Choice::Light);

    paintConnecting(folder, QString::fromLatin1(kind));
    const QList<Stand> all = stands(folder);
    for (const Stand &stand : all) {
        for (const QSize size : {QSize(1440, 900), QSize(1024, 640)})
            paintStand(stand, size, u"%1/%2-%3-%4.png"_s.arg(folder, stand.name, QString::number(size.width()), QString::fromLatin1(kind)));
    }
    return 0;
}
