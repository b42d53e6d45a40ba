#include "app/cli/commandline.h"

#include "app/client/datafolder.h"
#include "models/vocabulary/pathtext.h"
#include "models/vocabulary/serveraddress.h"
#include "models/wire/messages.h"

#include <QHash>
#include <QSet>
#include <QUuid>

#include <cmath>

using namespace Qt::StringLiterals;

namespace photolift::cli {

namespace {

const QString Usage = uR"(Photolift gets folders of photos onto a server, byte for byte.

  photolift-cli upload PATH... [--project NAME] [--dry-run] [server options]
  photolift-cli retry [--all | ID...] [server options]
  photolift-cli attempts [--failed] [--limit N]
  photolift-cli inspect FILE...
  photolift-cli download ID... --into FOLDER --server URL --token-file FILE
  photolift-cli remove ID... [--batch] --server URL --token-file FILE
  photolift-cli restore ID... [--batch] --server URL --token-file FILE
  photolift-cli projects --server URL --token-file FILE
  photolift-cli projects set ID open|complete|delivered --server URL --token-file FILE

Every command:
  --data DIR         where everything of this run is kept (default: the folder of the desktop program)
  --json             one JSON object per line on standard output
Server options:
  --server URL       the server to use, https://..., over a metered network, too; without it one is started on this computer
  --token-file FILE  the file that holds the token for it (0600)
  --jobs N           photos prepared and sent at the same time (1 to 16, default 4)
  --limit-rate RATE  bytes per second for this run, such as 5M or 500K; 0: no limit (default: that of the desktop program)
  --resume           goes on with what was paused in the window; without it nothing is sent then, and the command ends at once
  --wait TIME        how long to wait while nothing moves, such as 90s, 15m, 2h (default 15m)
  --tuning FILE      other paces for retries and looks, as JSON; for tests
upload:
  --project NAME     the project the photos belong to, made when missing (default: Photos)
  --dry-run          walks and judges, sends nothing
retry:
  --all              every photo that failed, and those that still wait; otherwise ids of photos or attempts
attempts:
  --failed           only those that failed
  --limit N          at most so many, newest first (default 100)
download, remove, restore: photos of yours on an organisation's server, by the ids of photos or attempts
  --into FOLDER      where download puts them, at the paths they had; nothing that is there is replaced, and each is compared with its SHA-256
  --batch            the ids are those of batches: all of your photos in them
                     What is removed can be restored for a day, and is then gone for good.
projects: for coordinators of an organisation: what each project expects, what has arrived and what is missing, open ones first

Ends with 0 when every photo succeeded, was there already or was rightly skipped; 1 otherwise; 2 wrong usage; 3 no server answered;
4 another Photolift writes this data folder; 130 interrupted, the queue is kept.
)"_s;

/// The options of one command, told apart from its operands.
class Arguments
{
public:
    Arguments(const QList<QByteArray> &arguments, const QSet<QString> &flags, const QSet<QString> &withValue)
    {
        bool isOperandsOnly = false;
        for (qsizetype at = 0; at < arguments.size(); ++at) {
            const QByteArray &argument = arguments[at];
            if (isOperandsOnly || !argument.startsWith("--") || argument == "-") {
                if (argument.isEmpty()) // a variable of a script that has no value, more often than not
                    fault(u"one of the arguments is empty"_s);
                m_operands.append(argument);
                continue;
            }
            if (argument == "--") {
                isOperandsOnly = true;
                continue;
            }
            const qsizetype equals = argument.indexOf('=');
            const QString name = QString::fromUtf8(argument.first(equals < 0 ? argument.size() : equals));
            if (flags.contains(name) && equals < 0) {
                m_values.insert(name, QByteArray());
            } else if (withValue.contains(name)) {
                const QByteArray value = equals >= 0 ? argument.sliced(equals + 1) : arguments.value(++at);
                if (value.isEmpty())
                    fault(name + u" needs a value"_s);
                m_values.insert(name, value);
            } else {
                fault(u"unknown option "_s + displayName(QString::fromUtf8(argument)));
            }
        }
    }

    bool has(const QString &name) const { return m_values.contains(name); }
    QString text(const QString &name) const { return QString::fromLocal8Bit(m_values.value(name)); }
    const QList<QByteArray> &operands() const { return m_operands; }
    void fault(const QString &what)
    {
        if (m_fault.isEmpty())
            m_fault = what;
    }
    /// A value read by `read`, or the fallback where the option is not there.
    template <typename T, typename Read> T value(const QString &name, T fallback, Read read)
    {
        if (!has(name))
            return fallback;
        const std::optional<T> given = read(text(name));
        if (!given)
            fault(name + u": "_s + displayName(text(name)) + u" is not understood"_s);
        return given.value_or(fallback);
    }
    const QString &fault() const { return m_fault; }

private:
    QHash<QString, QByteArray> m_values;
    QList<QByteArray> m_operands;
    QString m_fault;
};

const QSet<QString> ServerOptionNames{u"--server"_s, u"--token-file"_s, u"--jobs"_s, u"--limit-rate"_s, u"--wait"_s, u"--tuning"_s};

std::optional<int> readCount(const QString &text, int lowest, int highest)
{
    bool isNumber = false;
    const int number = text.toInt(&isNumber);
    return isNumber && number >= lowest && number <= highest ? std::optional<int>(number) : std::nullopt;
}

/// An organisation's server has a list of its own, the same that the window has for it: what waits for this computer's is not sent there.
CommonOptions readCommon(const Arguments &arguments, const QUrl &server = {})
{
    const QString ofProgram = client::DataFolder::defaultPath();
    const QString otherwise = server.isEmpty() ? ofProgram : client::DataFolder::ofServer(ofProgram, server);
    return {arguments.has(u"--data"_s) ? arguments.text(u"--data"_s) : otherwise, arguments.has(u"--json"_s)};
}

ServerOptions readServerOptions(Arguments &arguments)
{
    ServerOptions options;
    options.server = arguments.value(u"--server"_s, QUrl(), serverAddress);
    if (isOpenToOthers(options.server))
        arguments.fault(u"--server: photos and the token leave this computer over https:// only"_s);
    options.tokenFile = arguments.text(u"--token-file"_s);
    if (!options.server.isEmpty() && options.tokenFile.isEmpty())
        arguments.fault(u"--server needs --token-file"_s);
    if (options.server.isEmpty() && !options.tokenFile.isEmpty())
        arguments.fault(u"--token-file needs --server"_s);
    options.waitMs = arguments.value(u"--wait"_s, options.waitMs, [](const QString &text) { return readDuration(text); });
    if (arguments.has(u"--jobs"_s))
        options.jobs = arguments.value(u"--jobs"_s, 4, [](const QString &text) { return readCount(text, 1, 16); });
    options.rateLimit = arguments.value(u"--limit-rate"_s, options.rateLimit, [](const QString &text) { return readRate(text); });
    options.tuningFile = arguments.text(u"--tuning"_s);
    options.isResuming = arguments.has(u"--resume"_s);
    return options;
}

Message refused(const QString &why)
{
    return {u"photolift-cli: "_s + why + u"\nSee photolift-cli --help.\n"_s, true};
}

Command readUpload(Arguments arguments)
{
    UploadOptions options;
    options.server = readServerOptions(arguments);
    options.common = readCommon(arguments, options.server.server);
    options.paths = arguments.operands();
    options.project = arguments.has(u"--project"_s) ? arguments.text(u"--project"_s).trimmed() : u"Photos"_s;
    options.isDryRun = arguments.has(u"--dry-run"_s);
    if (options.paths.isEmpty())
        arguments.fault(u"upload needs a folder or a file"_s);
    if (options.project.isEmpty())
        arguments.fault(u"--project needs a name"_s);
    return arguments.fault().isEmpty() ? Command(options) : Command(refused(arguments.fault()));
}

Command readRetry(Arguments arguments)
{
    RetryOptions options;
    options.server = readServerOptions(arguments);
    options.common = readCommon(arguments, options.server.server);
    options.isAll = arguments.has(u"--all"_s);
    for (const QByteArray &id : arguments.operands()) {
        options.ids.append(QString::fromUtf8(id));
        if (QUuid::fromString(options.ids.last()).isNull())
            arguments.fault(displayName(options.ids.last()) + u" is not an id"_s);
    }
    if (options.isAll != options.ids.isEmpty())
        arguments.fault(u"retry needs either --all or ids"_s);
    return arguments.fault().isEmpty() ? Command(options) : Command(refused(arguments.fault()));
}

Command readAttempts(Arguments arguments)
{
    AttemptsOptions options;
    options.common = readCommon(arguments);
    options.isFailedOnly = arguments.has(u"--failed"_s);
    options.limit = arguments.value(u"--limit"_s, options.limit, [](const QString &text) { return readCount(text, 1, 1000000); });
    if (!arguments.operands().isEmpty())
        arguments.fault(u"attempts takes no operand"_s);
    return arguments.fault().isEmpty() ? Command(options) : Command(refused(arguments.fault()));
}

Command readInspect(Arguments arguments)
{
    InspectOptions options;
    options.common = readCommon(arguments);
    options.files = arguments.operands();
    if (options.files.isEmpty())
        arguments.fault(u"inspect needs a file"_s);
    return arguments.fault().isEmpty() ? Command(options) : Command(refused(arguments.fault()));
}

Command readOwnPhotos(Arguments arguments, OwnPhotosOptions::What what)
{
    OwnPhotosOptions options;
    options.what = what;
    options.server = readServerOptions(arguments);
    options.common.isJson = arguments.has(u"--json"_s);
    options.isBatch = arguments.has(u"--batch"_s);
    options.into = arguments.text(u"--into"_s);
    for (const QByteArray &text : arguments.operands()) {
        options.ids.append(QUuid::fromString(QString::fromUtf8(text)));
        if (options.ids.last().isNull())
            arguments.fault(displayName(QString::fromUtf8(text)) + u" is not an id"_s);
    }
    if (options.server.server.isEmpty())
        arguments.fault(u"--server and --token-file are needed: the photos of this computer's own server are files in its folder"_s);
    if (options.ids.isEmpty())
        arguments.fault(u"ids are needed, as attempts --json shows them"_s);
    if (what == OwnPhotosOptions::What::Download && options.into.isEmpty())
        arguments.fault(u"download needs --into"_s);
    return arguments.fault().isEmpty() ? Command(options) : Command(refused(arguments.fault()));
}

Command readProjects(Arguments arguments)
{
    ProjectsOptions options;
    options.server = readServerOptions(arguments);
    options.common.isJson = arguments.has(u"--json"_s);
    if (options.server.server.isEmpty())
        arguments.fault(u"--server and --token-file are needed: projects are listed for an organisation"_s);
    const QList<QByteArray> &words = arguments.operands();
    if (!words.isEmpty()) {
        options.projectId = QUuid::fromString(QString::fromUtf8(words.value(1)));
        options.state = QString::fromUtf8(words.value(2));
        if (words.first() != "set" || words.size() != 3)
            arguments.fault(u"projects takes nothing, or else: set ID open|complete|delivered"_s);
        if (options.projectId.isNull())
            arguments.fault(displayName(QString::fromUtf8(words.value(1))) + u" is not an id"_s);
        if (!wire::isProjectState(options.state))
            arguments.fault(displayName(options.state) + u" is not open, complete or delivered"_s);
    }
    return arguments.fault().isEmpty() ? Command(options) : Command(refused(arguments.fault()));
}

} // namespace

Command readCommandLine(const QList<QByteArray> &arguments)
{
    if (arguments.isEmpty())
        return Message{Usage, true};
    const QByteArray &command = arguments.first();
    if (command == "--help" || command == "-h" || command == "help" || arguments.contains("--help"))
        return Message{Usage, false};
    if (command == "--version")
        return Message{u"photolift-cli " PHOTOLIFT_VERSION "\n"_s, false};

    const QList<QByteArray> rest = arguments.sliced(1);
    const QSet<QString> data{u"--data"_s};
    const QSet<QString> json{u"--json"_s};
    const QSet<QString> server = data | ServerOptionNames;
    if (command == "upload")
        return readUpload({rest, json | QSet<QString>{u"--dry-run"_s, u"--resume"_s}, server | QSet<QString>{u"--project"_s}});
    if (command == "retry")
        return readRetry({rest, json | QSet<QString>{u"--all"_s, u"--resume"_s}, server});
    if (command == "attempts")
        return readAttempts({rest, json | QSet<QString>{u"--failed"_s}, data | QSet<QString>{u"--limit"_s}});
    if (command == "inspect")
        return readInspect({rest, json, data});
    const QSet<QString> ofServer = data | QSet<QString>{u"--server"_s, u"--token-file"_s, u"--wait"_s};
    if (command == "download")
        return readOwnPhotos({rest, json, ofServer | QSet<QString>{u"--into"_s}}, OwnPhotosOptions::What::Download);
    if (command == "remove")
        return readOwnPhotos({rest, json | QSet<QString>{u"--batch"_s}, ofServer}, OwnPhotosOptions::What::Remove);
    if (command == "restore")
        return readOwnPhotos({rest, json | QSet<QString>{u"--batch"_s}, ofServer}, OwnPhotosOptions::What::Restore);
    if (command == "projects")
        return readProjects({rest, json, ofServer});
    return refused(displayName(QString::fromUtf8(command)) + u" is not a command"_s);
}

std::optional<qint64> readRate(QStringView text)
{
    if (text.endsWith(u"/s"))
        text.chop(2);
    if (text.endsWith(u'B'))
        text.chop(1);
    double factor = 1;
    if (!text.isEmpty() && !text.back().isDigit()) {
        switch (text.back().toUpper().unicode()) {
        case u'K': factor = 1e3; break;
        case u'M': factor = 1e6; break;
        case u'G': factor = 1e9; break;
        default: return std::nullopt;
        }
        text.chop(1);
    }
    bool isNumber = false;
    const double number = text.toDouble(&isNumber);
    const double rate = number * factor;
    // Less than a byte would be none, and none is what 0 says: no limit.
    if (!isNumber || !std::isfinite(number) || number < 0 || (rate > 0 && rate < 1) || rate > 1e15)
        return std::nullopt;
    return static_cast<qint64>(rate);
}

std::optional<qint64> readDuration(QStringView text)
{
    struct Unit {
        QStringView name;
        double ms;
    };
    static constexpr std::array<Unit, 4> Units{{{u"ms", 1}, {u"s", 1000}, {u"m", 60000}, {u"h", 3600000}}};
    double factor = 1000;
    for (const Unit &unit : Units) {
        if (text.endsWith(unit.name)) {
            text.chop(unit.name.size());
            factor = unit.ms;
            break;
        }
    }
    bool isNumber = false;
    const double number = text.toDouble(&isNumber);
    if (!isNumber || !std::isfinite(number) || number < 0 || number * factor > 1e12)
        return std::nullopt;
    return static_cast<qint64>(number * factor);
}

} // namespace photolift::cli
