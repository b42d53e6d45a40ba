#pragma once

#include "ui/parts/plainlabel.h"
#include "ui/parts/statusmark.h"

#include <QWidget>

namespace photolift::ui {

/// A status mark with its word beside it.
class StatusLabel final : public QWidget
{
    Q_OBJECT
public:
    explicit StatusLabel(TextSize size, QWidget *parent = nullptr);
    void setStatus(StatusMark mark, const QString &word);
    QString text() const { return m_word; }
    StatusMark mark() const { return m_mark; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    TextSize m_size;
    StatusMark m_mark = StatusMark::Waiting;
    QString m_word;
};

} // namespace photolift::ui
