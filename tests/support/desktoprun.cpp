#include "tests/support/desktoprun.h"

#include "models/vocabulary/serveraddress.h"
#include "tests/support/serverrun.h"

#include <QFile>
#include <QProcessEnvironment>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QUuid>

using namespace Qt::StringLiterals;

namespace photolift::support {

DesktopRun::DesktopRun(const QString &dataFolder, QUrl server, QString tokenFile, QString program)
    : m_dataFolder(dataFolder)
    , m_server(std::move(server))
    , m_tokenFile(std::move(tokenFile))
    , m_program(program.isEmpty() ? programFolder() + u"/photolift"_s : std::move(program))
    , m_listFolder(dataFolder + u"/servers/"_s + QString::fromLatin1(QUrl::toPercentEncoding(serverName(m_server))))
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"QT_QPA_PLATFORM"_s, u"offscreen"_s);
    m_process.setProcessEnvironment(environment);
    m_process.setProcessChannelMode(QProcess::ForwardedChannels);
}

DesktopRun::~DesktopRun()
{
    m_process.kill();
    m_process.waitForFinished(20000);
}

bool DesktopRun::start(const QStringList &paths)
{
    m_process.start(m_program, QStringList{u"--data"_s, m_dataFolder, u"--server"_s, m_server.toString(), u"--token-file"_s, m_tokenFile} + paths);
    return m_process.waitForStarted(20000);
}

qint64 DesktopRun::rows(const QString &tableAndCondition) const
{
    const QString file = m_listFolder + u"/photolift.db"_s;
    qint64 count = -1;
    if (!QFile::exists(file)) // opening would make one
        return count;
    const QString name = QUuid::createUuid().toString();
    {
        QSqlDatabase list = QSqlDatabase::addDatabase(u"QSQLITE"_s, name);
        list.setDatabaseName(file);
        list.setConnectOptions(u"QSQLITE_OPEN_READONLY;QSQLITE_BUSY_TIMEOUT=5000"_s);
        (void)list.open();
        QSqlQuery query(list);
        if (query.exec(u"SELECT count(*) FROM "_s + tableAndCondition) && query.next())
            count = query.value(0).toLongLong();
    }
    QSqlDatabase::removeDatabase(name);
    return count;
}

bool DesktopRun::hasEnded(const QString &besides) const
{
    // One statement sees one state of the list: between two, a drop may begin.
    return rows(u"(SELECT 1) WHERE EXISTS (SELECT 1 FROM queue_batches) AND NOT EXISTS (SELECT 1 FROM queue_batches WHERE is_counted = 0)"
                " AND NOT EXISTS (SELECT 1 FROM queue_items WHERE state IN ('queued', 'running', 'waiting_to_retry'))"
                " AND NOT EXISTS (SELECT 1 FROM outbox WHERE sent_ms IS NULL) AND ("_s
                + besides + u')')
        == 1;
}

} // namespace photolift::support
