#pragma once

#include "app/client/client.h"
#include "app/desktop/enginefeed.h"
#include "ui/shell/mainwindow.h"

#include <functional>

namespace photolift::ui {

/// One life of the desktop program on a data folder, as its main() puts it together: the window over the real engine, the real server
/// and the real helper. Lives on the test's thread.
class RealProgram
{
    Q_DISABLE_COPY_MOVE(RealProgram)
public:
    /// Paces of a test: no second look at what was written a moment ago.
    static pipeline::Tuning tuning();

    explicit RealProgram(const QString &dataFolder, const pipeline::Tuning &tuning = RealProgram::tuning());
    ~RealProgram(); ///< orderly, as when the window is closed

    /// As from a file manager, onto the page of the window.
    void drop(const QStringList &paths);
    QString headline() const { return window->uploads()->verdicts()->motion()->verdict().headline; }
    QString attention() const { return window->uploads()->verdicts()->attention()->verdict().headline; }
    const Totals &totals() const { return controller->totals(); }
    /// The photo in this row of the list; nullptr while it is not read.
    const UploadRow *row(int at) const { return controller->photos()->rowAt(at); }
    void scrollTo(int row);
    /// All rows of the list; empty until every one of them is read (the list keeps those around the visible ones).
    QList<UploadRow> rows() const;
    /// Chooses the row as a click does and gives what the detail pane shows of it, once it does; nullptr: not within 10 s.
    const DetailPane *choose(int row);

    std::unique_ptr<client::Client> client;
    std::unique_ptr<desktop::EngineFeed> feed;
    std::unique_ptr<UploadsController> controller;
    std::unique_ptr<MainWindow> window;
};

/// Waits in the event loop itself, as the program does: what measures its turns sees each of them end. Looks every 20 ms.
bool waitInLoop(const std::function<bool()> &isSo, int timeoutMs);

} // namespace photolift::ui
