#pragma once

#include <QElapsedTimer>
#include <QObject>

namespace photolift::cli {

class RunWatch;

/// One line on a terminal that tells how far it is, written over at most 4 times a second; nothing where standard error is no terminal.
class ProgressLine final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ProgressLine)
public:
    ProgressLine(const RunWatch &watch, bool isWanted, QObject *parent = nullptr);
    void clear();

private:
    void show();
    const RunWatch &m_watch;
    const bool m_isShown;
    qsizetype m_shownLength = 0;
    QElapsedTimer m_sinceShown;
};

} // namespace photolift::cli
