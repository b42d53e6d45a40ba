#include "app/cli/projects.h"

#include "app/cli/report.h"
#include "app/cli/runcommand.h"
#include "app/client/tokenfile.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/pathtext.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QTimer>

#include <chrono>

using namespace Qt::StringLiterals;

namespace photolift::cli {

namespace {

constexpr qint64 PauseMs = 2000;

QString textOf(const wire::PhotoSum &sum)
{
    return u"%1 photos, %2 bytes"_s.arg(sum.photos).arg(sum.bytes);
}

} // namespace

Projects::Projects(ProjectsOptions options, QObject *parent)
    : QObject(parent)
    , m_options(std::move(options))
    , m_out(stdout)
    , m_err(stderr)
{
}

Projects::~Projects() = default;

void Projects::begin()
{
    const Result<QByteArray> token = client::readToken(m_options.server.tokenFile);
    if (!token) {
        m_err << "photolift-cli: " << token.error().detail << Qt::endl;
        return end(ExitUsage);
    }
    m_api.setServer(m_options.server.server, *token);
    if (m_options.projectId.isNull())
        list({});
    else
        set();
}

void Projects::interrupt()
{
    end(ExitInterrupted);
}

void Projects::list(const QString &after)
{
    m_api.projects(after).then(this, [this, after](const transfer::ApiAnswer<wire::ProjectsAnswer> &answer) {
        if (m_isEnding)
            return;
        if (!answer)
            return comesLater(answer.fault, [this, after] { list(after); }) ? void() : fail(answer.fault);
        for (const wire::ProjectStanding &project : answer.value->projects)
            show(project);
        if (answer.value->next.isEmpty())
            end(ExitGood);
        else
            list(answer.value->next);
    });
}

void Projects::show(const wire::ProjectStanding &project)
{
    if (m_options.common.isJson) {
        QJsonObject line = wire::toJson(wire::ProjectsAnswer{{project}, {}}).value("projects"_L1).toArray().first().toObject();
        line.insert(u"event"_s, u"project"_s);
        return printLine(m_out, line);
    }
    m_out << idText(project.projectId) << "  " << project.state << (project.isActive ? "" : ", retired") << "  expected " << textOf(project.expected)
          << "  arrived " << textOf(project.arrived) << "  missing " << textOf(project.missing);
    if (project.uncounted > 0)
        m_out << " and more: not counted yet are " << project.uncounted << " of " << project.batches << " folders";
    m_out << "  " << displayName(project.owner) << ": " << displayName(project.name) << Qt::endl;
}

void Projects::set()
{
    m_api.setProjectState(m_options.projectId, m_options.state).then(this, [this](const transfer::ApiAnswer<std::monostate> &answer) {
        if (m_isEnding)
            return;
        if (!answer)
            return comesLater(answer.fault, [this] { set(); }) ? void() : fail(answer.fault);
        const QString id = idText(m_options.projectId);
        if (m_options.common.isJson)
            printLine(m_out, {{u"event"_s, u"project_state"_s}, {u"project_id"_s, id}, {u"state"_s, m_options.state}});
        else
            m_out << id << "  " << m_options.state << Qt::endl;
        end(ExitGood);
    });
}

/// True when the server asked to come later, such as for one more access token within a minute, and that is done.
bool Projects::comesLater(const transfer::ApiFault &fault, const std::function<void()> &again)
{
    const bool isAsked = fault.error.code == ErrorCode::ApiRateLimited || fault.error.code == ErrorCode::ApiUnavailable;
    const qint64 pauseMs = fault.retryAfterMs.value_or(PauseMs);
    if (!isAsked || fault.error.cause.httpStatus == 0 || m_waitedMs + pauseMs > m_options.server.waitMs)
        return false;
    m_waitedMs += pauseMs;
    QTimer::singleShot(std::chrono::milliseconds(pauseMs), Qt::PreciseTimer, this, again); // not a moment before
    return true;
}

void Projects::fail(const transfer::ApiFault &fault)
{
    const ErrorCode code = fault.error.code;
    const QString words = code == ErrorCode::ApiNotAllowed ? u"this is for coordinators and administrators"_s
        : code == ErrorCode::ProjectDeleted                ? u"there is no such project in your account"_s
                                                           : sentenceFor(code);
    if (m_options.common.isJson)
        printLine(m_out, {{u"event"_s, u"failed"_s}, {u"error_code"_s, QString(errorName(code))}, {u"message"_s, words}});
    m_err << "photolift-cli: " << words << " (" << QString(errorName(code)) << ')' << Qt::endl;
    end(fault.error.cause.httpStatus == 0 ? ExitNoServer : ExitNotAll);
}

void Projects::end(int exitCode)
{
    if (std::exchange(m_isEnding, true))
        return;
    // Not before the loop runs: it would not hear of it.
    QTimer::singleShot(0, QCoreApplication::instance(), [exitCode] { QCoreApplication::exit(exitCode); });
}

} // namespace photolift::cli
