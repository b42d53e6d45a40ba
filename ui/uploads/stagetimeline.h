#pragma once

#include "models/store/views.h"
#include "ui/parts/stagestrip.h"

#include <QWidget>

namespace photolift::ui {

/// The eleven stages of one attempt below each other: mark, word, retries, a bar as long as the stage took, the time.
class StageTimeline final : public QWidget
{
    Q_OBJECT
public:
    explicit StageTimeline(QWidget *parent = nullptr);
    void setStages(const QList<StageRecord> &stages, const StageStrip &strip);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    int lineHeight() const;
    QString timeOf(const StageRecord *record, StageState state) const;

    QList<StageRecord> m_stages;
    StageStrip m_strip;
};

} // namespace photolift::ui
