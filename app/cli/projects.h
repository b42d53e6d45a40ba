#pragma once

#include "app/cli/commandline.h"
#include "models/transfer/apiclient.h"

#include <QObject>
#include <QTextStream>

#include <functional>

namespace photolift::cli {

/// `projects` and `projects set`: what a coordinator sees of the projects of an organisation, and says of one. One object or line for each, in the order
/// of the server: open ones first. Needs no data folder and no lock. Ends the program's event loop with the exit code.
class Projects final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Projects)
public:
    explicit Projects(ProjectsOptions options, QObject *parent = nullptr);
    ~Projects() override;

    void begin();
    void interrupt(); ///< SIGINT

private:
    void list(const QString &after);
    void set();
    void show(const wire::ProjectStanding &project);
    bool comesLater(const transfer::ApiFault &fault, const std::function<void()> &again);
    void fail(const transfer::ApiFault &fault);
    void end(int exitCode);

    const ProjectsOptions m_options;
    transfer::ApiClient m_api;
    QTextStream m_out;
    QTextStream m_err;
    qint64 m_waitedMs = 0; ///< because the server asked for it
    bool m_isEnding = false;
};

} // namespace photolift::cli
