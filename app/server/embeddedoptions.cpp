#include "app/server/embeddedoptions.h"

#include <QCommandLineParser>

namespace photolift::server {

using namespace Qt::StringLiterals;

std::variant<EmbeddedOptions, QString> embeddedOptionsFrom(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(u"The Photolift server for this computer: SQLite and a folder of photos."_s);
    const QCommandLineOption help = parser.addHelpOption();
    const QCommandLineOption embedded(u"embedded"_s, u"Keep everything in one folder, listen on this computer only."_s);
    const QCommandLineOption data(u"data"_s, u"The folder for database and photos; made when missing."_s, u"DIR"_s);
    const QCommandLineOption listen(u"listen"_s, u"Loopback address and port; port 0 takes a free one."_s, u"ADDRESS:PORT"_s, u"127.0.0.1:0"_s);
    const QCommandLineOption token(u"token-file"_s, u"Write a fresh access token here instead of DIR/token; also with a pipe on standard input, from which the token is "
                                                           "read otherwise."_s, u"FILE"_s);
    const QCommandLineOption logs(u"logs"_s, u"Keep the log in FOLDER/server.log instead of writing it to standard error."_s, u"FOLDER"_s);
    parser.addOptions({embedded, data, listen, token, logs});

    const auto wrong = [&parser](const QString &why) {
        return QString(why.isEmpty() ? parser.helpText() : QString(why % u"\n\n" % parser.helpText()));
    };
    if (!parser.parse(arguments))
        return wrong(parser.errorText());
    if (parser.isSet(help))
        return wrong({});
    if (!parser.positionalArguments().isEmpty())
        return wrong(u"unexpected: %1"_s.arg(parser.positionalArguments().first()));
    if (!parser.isSet(embedded) || parser.value(data).isEmpty())
        return wrong(u"--embedded and --data are needed"_s);

    EmbeddedOptions options;
    options.dataFolder = parser.value(data);
    options.tokenFile = parser.value(token);
    options.logFolder = parser.value(logs);
    const QString where = parser.value(listen);
    const qsizetype colon = where.lastIndexOf(u':');
    bool isNumber = false;
    options.port = where.sliced(colon + 1).toUShort(&isNumber);
    options.address = where.first(std::max<qsizetype>(0, colon)).toLatin1();
    if (options.address == "[::1]")
        options.address = "::1";
    if (options.address == "localhost")
        options.address = "127.0.0.1";
    // The network gets this server only with TLS and accounts of its own.
    if (!isNumber || (options.address != "127.0.0.1" && options.address != "::1"))
        return wrong(u"--listen wants a loopback address and a port, such as 127.0.0.1:0"_s);
    return options;
}

} // namespace photolift::server
