#pragma once

#include "ui/uploads/uploadscontroller.h"

#include <QScrollArea>

class QFormLayout;

namespace photolift::ui {

class PreviewWidget;
class ProblemPanel;
class StageTimeline;
class PlainLabel;
class StatusLabel;

/// Everything about one photo: picture, what is wrong and what to do, its stages with their times, shooting data, its attempts,
/// the code to copy for support.
class DetailPane final : public QScrollArea
{
    Q_OBJECT
public:
    explicit DetailPane(UploadsController &controller, QWidget *parent = nullptr);

    void showItem(const QUuid &itemId); ///< null: nothing is chosen
    QUuid itemId() const { return m_itemId; }
    /// The photo as plain text for support: title, codes, stages, times.
    QString report() const;
    const std::optional<store::ItemDetail> &detail() const { return m_detail; }
    ProblemPanel *problem() const { return m_problem; }

Q_SIGNALS:
    void showInFolderWanted(const QByteArray &absolutePath);

private:
    void read();
    void show(const store::ItemDetail &detail);
    void showState(const UploadRow &row); ///< all that what holds the queue changes
    void showProblem(const UploadRow &row);
    void countSameProblem();
    void showFacts(const store::ItemDetail &detail);
    void showAttempts(const store::ItemDetail &detail);
    void addFact(const QString &name, const QString &value);

    UploadsController &m_controller;
    QUuid m_itemId;
    std::optional<store::ItemDetail> m_detail;
    QTimer m_refresh;
    std::optional<ErrorCode> m_countedCause; ///< the problem whose photos were counted last
    bool m_isAsked = false;
    bool m_isStale = false;
    QWidget *m_content;
    PlainLabel *m_nothing;
    PreviewWidget *m_preview;
    PlainLabel *m_name;
    StatusLabel *m_status;
    PlainLabel *m_place;
    ProblemPanel *m_problem;
    StageTimeline *m_timeline;
    QWidget *m_facts;
    QFormLayout *m_factRows;
    PlainLabel *m_attemptsHead;
    QWidget *m_attempts;
    PlainLabel *m_code;
    QToolButton *m_copy;
};

} // namespace photolift::ui
