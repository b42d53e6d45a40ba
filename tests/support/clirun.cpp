#include "tests/support/clirun.h"

#include "models/vocabulary/ids.h"
#include "models/vocabulary/pathtext.h"

#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSet>
#include <QTemporaryFile>
#include <QTimer>

#include <signal.h>

using namespace Qt::StringLiterals;

namespace photolift::support {

namespace {

QString programNamed(const QString &name)
{
    return qEnvironmentVariable("PHOTOLIFT_BIN") + u'/' + name;
}

QByteArray pathOf(const QJsonObject &line)
{
    if (line.contains(u"path_base64"_s))
        return QByteArray::fromBase64(line.value(u"path_base64"_s).toString().toLatin1());
    return line.value(u"path"_s).toString().toUtf8();
}

const QStringList PhotoFields{u"path"_s, u"client_upload_id"_s, u"status"_s, u"sha256"_s, u"size"_s, u"error_code"_s, u"stages"_s};
const QStringList Statuses{u"succeeded"_s, u"duplicate"_s, u"failed"_s, u"skipped"_s, u"cancelled"_s, u"queued"_s};

void addPhoto(CliAnswer &answer, QSet<QByteArray> &told, const QJsonObject &line)
{
    for (const QString &field : PhotoFields) {
        if (!line.contains(field))
            answer.faults.append(u"a photo without %1: %2"_s.arg(field, line.value(u"path"_s).toString()));
    }
    CliPhoto photo{pathOf(line), line.value(u"client_upload_id"_s).toString(), line.value(u"status"_s).toString(), line.value(u"sha256"_s).toString(),
                   line.value(u"size"_s).toInteger(), line.value(u"error_code"_s).toString(), line.value(u"stages"_s)};
    if (!Statuses.contains(photo.status))
        answer.faults.append(u"a status nobody knows: "_s + photo.status);
    if (told.contains(photo.path))
        answer.faults.append(u"told twice: "_s + line.value(u"path"_s).toString());
    told.insert(photo.path);
    answer.photos.append(std::move(photo));
}

void addSummary(CliAnswer &answer, const QJsonObject &line)
{
    if (answer.summary)
        answer.faults.append(u"a second summary"_s);
    CliSummary summary;
    for (const auto &[name, number] : {std::pair{"found"_L1, &summary.found}, {"succeeded"_L1, &summary.succeeded}, {"duplicate"_L1, &summary.duplicate},
                                       {"failed"_L1, &summary.failed}, {"skipped"_L1, &summary.skipped}, {"cancelled"_L1, &summary.cancelled},
                                       {"bytes"_L1, &summary.bytes}}) {
        if (!line.value(name).isDouble())
            answer.faults.append(u"a summary without %1"_s.arg(name));
        *number = line.value(name).toInteger();
    }
    summary.verifiedSeconds = line.value(u"verified_s"_s).toDouble();
    answer.summary = summary;
}

/// N = a+b+c+d+e, and each photo that is counted was told of.
void checkCounts(CliAnswer &answer)
{
    if (!answer.summary)
        return;
    const CliSummary &told = *answer.summary;
    if (told.found != told.succeeded + told.duplicate + told.failed + told.skipped + told.cancelled)
        answer.faults.append(u"the summary does not add up"_s);
    if (told.found != answer.photos.size())
        answer.faults.append(u"%1 found, %2 told of"_s.arg(told.found).arg(answer.photos.size()));
    for (const auto &[name, number] : {std::pair{"succeeded"_L1, told.succeeded}, {"duplicate"_L1, told.duplicate}, {"failed"_L1, told.failed},
                                       {"skipped"_L1, told.skipped}, {"cancelled"_L1, told.cancelled}}) {
        // A dry run tells of photos as queued; its summary has no number for them but the one of what was not tried.
        const qint64 toldOf = answer.count(name) + (name == "skipped"_L1 ? answer.count("queued"_L1) : 0);
        if (toldOf != number)
            answer.faults.append(u"%1 %2 in the summary, %3 told of"_s.arg(QString::number(number), name, QString::number(toldOf)));
    }
}

CliAnswer parsed(const QByteArray &output)
{
    CliAnswer answer;
    QSet<QByteArray> told; // of 100,000 photos nobody looks through a list for each
    const QList<QByteArray> lines = output.split('\n');
    for (const QByteArray &text : lines) {
        if (text.isEmpty())
            continue;
        const QJsonObject line = QJsonDocument::fromJson(text).object();
        const QString event = line.value(u"event"_s).toString();
        if (line.isEmpty())
            answer.faults.append(u"no JSON object: "_s + QString::fromUtf8(text.left(200)));
        else if (answer.summary)
            answer.faults.append(u"a line behind the summary: "_s + QString::fromUtf8(text.left(200)));
        else if (event == "summary"_L1)
            addSummary(answer, line);
        else if (event == "left_out"_L1)
            answer.leftOut.insert(pathOf(line), line.value(u"error_code"_s).toString());
        else if (event.isEmpty() && line.contains(u"path"_s))
            addPhoto(answer, told, line);
        else
            answer.others.append(line);
    }
    checkCounts(answer);
    return answer;
}

} // namespace

const CliPhoto *CliAnswer::photo(const QByteArray &path) const
{
    const auto found = std::find_if(photos.begin(), photos.end(), [&path](const CliPhoto &photo) { return photo.path == path; });
    return found == photos.end() ? nullptr : &*found;
}

qint64 CliAnswer::count(QLatin1StringView status) const
{
    return std::count_if(photos.begin(), photos.end(), [status](const CliPhoto &photo) { return photo.status == status; });
}

QString CliAnswer::toText() const
{
    QString text = u"exit %1 after %2 ms"_s.arg(exitCode).arg(durationMs);
    for (const CliPhoto &photo : photos) {
        if (photo.status != "succeeded"_L1 && photo.status != "duplicate"_L1)
            text += u"\n  %1 %2 %3"_s.arg(photo.status, photo.errorCode, displayName(textFromPath(photo.path)));
    }
    for (const QString &fault : faults)
        text += u"\n  "_s + fault;
    return text + u"\n"_s + QString::fromUtf8(errorOutput.right(2000));
}

CliRun::CliRun(QString dataFolder, QString program)
    : m_dataFolder(std::move(dataFolder))
    , m_program(program.isEmpty() ? programNamed(u"photolift-cli"_s) : std::move(program))
{
    // Somebody may ask for the answer long after the end.
    QObject::connect(&m_process, &QProcess::finished, &m_process, [this] { m_endedMs = nowMs(); });
}

CliRun::~CliRun()
{
    if (isRunning())
        kill();
}

bool CliRun::start(const QStringList &command)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const QString &line : std::as_const(m_environment))
        environment.insert(line.section(u'=', 0, 0), line.section(u'=', 1));
    m_process.setProcessEnvironment(environment);
    m_output.clear();
    m_complaints.clear();
    m_startedMs = nowMs();
    m_endedMs.reset();
    m_process.start(m_program, command + QStringList{u"--data"_s, m_dataFolder, u"--json"_s});
    return m_process.waitForStarted();
}

bool CliRun::waitForOutput(qsizetype bytes, int timeoutMs)
{
    QElapsedTimer timer;
    timer.start();
    while (m_output.size() < bytes && isRunning() && !timer.hasExpired(timeoutMs)) {
        m_process.waitForReadyRead(50);
        m_output += m_process.readAllStandardOutput();
    }
    return m_output.size() >= bytes;
}

bool CliRun::waitForComplaint(const QByteArray &words, int timeoutMs)
{
    QElapsedTimer timer;
    timer.start();
    while (!m_complaints.contains(words) && isRunning() && !timer.hasExpired(timeoutMs)) {
        m_process.waitForReadyRead(50);
        m_output += m_process.readAllStandardOutput();
        m_complaints += m_process.readAllStandardError();
    }
    return m_complaints.contains(words);
}

void CliRun::kill()
{
    m_process.kill();
    m_process.waitForFinished();
}

void CliRun::interrupt()
{
    ::kill(static_cast<pid_t>(m_process.processId()), SIGINT);
}

CliAnswer CliRun::finish(int timeoutMs)
{
    // With an event loop: what lives on the test's thread, such as a proxy, goes on working for the program.
    if (isRunning()) {
        QEventLoop loop;
        QObject::connect(&m_process, &QProcess::finished, &loop, &QEventLoop::quit);
        QTimer::singleShot(timeoutMs, &loop, &QEventLoop::quit);
        loop.exec();
    }
    const bool hasEnded = !isRunning();
    if (!hasEnded)
        kill();
    CliAnswer answer = parsed(m_output + m_process.readAllStandardOutput());
    if (!hasEnded)
        answer.faults.append(u"did not end within %1 ms"_s.arg(timeoutMs));
    answer.wasKilled = m_process.exitStatus() == QProcess::CrashExit;
    answer.exitCode = answer.wasKilled ? -1 : m_process.exitCode();
    answer.errorOutput = m_complaints + m_process.readAllStandardError();
    answer.durationMs = m_endedMs.value_or(nowMs()) - m_startedMs;
    return answer;
}

CliAnswer CliRun::run(const QStringList &command, int timeoutMs)
{
    if (start(command))
        return finish(timeoutMs);
    CliAnswer answer;
    answer.faults.append(m_program + u" does not start"_s);
    return answer;
}

bool takeSnapshot(const QString &file, const QList<QByteArray> &folders)
{
    QStringList arguments{u"snapshot"_s, u"--out"_s, file};
    for (const QByteArray &folder : folders)
        arguments.append(QFile::decodeName(folder));
    return QProcess::execute(programNamed(u"photolift-check"_s), arguments) == 0;
}

QStringList violations(const QStringList &clientFolders, const QString &serverFolder, const QString &snapshotFile, const QJsonObject &figures,
                       const QByteArrayList &secrets)
{
    QStringList arguments;
    for (const QString &folder : clientFolders)
        arguments += QStringList{u"--client"_s, folder};
    if (!serverFolder.isEmpty())
        arguments += QStringList{u"--server"_s, serverFolder};
    if (!snapshotFile.isEmpty())
        arguments += QStringList{u"--snapshot"_s, snapshotFile};
    QTemporaryFile figuresFile;
    if (!figures.isEmpty() && figuresFile.open()) {
        figuresFile.write(QJsonDocument(figures).toJson());
        figuresFile.flush();
        arguments += QStringList{u"--figures"_s, figuresFile.fileName()};
    }
    QTemporaryFile secretsFile;
    if (!secrets.isEmpty() && secretsFile.open()) {
        secretsFile.write(secrets.join('\n'));
        secretsFile.flush();
        arguments += QStringList{u"--secrets"_s, secretsFile.fileName()};
    }
    QProcess checker;
    checker.start(programNamed(u"photolift-check"_s), arguments);
    checker.waitForFinished(600000);
    QStringList found;
    const QList<QByteArray> lines = checker.readAllStandardOutput().trimmed().split('\n');
    for (const QByteArray &text : lines) {
        const QJsonObject verdict = QJsonDocument::fromJson(text).object();
        if (verdict.value(u"violations"_s).toInteger() == 0 && verdict.value(u"holds"_s).toBool())
            continue;
        found.append(u"%1: %2 of %3: %4"_s.arg(verdict.value(u"invariant"_s).toString(), QString::number(verdict.value(u"violations"_s).toInteger()),
                                               QString::number(verdict.value(u"n"_s).toInteger()),
                                               QVariant(verdict.value(u"examples"_s).toArray().toVariantList()).toStringList().join(u"; "_s)));
    }
    const bool isSound = checker.exitStatus() == QProcess::NormalExit && checker.exitCode() <= 1 && lines.size() == 9;
    if (!isSound)
        found.append(u"photolift-check ended with %1: %2"_s.arg(QString::number(checker.exitCode()), QString::fromUtf8(checker.readAllStandardError())));
    return found;
}

} // namespace photolift::support
