#pragma once

#include "models/vocabulary/records.h"
#include "ui/parts/plainlabel.h"

#include <QStatusBar>

namespace photolift::ui {

class FooterItem;
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

Q_SIGNALS:
    void limitChosen(qint64 bytesPerSecond);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void fit();
    void askLimit();
    void fillLimits();

    FooterItem *m_network;
    FooterItem *m_limit;
    FooterItem *m_originals;
    Sparkline *m_curve;
    PlainLabel *m_speed;
    PlainLabel *m_version;
    bool m_isSending = false;
    qint64 m_bytesPerSecond = 0;
};

} // namespace photolift::ui
