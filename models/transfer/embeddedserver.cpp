#include "models/transfer/embeddedserver.h"

#include "models/transfer/logging.h"

#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRandomGenerator>
#include <QTimer>

#include <algorithm>
#include <array>
#include <csignal>
#include <sys/prctl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::transfer {

namespace {
constexpr int FirstPauseMs = 250;
constexpr int LongestPauseMs = 10000;
constexpr int SoundLifeMs = 30000;   ///< a server that lived so long has started well: the pauses begin anew
constexpr int StartDeadlineMs = 60000; ///< migrations of a large database take their time
constexpr int EndDeadlineMs = 5000;
constexpr qsizetype KeptComplaint = 4096;
constexpr int ManyDeaths = 4;
constexpr int InUse = 4; ///< its exit code when another one has the folder
constexpr int LastWords = 3; ///< lines of a complaint that are passed on

/// 256 bits from the system's generator, in hex.
QByteArray freshToken()
{
    std::array<quint32, 8> words{};
    QRandomGenerator::system()->fillRange(words.data(), words.size());
    return QByteArray(reinterpret_cast<const char *>(words.data()), sizeof words).toHex();
}

/// What the last lines say. Those of its log are JSON (models/vocabulary/logline.h); others, of a loader or a library, are plain.
QString lastWordsOf(const QByteArray &complaint)
{
    QStringList words;
    for (const QByteArray &line : complaint.split('\n')) {
        const QJsonObject event = QJsonDocument::fromJson(line).object();
        QStringList said{event.value("message"_L1).toString(), event.value("code"_L1).toString(), event.value("detail"_L1).toString()};
        said.removeAll(QString());
        const QString text = said.isEmpty() ? QString::fromUtf8(line).trimmed() : said.join(u' ');
        if (!text.isEmpty())
            words.append(text);
    }
    return words.mid(std::max<qsizetype>(0, words.size() - LastWords)).join(u"; "_s);
}
}

class EmbeddedServer::Private
{
public:
    Private(EmbeddedServer *server, QString path, QString folder, QString logs);
    ~Private();

    void launch();
    void readAnswer();
    void onEnded(const QString &how, ErrorCode code = ErrorCode::ApiUnavailable);

    EmbeddedServer *q;
    QString program;
    QString dataFolder;
    QString logFolder;
    QProcess process;
    QTimer pause;
    QTimer startDeadline;
    QElapsedTimer life;
    QByteArray token;
    QByteArray complaint; ///< the end of what it wrote to standard error
    int pauseMs = FirstPauseMs;
    int deaths = 0;       ///< since it last lived well
    bool isReady = false;
    bool isWanted = false;
};

EmbeddedServer::Private::Private(EmbeddedServer *server, QString path, QString folder, QString logs)
    : q(server)
    , program(std::move(path))
    , dataFolder(std::move(folder))
    , logFolder(std::move(logs))
{
    // End of input stops the server; the signal covers a server that hangs before it reads its input.
    process.setChildProcessModifier([parent = getpid()] {
        // The command line takes its signals from a descriptor and has blocked them for that. A child would inherit it, and nothing but a
        // kill would end it. Ctrl+C in a terminal does not mean the child: its own group.
        setpgid(0, 0);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, nullptr);
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
            _exit(1); // we died between fork and prctl
    });
    pause.setSingleShot(true);
    startDeadline.setSingleShot(true);
    connect(&pause, &QTimer::timeout, q, [this] { launch(); });
    connect(&startDeadline, &QTimer::timeout, q, [this] { process.kill(); });
    connect(&process, &QProcess::readyReadStandardOutput, q, [this] { readAnswer(); });
    connect(&process, &QProcess::readyReadStandardError, q, [this] {
        complaint = QByteArray(complaint + process.readAllStandardError()).right(KeptComplaint);
    });
    connect(&process, &QProcess::finished, q, [this](int code, QProcess::ExitStatus status) {
        if (status == QProcess::CrashExit)
            onEnded(u"ended by a signal"_s);
        else
            onEnded(u"ended with %1"_s.arg(code), code == InUse ? ErrorCode::LocalListBusy : ErrorCode::ApiUnavailable);
    });
    connect(&process, &QProcess::errorOccurred, q, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) // no finished() follows
            onEnded(process.errorString());
    });
}

EmbeddedServer::Private::~Private()
{
    isWanted = false;
    process.disconnect(q);
    if (process.state() == QProcess::NotRunning)
        return;
    process.closeWriteChannel();
    if (process.waitForFinished(EndDeadlineMs))
        return;
    qCWarning(lcTransfer) << "the embedded server did not end by itself";
    process.kill();
    process.waitForFinished(EndDeadlineMs);
}

void EmbeddedServer::Private::launch()
{
    token = freshToken();
    complaint.clear();
    isReady = false;
    life.start();
    startDeadline.start(StartDeadlineMs);
    QStringList arguments{u"--embedded"_s, u"--data"_s, dataFolder, u"--listen"_s, u"127.0.0.1:0"_s};
    if (!logFolder.isEmpty())
        arguments += {u"--logs"_s, logFolder};
    process.start(program, arguments);
    process.write(token + '\n');
}

void EmbeddedServer::Private::readAnswer()
{
    while (process.canReadLine()) {
        const QByteArray line = process.readLine();
        if (isReady)
            continue; // it says one thing only; the rest is not for us
        const QUrl address(QJsonDocument::fromJson(line).object().value("address"_L1).toString(), QUrl::StrictMode);
        if (!address.isValid() || address.host().isEmpty())
            continue;
        isReady = true;
        startDeadline.stop();
        qCInfo(lcTransfer).noquote() << "the embedded server listens at" << address.toString();
        Q_EMIT q->ready(address, token);
    }
}

void EmbeddedServer::Private::onEnded(const QString &how, ErrorCode code)
{
    startDeadline.stop();
    if (!isWanted)
        return;
    if (isReady && life.hasExpired(SoundLifeMs)) {
        pauseMs = FirstPauseMs;
        deaths = 0;
    }
    ++deaths;
    complaint = QByteArray(complaint + process.readAllStandardError()).right(KeptComplaint);
    const QString words = lastWordsOf(complaint);
    const QString detail = u"the embedded server %1"_s.arg(how) + (words.isEmpty() ? QString() : QString(u": "_s + words));
    qCWarning(lcTransfer).noquote() << detail << "- again in" << pauseMs << "ms";
    pause.start(pauseMs);
    pauseMs = std::min(pauseMs * 2, LongestPauseMs);
    isReady = false;
    Q_EMIT q->died({code, detail});
    if (deaths == ManyDeaths) {
        const QString again = u"died %1 times in a row; %2"_s.arg(deaths).arg(detail);
        qCCritical(lcTransfer).noquote() << again;
        Q_EMIT q->failing({code, again});
    }
}

EmbeddedServer::EmbeddedServer(QString program, QString dataFolder, QString logFolder, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, std::move(program), std::move(dataFolder), std::move(logFolder)))
{
}

EmbeddedServer::~EmbeddedServer() = default;

void EmbeddedServer::start()
{
    if (d->isWanted)
        return;
    d->isWanted = true;
    d->launch();
}

qint64 EmbeddedServer::processId() const
{
    return d->process.processId();
}

} // namespace photolift::transfer
