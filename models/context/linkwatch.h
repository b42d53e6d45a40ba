#pragma once

#include <QObject>
#include <QTimer>

namespace photolift::context {

/// Tells when the kernel's interfaces, addresses or routes change (rtnetlink), without D-Bus. What changed is for others to read.
/// Several changes within 200 ms, as when a cable is plugged in, are one.
class LinkWatch final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(LinkWatch)
public:
    explicit LinkWatch(QObject *parent = nullptr);
    ~LinkWatch() override;

Q_SIGNALS:
    void changed();

private:
    void drain();

    int m_socket = -1; ///< -1 where the system does not allow it: then nothing is ever told
    QTimer m_settle;
};

} // namespace photolift::context
