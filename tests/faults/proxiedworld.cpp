#include "tests/faults/proxiedworld.h"

#include "tests/faults/checker/rows.h"

#include <QElapsedTimer>
#include <QSqlDatabase>
#include <QSqlQuery>

using namespace Qt::StringLiterals;

namespace photolift::faults {

namespace {
const QByteArray Signature = "X-Amz-Signature=";
}

ProxiedWorld::ProxiedWorld()
    : m_server(QString::fromUtf8(folders.root()) + u"/server"_s)
    , client(folders.data())
{
}

bool ProxiedWorld::start()
{
    if (!m_tuning.open() || m_tuning.write(testTuning()) < 0 || !m_tuning.flush() || !m_server.start())
        return false;
    proxy.setUpstream(m_server.address());
    return true;
}

QStringList ProxiedWorld::upload(const QByteArray &path, const QStringList &options) const
{
    return QStringList{u"upload"_s, QFile::decodeName(path), u"--server"_s, proxy.url().toString(), u"--token-file"_s, m_server.tokenFile(),
                       u"--tuning"_s, m_tuning.fileName(), u"--wait"_s, u"60s"_s}
           + options;
}

bool ProxiedWorld::drain(support::CliRun &run) const
{
    QElapsedTimer timer;
    timer.start();
    while (numberFrom(run.dataFolder() + u"/photolift.db"_s, u"SELECT count(*) FROM outbox WHERE sent_ms IS NULL"_s) != 0) {
        QStringList command = upload({});
        command.replace(0, u"retry"_s);
        command.replace(1, u"--all"_s);
        if (timer.hasExpired(60000) || run.run(command).exitCode != 0)
            return false;
    }
    return true;
}

qint64 ProxiedWorld::clientNumber(const QString &question) const
{
    return numberFrom(client.dataFolder() + u"/photolift.db"_s, question);
}

qint64 ProxiedWorld::serverNumber(const QString &question) const
{
    return numberFrom(serverFolder() + u"/server.sqlite"_s, question);
}

qsizetype ProxiedWorld::objects() const
{
    return FaultFolders::filesBelow(QFile::encodeName(serverFolder() + u"/objects"_s)).size();
}

QByteArrayList ProxiedWorld::secrets() const
{
    QByteArrayList found;
    if (QFile token(m_server.tokenFile()); token.open(QIODevice::ReadOnly))
        found << token.readAll().trimmed();
    for (const support::SeenRequest &request : proxy.requests()) {
        const QByteArray target = request.target;
        if (const qsizetype at = target.indexOf(Signature); at >= 0)
            found << target.mid(at + Signature.size()).split('&').first();
    }
    return found;
}

QString ProxiedWorld::violations(const QJsonObject &figures) const
{
    return support::violations({client.dataFolder()}, serverFolder(), folders.snapshot(), figures, secrets()).join(u'\n');
}

QByteArray testTuning()
{
    return R"({"stableLookMs": 20, "inRequestBaseMs": 20, "inRequestCapMs": 200, "longBaseMs": 50, "longCapMs": 500, "serverAskedMinMs": 100,
               "statusWaitSeconds": 5, "freeExtraRequests": 1000})";
}

qint64 numberFrom(const QString &database, const QString &question)
{
    if (!QFile::exists(database))
        return -1;
    const auto rows = check::Rows::open(database);
    return rows ? (*rows)->number(question) : -1;
}

bool change(const QString &database, const QString &sql)
{
    const QString name = u"photolift-change"_s;
    bool isDone = false;
    {
        QSqlDatabase connection = QSqlDatabase::addDatabase(u"QSQLITE"_s, name);
        connection.setDatabaseName(database);
        isDone = connection.open() && QSqlQuery(connection).exec(sql);
        connection.close();
    }
    QSqlDatabase::removeDatabase(name);
    return isDone;
}

} // namespace photolift::faults
