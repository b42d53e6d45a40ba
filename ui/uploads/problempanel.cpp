#include "ui/uploads/problempanel.h"

#include "ui/parts/icons.h"
#include "ui/parts/mirrored.h"
#include "ui/uploads/flowlayout.h"

#include <QPainter>
#include <QPainterPath>
#include <QVBoxLayout>

namespace photolift::ui {

namespace {
constexpr int EdgeWidth = 4;
constexpr int Padding = 12;
}

ProblemPanel::ProblemPanel(QWidget *parent)
    : QWidget(parent)
    , m_title(new PlainLabel)
    , m_body(new PlainLabel)
    , m_retry(new QPushButton(glyphIcon(Glyph::Retry, GlyphInk::OnAccent), tr("Retry")))
    , m_retryAll(new QPushButton)
    , m_show(new QPushButton(tr("Show in folder")))
    , m_skip(new QPushButton(tr("Skip")))
{
    m_title->setTextSize(TextSize::Body, QFont::DemiBold);
    m_title->setWordWrap(true);
    m_body->setWordWrap(true);
    m_retry->setProperty("primary", true);
    m_retry->setToolTip(tr("Try this photo again (Ctrl+R)"));
    auto *buttons = new FlowLayout(8);
    for (QPushButton *button : {m_retry, m_retryAll, m_show, m_skip}) {
        button->setProperty("compact", true);
        button->setFont(fontFor(TextSize::Small, QFont::Medium));
        buttons->addWidget(button);
    }
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(Padding + (isRightToLeft() ? 0 : EdgeWidth), 10, Padding + (isRightToLeft() ? EdgeWidth : 0), 12);
    column->setSpacing(2);
    column->addWidget(m_title);
    column->addWidget(m_body);
    column->addSpacing(8);
    column->addLayout(buttons);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void ProblemPanel::setProblem(Tone tone, const QString &title, const QString &body)
{
    m_tone = tone;
    m_title->setData(title);
    m_body->setData(body);
    m_body->setVisible(!body.isEmpty());
    setAccessibleName(title);
    setAccessibleDescription(body);
    update();
}

void ProblemPanel::setSameProblem(qint64 photos)
{
    m_retryAll->setVisible(photos > 1);
    if (photos <= 1)
        return;
    // The whole sentence would be wider than the pane in German or with a large font.
    const QString whole = tr("Retry all %Ln photo(s) with this problem", nullptr, static_cast<int>(photos));
    m_retryAll->setText(tr("Retry all %L1 like this").arg(photos));
    m_retryAll->setToolTip(plainToolTip(whole));
    m_retryAll->setAccessibleName(whole);
}

void ProblemPanel::setActs(bool canRetry, bool canShow, bool canSkip)
{
    m_retry->setVisible(canRetry);
    m_show->setVisible(canShow);
    m_skip->setVisible(canSkip);
}

void ProblemPanel::paintEvent(QPaintEvent *)
{
    const StatusColours &colours = themeOf(palette()).of(m_tone);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath outline;
    outline.addRoundedRect(rect(), 6, 6);
    const Mirrored at(rect(), layoutDirection());
    outline.addRect(at(QRectF(0, 0, 6, height()))); // the first edge is straight
    outline.setFillRule(Qt::WindingFill);
    painter.fillPath(outline, QColor(colours.tint));
    painter.fillRect(at(QRect(0, 0, EdgeWidth, height())), QColor(colours.fill));
}

} // namespace photolift::ui
