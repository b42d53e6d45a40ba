#pragma once

#include "ui/parts/statusmark.h"

#include <QButtonGroup>
#include <QToolButton>
#include <QWidget>

#include <optional>

namespace photolift::ui {

/// One part of the row: mark, word and count. Paints itself, because the count is bold and the mark keeps its colour.
class SegmentButton final : public QToolButton
{
    Q_OBJECT
public:
    SegmentButton(QString word, std::optional<StatusMark> mark, QWidget *parent);
    void setCount(qint64 count);
    void setPlace(bool isFirst, bool isLast);
    /// What a narrow window leaves of it. The words are in the tooltip then, and always in the accessible name.
    enum class Detail { All, WordAndCount, MarkAndCount };
    void setDetail(Detail detail);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    bool hasWord() const;
    bool hasMark() const;
    int padding() const;

    QString m_word;
    std::optional<StatusMark> m_mark;
    qint64 m_count = 0;
    bool m_isFirst = false;
    bool m_isLast = false;
    Detail m_detail = Detail::All;
};

/// A row of checkable buttons of which one is on, each with a count.
class SegmentedFilter final : public QWidget
{
    Q_OBJECT
public:
    explicit SegmentedFilter(QWidget *parent = nullptr);
    void add(int id, const QString &word, std::optional<StatusMark> mark);
    void setCount(int id, qint64 count);
    void setCurrent(int id);
    int current() const;
    void fitInto(int width); ///< shows as much of each part as there is room for
    SegmentButton *button(int id) const;

Q_SIGNALS:
    void currentChanged(int id); ///< by the person

private:
    QButtonGroup *m_group;
};

} // namespace photolift::ui
