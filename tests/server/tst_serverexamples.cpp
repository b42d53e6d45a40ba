#include "app/server/config/serverconfig.h"
#include "tests/support/testcertificate.h"

#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;

/// What packaging/server gives an administrator is understood by the programs it is for. nginx's site runs in tst_twoservers, HAProxy's in tst_haproxy; the
/// configuration is read in tst_serverconfig. The unit is judged by systemd and not started: that takes a system which systemd has booted.
class TestServerExamples : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void haproxyTakesItsFile();
    void systemdTakesItsUnit();
    void theUnitWaitsLongerThanTheServer();

private:
    /// A copy with these words changed; empty when one of them is not there.
    QString changed(const QString &name, const QList<std::pair<QString, QString>> &words) const;
    QByteArray run(const QString &program, const QStringList &arguments);

    QTemporaryDir m_folder;
    int m_exit = -1;
};

QString TestServerExamples::changed(const QString &name, const QList<std::pair<QString, QString>> &words) const
{
    QFile packaged(qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/packaging/server/"_s + name);
    QFile copy(m_folder.filePath(name));
    if (!packaged.open(QIODevice::ReadOnly) || !copy.open(QIODevice::WriteOnly))
        return {};
    QString text = QString::fromUtf8(packaged.readAll());
    for (const auto &[from, to] : words) {
        if (!text.contains(from))
            return {};
        text.replace(from, to);
    }
    copy.write(text.toUtf8());
    return copy.fileName();
}

QByteArray TestServerExamples::run(const QString &program, const QStringList &arguments)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(program, arguments);
    process.waitForFinished(30000);
    m_exit = process.exitCode();
    return process.readAll() + process.errorString().toUtf8();
}

void TestServerExamples::haproxyTakesItsFile()
{
    const photolift::support::TestCertificate certificate = photolift::support::makeTestCertificate();
    QFile pem(m_folder.filePath(u"server.pem"_s));
    QVERIFY(pem.open(QIODevice::WriteOnly));
    pem.write(certificate.pem + certificate.key.toPem());
    pem.close();
    const QString file = changed(u"haproxy-photolift.cfg"_s, {{u"/etc/photolift/server.pem"_s, pem.fileName()}});
    QVERIFY(!file.isEmpty());

    const QByteArray said = run(u"/usr/sbin/haproxy"_s, {u"-c"_s, u"-f"_s, file});

    QVERIFY2(m_exit == 0 && !said.contains("WARNING"), said.constData());
}

void TestServerExamples::systemdTakesItsUnit()
{
    const QString file = changed(u"photolift-server.service"_s,
                                 {{u"/usr/local/lib/photolift/photolift-server"_s, u"/bin/true"_s}, {u"User=photolift"_s, u"User=games"_s},
                                  {u"Group=photolift"_s, u"Group=games"_s}, {u"file:/etc/photolift/server.toml"_s, u"man:true(1)"_s}});
    QVERIFY(!file.isEmpty());

    const QByteArray said = run(u"systemd-analyze"_s, {u"verify"_s, u"--man=no"_s, file});

    QVERIFY2(m_exit == 0 && !said.contains("photolift-server.service:"), said.constData());
}

/// A stop ends what is in flight: systemd gives it the time, and leaves the processes alone that are opening photos.
void TestServerExamples::theUnitWaitsLongerThanTheServer()
{
    QFile unit(qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/packaging/server/photolift-server.service"_s);
    QVERIFY(unit.open(QIODevice::ReadOnly));
    const QString text = QString::fromUtf8(unit.readAll());
    static const QRegularExpression Timeout(u"\nTimeoutStopSec=(\\d+)\n"_s);
    QVERIFY(Timeout.match(text).captured(1).toInt() >= photolift::server::ServerConfig().drain.count() + 30);
    QVERIFY(text.contains(u"\nKillMode=mixed\n"_s));
}

QTEST_GUILESS_MAIN(TestServerExamples)
#include "tst_serverexamples.moc"
