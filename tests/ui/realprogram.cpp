#include "tests/ui/realprogram.h"

#include "app/client/datafolder.h"
#include "app/desktop/startmessages.h"

#include <QApplication>
#include <QDropEvent>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QMimeData>
#include <QTimer>

namespace photolift::ui {

namespace {
constexpr int OrderlyEndMs = 10'000;
constexpr int DetailMs = 10'000;
constexpr int LookMs = 20;
constexpr QPoint Somewhere(400, 400);
}

pipeline::Tuning RealProgram::tuning()
{
    pipeline::Tuning tuning;
    tuning.stableLookMs = 10;
    return tuning;
}

RealProgram::RealProgram(const QString &dataFolder, const pipeline::Tuning &tuning)
{
    client::Client::Options options;
    options.dataFolder = dataFolder;
    options.tuning = tuning;
    auto opened = client::Client::open(options);
    if (!opened)
        qFatal("%s", qPrintable(opened.error().detail));
    client = *std::move(opened);
    feed = std::make_unique<desktop::EngineFeed>();
    feed->attach(*client);
    controller = std::make_unique<UploadsController>(*feed, Destination{true, client::DataFolder::server(dataFolder), {}});
    window = std::make_unique<MainWindow>(*controller);
    window->resize(1440, 900);
    controller->start();
    window->show();
    if (client->mended())
        desktop::tellMended(*client->mended(), options.isEmbeddedServer(), *window);
    client->start();
}

RealProgram::~RealProgram()
{
    bool hasStopped = false;
    QObject::connect(client.get(), &client::Client::stopped, client.get(), [&hasStopped] { hasStopped = true; });
    client->stop();
    if (!waitInLoop([&hasStopped] { return hasStopped; }, OrderlyEndMs))
        qWarning("the engine did not stop in time");
    window.reset();
    controller.reset();
    feed.reset();
}

void RealProgram::drop(const QStringList &paths)
{
    QMimeData mime;
    QList<QUrl> urls;
    for (const QString &path : paths)
        urls << QUrl::fromLocalFile(path);
    mime.setUrls(urls);
    QDragEnterEvent enter(Somewhere, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(window->uploads(), &enter); // Qt gives a drop only to whom was entered
    QDropEvent event(Somewhere, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(window->uploads(), &event);
}

void RealProgram::scrollTo(int row)
{
    PhotoTable *table = window->uploads()->workPage()->photos();
    table->scrollTo(table->model()->index(row, UploadTableModel::NameColumn), QAbstractItemView::PositionAtTop);
}

QList<UploadRow> RealProgram::rows() const
{
    QList<UploadRow> rows;
    for (int at = 0; at < controller->photos()->rowCount(); ++at) {
        if (!row(at))
            return {};
        rows << *row(at);
    }
    return rows;
}

const DetailPane *RealProgram::choose(int row)
{
    WorkPage *page = window->uploads()->workPage();
    page->setDetailShown(true);
    page->photos()->goToRow(row);
    const DetailPane *pane = page->detail();
    const bool isShown = waitInLoop(
        [this, pane, row] {
            const UploadRow *chosen = this->row(row);
            return chosen && pane->detail() && pane->detail()->view.item.itemId == chosen->view.item.itemId;
        },
        DetailMs);
    return isShown ? pane : nullptr;
}

bool waitInLoop(const std::function<bool()> &isSo, int timeoutMs)
{
    if (isSo())
        return true;
    QElapsedTimer sinceStart;
    sinceStart.start();
    QEventLoop loop;
    QTimer look;
    QObject::connect(&look, &QTimer::timeout, &loop, [&] {
        if (isSo())
            loop.quit();
        else if (sinceStart.hasExpired(timeoutMs))
            loop.exit(1);
    });
    look.start(LookMs);
    return loop.exec() == 0;
}

} // namespace photolift::ui
