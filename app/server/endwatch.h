#pragma once

#include <QObject>

#include <memory>

class QSocketNotifier;

namespace photolift::server {

/// Says when this program should end: SIGTERM, SIGINT, or the end of the parent's pipe; and, where that is watched, when it should read
/// its files anew: SIGHUP. Until these are watched they end it at once. One per process; lives on the main thread.
class EndWatch final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(EndWatch)
public:
    explicit EndWatch(QObject *parent = nullptr);
    ~EndWatch() override;

    /// From now on the end of this input is the end of the program; what comes before is thrown away.
    void watchParent(int descriptor);
    /// From now on SIGTERM and SIGINT ask for the end.
    void watchEnd();
    /// From now on SIGHUP does not end the program.
    void watchHangUp();

Q_SIGNALS:
    void endAsked();
    void reloadAsked();

private:
    std::unique_ptr<QSocketNotifier> m_signals;
    std::unique_ptr<QSocketNotifier> m_parent;
};

} // namespace photolift::server
