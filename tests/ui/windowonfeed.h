#pragma once

#include "tests/support/fakeuploadfeed.h"
#include "ui/shell/mainwindow.h"

#include <QTest>

#include <memory>

namespace photolift::test {

/// The real window over a feed of plain structs: fill the feed, open, and drive it as a person would.
struct WindowOnFeed {
    FakeUploadFeed feed;
    std::unique_ptr<ui::UploadsController> controller;
    std::unique_ptr<ui::MainWindow> window;

    void open()
    {
        controller = std::make_unique<ui::UploadsController>(feed, ui::Destination{true, QStringLiteral("/srv/photos"), {}});
        window = std::make_unique<ui::MainWindow>(*controller);
        window->resize(1440, 900);
        controller->start();
        window->show();
        QVERIFY(QTest::qWaitForWindowActive(window.get()));
    }
    ui::UploadsPage &page() { return *window->uploads(); }
    ui::PhotoTable &table() { return *page().workPage()->photos(); }
    void hold(pipeline::QueueState::Hold hold, bool isPauseChanging = false)
    {
        pipeline::QueueState state;
        state.hold = hold;
        state.isServerReachable = hold == pipeline::QueueState::Hold::None;
        state.isConnecting = false;
        state.isPauseChanging = isPauseChanging;
        Q_EMIT feed.queueStateChanged(state);
    }
    void fail(int row)
    {
        standAt(feed.item(row), ItemState::NeedsYou, Stage::Validation, StageState::Failed);
        feed.item(row).item.errorCode = ErrorCode::ValidationTruncated;
        feed.recount();
    }
};

} // namespace photolift::test
