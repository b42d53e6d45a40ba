#include "ui/uploads/detailpane.h"

#include "models/vocabulary/ids.h"
#include "models/vocabulary/pathtext.h"
#include "models/vocabulary/whendone.h"
#include "ui/parts/errortexts.h"
#include "ui/parts/humantext.h"
#include "ui/parts/icons.h"
#include "ui/parts/statuslabel.h"
#include "ui/uploads/photofactwords.h"
#include "ui/uploads/photoreport.h"
#include "ui/uploads/previewwidget.h"
#include "ui/uploads/problempanel.h"
#include "ui/uploads/stagetimeline.h"

#include <QApplication>
#include <QClipboard>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLocale>
#include <QScrollBar>
#include <QVBoxLayout>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int Margin = 16;
constexpr int RefreshMs = 250;

QString statusWord(ItemState state, StatusMark mark)
{
    if (mark == StatusMark::Paused)
        return DetailPane::tr("Paused");
    switch (state) {
    case ItemState::Queued:
        return DetailPane::tr("Waiting");
    case ItemState::Running: // or what holds the queue holds it, too
        return mark == StatusMark::Running ? DetailPane::tr("Moving") : DetailPane::tr("Waiting");
    case ItemState::WaitingToRetry:
        return DetailPane::tr("Trying again");
    case ItemState::NeedsYou:
        return DetailPane::tr("Failed");
    case ItemState::Succeeded:
        return DetailPane::tr("Done");
    case ItemState::Duplicate:
        return DetailPane::tr("Already there");
    case ItemState::Skipped:
    case ItemState::Dismissed:
        return DetailPane::tr("Skipped");
    case ItemState::Cancelled:
        return DetailPane::tr("Cancelled");
    }
    return {};
}

StatusMark attemptMark(Status status)
{
    switch (status) {
    case Status::Succeeded:
        return StatusMark::Done;
    case Status::Duplicate:
        return StatusMark::Duplicate;
    case Status::Failed:
        return StatusMark::Failed;
    case Status::Cancelled:
        return StatusMark::Cancelled;
    case Status::WaitingToRetry:
        return StatusMark::Retry;
    case Status::Paused:
        return StatusMark::Paused;
    case Status::Queued:
    case Status::Running:
        break;
    }
    return StatusMark::Running;
}

QFrame *hairline()
{
    auto *line = new QFrame;
    line->setFrameShape(QFrame::NoFrame);
    line->setFixedHeight(1);
    line->setAutoFillBackground(true);
    line->setBackgroundRole(QPalette::Mid);
    return line;
}

} // namespace

DetailPane::DetailPane(UploadsController &controller, QWidget *parent)
    : QScrollArea(parent)
    , m_controller(controller)
    , m_content(new QWidget)
    , m_nothing(new PlainLabel(tr("Choose a photo to see its steps"), TextSize::Body, Ink::Text3))
    , m_preview(new PreviewWidget(*controller.pictures()))
    , m_name(new PlainLabel({}, TextSize::Section))
    , m_status(new StatusLabel(TextSize::Body))
    , m_place(new PlainLabel({}, TextSize::Small, Ink::Text2))
    , m_problem(new ProblemPanel)
    , m_timeline(new StageTimeline)
    , m_facts(new QWidget)
    , m_factRows(new QFormLayout(m_facts))
    , m_attemptsHead(new PlainLabel(tr("Attempts"), TextSize::Label, Ink::Text3))
    , m_attempts(new QWidget)
    , m_code(new PlainLabel({}, TextSize::Label, Ink::Text3))
    , m_copy(new QToolButton)
{
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Details of the photo"));
    setBackgroundRole(QPalette::Base);
    viewport()->setBackgroundRole(QPalette::Base);

    m_name->setElided(Qt::ElideMiddle);
    m_place->setElided(Qt::ElideMiddle);
    m_code->setElided(Qt::ElideMiddle);
    m_code->setFont(codeFont());
    m_code->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_copy->setIcon(glyphIcon(Glyph::Copy, GlyphInk::Text2));
    m_copy->setIconSize(QSize(scaled(16), scaled(16)));
    m_copy->setFixedSize(roomFor(28, 16), roomFor(28, 16));
    m_copy->setAutoRaise(true);
    m_copy->setAccessibleName(tr("Copy report"));
    m_copy->setToolTip(tr("Copy report (Ctrl+Shift+C)"));
    m_factRows->setContentsMargins(0, 0, 0, 0);
    m_factRows->setHorizontalSpacing(24);
    m_factRows->setVerticalSpacing(4);
    m_factRows->setRowWrapPolicy(QFormLayout::WrapLongRows);
    m_factRows->setLabelAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_factRows->setFormAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_factRows->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    auto *attemptRows = new QVBoxLayout(m_attempts);
    attemptRows->setContentsMargins(0, 0, 0, 0);
    attemptRows->setSpacing(4);

    auto *head = new QHBoxLayout;
    head->setSpacing(12);
    head->addWidget(m_name, 1);
    head->addWidget(m_status);
    auto *upper = new QVBoxLayout;
    upper->setContentsMargins(Margin, 14, Margin, 10);
    upper->setSpacing(0);
    upper->addLayout(head);
    upper->addWidget(m_place);
    upper->addSpacing(10);
    upper->addWidget(m_problem);
    upper->addSpacing(8);
    upper->addWidget(m_timeline);
    auto *code = new QHBoxLayout;
    code->addWidget(m_code, 1);
    code->addWidget(m_copy);
    auto *lower = new QVBoxLayout;
    lower->setContentsMargins(Margin, 12, Margin, 8);
    lower->setSpacing(6);
    lower->addWidget(m_facts);
    lower->addSpacing(6);
    lower->addWidget(m_attemptsHead);
    lower->addWidget(m_attempts);
    lower->addStretch();
    lower->addLayout(code);

    auto *details = new QVBoxLayout(m_content);
    details->setContentsMargins(0, 0, 0, 0);
    details->setSpacing(0);
    details->addWidget(m_preview);
    details->addLayout(upper);
    details->addWidget(hairline());
    details->addLayout(lower, 1);

    auto *whole = new QWidget;
    whole->setBackgroundRole(QPalette::Base);
    whole->setAutoFillBackground(true);
    auto *column = new QVBoxLayout(whole);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setWordWrap(true);
    column->addWidget(m_nothing, 1);
    column->addWidget(m_content, 1);
    m_content->hide();
    setWidget(whole);

    m_refresh.setSingleShot(true);
    m_refresh.setInterval(RefreshMs);
    connect(&m_refresh, &QTimer::timeout, this, &DetailPane::read);
    connect(&m_controller, &UploadsController::itemTouched, this, [this](const QUuid &itemId) {
        if (itemId == m_itemId && !m_refresh.isActive())
            m_refresh.start();
    });
    connect(&m_controller, &UploadsController::queueChanged, this, [this] {
        if (m_detail)
            showState({m_detail->view, {}});
    });
    connect(m_copy, &QToolButton::clicked, this, [this] { QApplication::clipboard()->setText(report()); });
    connect(m_problem->retryButton(), &QPushButton::clicked, this, [this] { m_controller.feed().retryItems({m_itemId}); });
    connect(m_problem->retryAllButton(), &QPushButton::clicked, this, [this] {
        if (m_countedCause)
            m_controller.feed().retryByCause(*m_countedCause);
    });
    connect(&m_controller, &UploadsController::countsChanged, this, &DetailPane::countSameProblem);
    connect(m_problem->skipButton(), &QPushButton::clicked, this, [this] { m_controller.feed().skipItems({m_itemId}); });
    connect(m_problem->showButton(), &QPushButton::clicked, this, [this] {
        if (m_detail)
            Q_EMIT showInFolderWanted(m_detail->view.item.absolutePath);
    });
}

void DetailPane::showItem(const QUuid &itemId)
{
    if (m_itemId == itemId)
        return;
    m_itemId = itemId;
    m_detail.reset();
    if (itemId.isNull()) {
        m_content->hide();
        m_nothing->show();
        return;
    }
    verticalScrollBar()->setValue(0);
    read();
}

void DetailPane::read()
{
    if (m_itemId.isNull())
        return;
    m_isStale = m_isAsked;
    if (std::exchange(m_isAsked, true))
        return;
    whenDone(m_controller.feed().itemDetail(m_itemId), this, [this, asked = m_itemId](const Result<store::ItemDetail> &detail) {
        m_isAsked = false;
        if (detail && asked == m_itemId)
            show(*detail);
        if (m_isStale || asked != m_itemId)
            read();
    });
}

void DetailPane::showState(const UploadRow &row)
{
    const RowContext &context = m_controller.photos()->context();
    const StatusMark mark = RowWords::status(row, context).mark;
    m_status->setStatus(mark, statusWord(row.view.item.state, mark));
    showProblem(row);
    const QList<StageRecord> stages = m_detail->attempts.isEmpty() ? QList<StageRecord>() : m_detail->attempts.first().stages;
    m_timeline->setStages(stages, RowWords::strip(row, context));
}

void DetailPane::show(const store::ItemDetail &detail)
{
    m_detail = detail;
    const UploadRow row{detail.view, {}};
    m_preview->setItem(detail.view.item);
    m_name->setData(RowWords::fileName(detail.view.item));
    m_place->setData(tr("in %1").arg(detail.batchName));
    showState(row);
    countSameProblem();
    showFacts(detail);
    showAttempts(detail);
    const QString id = detail.view.item.clientUploadId.isNull() ? QString() : idText(detail.view.item.clientUploadId);
    QString code = detail.view.item.errorCode ? QString(errorName(*detail.view.item.errorCode)) : QString();
    if (!code.isEmpty() && !id.isEmpty())
        code += u" · "_s;
    m_code->setData(code + id);
    m_copy->setVisible(!m_code->text().isEmpty());
    m_nothing->hide();
    m_content->show();
}

void DetailPane::showProblem(const UploadRow &row)
{
    const store::Item &item = row.view.item;
    const RowStatus said = RowWords::status(row, m_controller.photos()->context());
    const bool isProblem = item.errorCode
        && (item.state == ItemState::NeedsYou || item.state == ItemState::WaitingToRetry || item.state == ItemState::Skipped
            || item.state == ItemState::Dismissed);
    m_problem->setVisible(isProblem);
    if (!isProblem)
        return;
    QString body = errorAdvice(*item.errorCode, m_controller.destination().isThisComputer);
    if (item.state == ItemState::NeedsYou)
        body += (body.isEmpty() ? QString() : u" "_s) + tr("Your other photos are not affected.");
    else if (item.state == ItemState::WaitingToRetry && body.isEmpty())
        body = tr("It continues by itself.");
    m_problem->setProblem(said.tone, errorTitle(*item.errorCode, m_controller.destination().isThisComputer), body);
    m_problem->setActs(item.state == ItemState::NeedsYou || item.state == ItemState::WaitingToRetry || item.state == ItemState::Dismissed,
                       true, item.state == ItemState::NeedsYou);
}

/// Others may have the same problem: support solves the cause once and tries all of them again.
void DetailPane::countSameProblem()
{
    const std::optional<ErrorCode> cause = m_detail && canBeRetriedByCause(m_detail->view.item) ? m_detail->view.item.errorCode : std::nullopt;
    if (m_countedCause != cause) {
        m_countedCause = cause;
        m_problem->setSameProblem(0);
    }
    if (!cause)
        return;
    whenDone(m_controller.feed().countOfCause(*cause), this, [this, cause](const Result<qint64> &photos) {
        if (photos && m_countedCause == cause)
            m_problem->setSameProblem(*photos);
    });
}

void DetailPane::addFact(const QString &name, const QString &value)
{
    if (value.isEmpty())
        return;
    auto *label = new PlainLabel(name, TextSize::Small, Ink::Text3);
    label->setMinimumWidth(scaled(80));
    auto *text = new PlainLabel(value, TextSize::Small);
    text->setWordWrap(true);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    text->setFocusPolicy(Qt::NoFocus);
    m_factRows->addRow(label, text);
}

void DetailPane::showFacts(const store::ItemDetail &detail)
{
    while (m_factRows->rowCount() > 0)
        m_factRows->removeRow(0);
    const QList<PhotoFact> facts = photoFacts(detail);
    for (const PhotoFact &fact : facts)
        addFact(fact.name, fact.value);
}

void DetailPane::showAttempts(const store::ItemDetail &detail)
{
    QLayout *rows = m_attempts->layout();
    while (QLayoutItem *item = rows->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_attemptsHead->setVisible(!detail.attempts.isEmpty());
    for (const store::AttemptView &attempt : detail.attempts) {
        auto *line = new QWidget;
        auto *row = new QHBoxLayout(line);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(8);
        auto *status = new StatusLabel(TextSize::Small);
        status->setStatus(attemptMark(attempt.attempt.status),
                          tr("%1. %2").arg(QString::number(attempt.attempt.attemptNumber), PhotoReport::attemptWord(attempt.attempt.status)));
        row->addWidget(status);
        auto *why = new PlainLabel(attempt.errors.isEmpty() ? QString() : errorTitle(attempt.errors.last().code, m_controller.destination().isThisComputer), TextSize::Small, Ink::Text2);
        why->setElided(Qt::ElideRight);
        why->setToolTip(plainToolTip(why->text()));
        row->addWidget(why, 1);
        auto *when = new PlainLabel(whenText(QDateTime::fromMSecsSinceEpoch(attempt.attempt.startedMs), QDateTime::currentDateTime()),
                                    TextSize::Small, Ink::Text3);
        when->setElided(Qt::ElideRight);
        row->addWidget(when);
        rows->addWidget(line);
    }
}

QString DetailPane::report() const
{
    return m_detail ? PhotoReport::of(*m_detail, m_controller.destination().isThisComputer) : QString();
}

} // namespace photolift::ui
