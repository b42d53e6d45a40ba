#pragma once

#include "models/vocabulary/records.h"
#include "ui/parts/plainlabel.h"

#include <QStatusBar>
#include <QToolButton>

namespace photolift::ui {

class Sparkline;

/// The row at the bottom: network, limit, what happens to originals, speed, version.
class FooterBar final : public QStatusBar
{
    Q_OBJECT
public:
    explicit FooterBar(QWidget *parent = nullptr);

    /// By kind and signal, never by name.
    void setNetwork(const NetworkFacts &network, bool isOnline);
    void setLimit(qint64 bytesPerSecond); ///< 0: none
    void addSpeed(qint64 bytesPerSecond);
    QToolButton *limitButton() const { return m_limit; }
    QString networkText() const { return m_network->text(); }

Q_SIGNALS:
    void limitChosen(qint64 bytesPerSecond);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void fit();
    void askLimit();
    void fillLimits();

    QToolButton *m_network;
    QToolButton *m_limit;
    QToolButton *m_originals;
    Sparkline *m_curve;
    PlainLabel *m_speed;
    PlainLabel *m_version;
    bool m_isSending = false;
    qint64 m_bytesPerSecond = 0;
};

} // namespace photolift::ui
