#include "ui/uploads/stagetimeline.h"

#include "ui/parts/errortexts.h"
#include "ui/parts/fonts.h"
#include "ui/parts/humantext.h"
#include "ui/parts/mirrored.h"
#include "ui/parts/statusmark.h"

#include <QPainter>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int MarkSide = 14;
constexpr int WordGap = 8;
constexpr int LeastWithBars = 260;
constexpr int BarWidth = 60;
constexpr int TimeWidth = 46;
constexpr int BarHeight = 4;
constexpr int BarGap = 8;

std::optional<StatusMark> markOf(StageState state)
{
    switch (state) {
    case StageState::Done:
        return StatusMark::Done;
    case StageState::Active:
        return StatusMark::Running;
    case StageState::Retrying:
        return StatusMark::Retry;
    case StageState::Failed:
        return StatusMark::Failed;
    case StageState::Duplicate:
        return StatusMark::Duplicate;
    case StageState::Paused:
        return StatusMark::Paused;
    case StageState::NotReached:
        break;
    }
    return std::nullopt;
}

} // namespace

StageTimeline::StageTimeline(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void StageTimeline::setStages(const QList<StageRecord> &stages, const StageStrip &strip)
{
    m_stages = stages;
    m_strip = strip;
    QStringList said;
    for (const Stage stage : AllStages) {
        const auto record = std::find_if(m_stages.cbegin(), m_stages.cend(), [stage](const StageRecord &each) { return each.stage == stage; });
        const StageState state = m_strip.states[static_cast<std::size_t>(stage)];
        const QString time = timeOf(record == m_stages.cend() ? nullptr : &*record, state);
        said << stageWord(stage) + u' ' + (state == StageState::Failed ? tr("failed, %1").arg(time) : time);
    }
    setAccessibleName(tr("Stages"));
    setAccessibleDescription(said.join(u", "_s));
    update();
}

int StageTimeline::lineHeight() const
{
    return std::max(roomFor(20, 18), QFontMetrics(fontFor(TextSize::Body)).height() + 1);
}

QSize StageTimeline::sizeHint() const
{
    return {280, (StageCount + 2) * lineHeight() + 4};
}

QSize StageTimeline::minimumSizeHint() const
{
    return {220, sizeHint().height()};
}

QString StageTimeline::timeOf(const StageRecord *record, StageState state) const
{
    if (state == StageState::NotReached)
        return tr("not reached");
    if (state == StageState::Duplicate && (!record || !record->durationMs))
        return tr("not needed");
    if (record && record->durationMs)
        return secondsText(*record->durationMs);
    return state == StageState::Active || state == StageState::Retrying || state == StageState::Paused ? tr("under way") : u"–"_s;
}

void StageTimeline::paintEvent(QPaintEvent *)
{
    const Theme &theme = themeOf(palette());
    QPainter painter(this);
    qint64 longest = 1;
    for (const StageRecord &record : m_stages)
        longest = std::max(longest, record.durationMs.value_or(0));

    const Mirrored at(rect(), layoutDirection());
    const int height = lineHeight();
    const int side = scaled(MarkSide);
    const int wordLeft = side + WordGap;
    // Bars end at one line, left of the widest time: "2 min 05 s" needs more room than "0.4 s".
    const QFontMetrics small(fontFor(TextSize::Small));
    int timeWidth = scaled(TimeWidth);
    for (const StageRecord &record : m_stages) {
        if (record.durationMs)
            timeWidth = std::max(timeWidth, small.horizontalAdvance(secondsText(*record.durationMs)) + BarGap);
    }
    const int barWidth = width() >= scaled(LeastWithBars) ? BarWidth : 0;
    const int barLeft = width() - timeWidth - barWidth;
    int y = 0;
    for (const Stage stage : AllStages) {
        if (stage == Stage::Selection || stage == Stage::Reception) {
            if (stage == Stage::Reception)
                y += 4;
            painter.setFont(fontFor(TextSize::Label));
            painter.setPen(QColor(theme.text3));
            painter.drawText(at(QRect(wordLeft, y, width() - wordLeft, height)), Qt::AlignLeft | Qt::AlignVCenter,
                             stage == Stage::Selection ? tr("This computer") : tr("Server"));
            y += height;
        }
        const StageState state = m_strip.states[static_cast<std::size_t>(stage)];
        const auto found = std::find_if(m_stages.cbegin(), m_stages.cend(), [stage](const StageRecord &each) { return each.stage == stage; });
        const StageRecord *record = found == m_stages.cend() ? nullptr : &*found;
        const std::optional<StatusMark> mark = markOf(state);
        const QRectF square = at(QRectF(0, y + (height - side) / 2.0, side, side));
        if (mark) {
            paintStatusMark(painter, square, *mark, theme);
        } else {
            painter.setRenderHint(QPainter::Antialiasing);
            painter.setPen(QPen(QColor(theme.idle.fill), 1.2));
            painter.setBrush(Qt::NoBrush);
            painter.drawEllipse(square.center(), 3, 3);
            painter.setRenderHint(QPainter::Antialiasing, false);
        }
        const bool isFailed = state == StageState::Failed;
        painter.setFont(fontFor(TextSize::Body, isFailed ? QFont::DemiBold : QFont::Normal));
        painter.setPen(QColor(isFailed ? theme.failed.text : mark ? theme.text : theme.text3));
        painter.drawText(at(QRect(wordLeft, y, width() - wordLeft, height)), Qt::AlignLeft | Qt::AlignVCenter, stageWord(stage));
        const int wordRight = wordLeft + painter.fontMetrics().horizontalAdvance(stageWord(stage)) + 8;

        const QString time = timeOf(record, state);
        painter.setFont(fontFor(TextSize::Small));
        painter.setPen(QColor(mark ? theme.text2 : theme.text3));
        painter.drawText(QRect(0, y, width(), height), Qt::AlignRight | Qt::AlignVCenter, time);
        if (record && record->durationMs && mark && barWidth > 0) {
            const int length = std::max<int>(3, static_cast<int>(barWidth * *record->durationMs / longest));
            painter.fillRect(at(QRect(barLeft, y + (height - BarHeight) / 2, length, BarHeight)), QColor(theme.of(toneOf(*mark)).fill));
        }
        if (record && record->retryCount > 0) {
            painter.setFont(fontFor(TextSize::Small));
            painter.setPen(QColor(theme.retry.text));
            const QRect room(wordRight, y, barLeft - 8 - wordRight, height);
            painter.drawText(at(room), Qt::AlignRight | Qt::AlignVCenter,
                             painter.fontMetrics().elidedText(tr("%Ln retry(s)", nullptr, record->retryCount), Qt::ElideRight, room.width()));
        }
        y += height;
    }
}

} // namespace photolift::ui
