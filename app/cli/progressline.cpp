#include "app/cli/progressline.h"

#include "app/cli/report.h"
#include "app/cli/runwatch.h"

#include <cstdio>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::cli {

namespace {
constexpr qint64 RepaintMs = 250;

void write(const QString &text)
{
    const QByteArray bytes = text.toLocal8Bit();
    std::fwrite(bytes.constData(), 1, static_cast<std::size_t>(bytes.size()), stderr);
    std::fflush(stderr);
}

QString lineFor(const RunWatch &watch)
{
    const RunWatch::Count &count = watch.count();
    const pipeline::QueueState &state = watch.queueState();
    if (!count.isCounted)
        return u"Counting ... %1 so far"_s.arg(count.found);
    QString line = u"%1 of %2 done"_s.arg(count.ended).arg(count.found);
    if (count.needsYou > 0)
        line += u", %1 need you"_s.arg(count.needsYou);
    if (state.holdCode)
        return line + u" - "_s + QString::fromUtf8(errorInfo(*state.holdCode).title);
    line += u", %1 MB/s"_s.arg(static_cast<double>(state.bytesPerSecond) / 1e6, 0, 'f', 1);
    if (state.secondsLeft)
        line += u", about %1 min left"_s.arg((*state.secondsLeft + 59) / 60);
    return line;
}
}

ProgressLine::ProgressLine(const RunWatch &watch, bool isWanted, QObject *parent)
    : QObject(parent)
    , m_watch(watch)
    , m_isShown(isWanted && ::isatty(STDERR_FILENO) == 1)
{
    if (m_isShown)
        connect(&watch, &RunWatch::looked, this, &ProgressLine::show);
}

void ProgressLine::show()
{
    if (m_sinceShown.isValid() && m_sinceShown.elapsed() < RepaintMs)
        return;
    m_sinceShown.start();
    const QString line = lineFor(m_watch);
    // What the last line had more is painted over with blanks.
    write(u'\r' + line.leftJustified(m_shownLength));
    m_shownLength = line.size();
}

void ProgressLine::clear()
{
    if (m_shownLength > 0)
        write(u'\r' + QString(m_shownLength, u' ') + u'\r');
    m_shownLength = 0;
}

} // namespace photolift::cli
