#pragma once

#include <QProxyStyle>

namespace photolift::ui {

/// Fusion with our shapes: buttons, fields, header cells, tool tips and the focus ring, all in the colours of the theme.
/// A QPushButton with the property "primary" is the main action of its page; one with "flat" has no border until the
/// pointer is over it. A QToolButton with "nav" is a tab of the header, with "segment" a part of a SegmentedFilter.
class PhotoliftStyle final : public QProxyStyle
{
    Q_OBJECT
public:
    PhotoliftStyle();

    void drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter, const QWidget *widget) const override;
    void drawControl(ControlElement element, const QStyleOption *option, QPainter *painter, const QWidget *widget) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex *option, QPainter *painter,
                            const QWidget *widget) const override;
    QSize sizeFromContents(ContentsType type, const QStyleOption *option, const QSize &size, const QWidget *widget) const override;
    int pixelMetric(PixelMetric metric, const QStyleOption *option, const QWidget *widget) const override;
    int styleHint(StyleHint hint, const QStyleOption *option, const QWidget *widget, QStyleHintReturn *result) const override;
};

} // namespace photolift::ui
