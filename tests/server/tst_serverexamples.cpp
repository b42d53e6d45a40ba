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
    void haproxyGivesRootUp();
    void nginxTakesWhatTheReadmeTypes();
    void theReadmeUploadsToThePortItListensOn();
    void aBareDebianGetsTheAuthoritiesOfTheWeb();
    void secretsOfTheReadmeAreTheirOwners_data();
    void secretsOfTheReadmeAreTheirOwners();

private:
    /// A copy with these words changed; empty when one of them is not there.
    QString changed(const QString &name, const QList<std::pair<QString, QString>> &words) const;
    /// The README of the whole product; of its lines that an administrator copies, those that these words are in.
    static QString readme();
    static QStringList typedLines(const QString &words);
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
                                 {{u"/usr/local/lib/photolift/photolift-server"_s, u"/bin/true"_s}, {u"User=photolift"_s, u"User=games"_s}, {u"Group=photolift"_s, u"Group=games"_s}, {u"file:/etc/photolift/server.toml"_s, u"man:true(1)"_s}});
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

/// Debian's own file, which this one replaces, does so, too.
void TestServerExamples::haproxyGivesRootUp()
{
    QFile packaged(qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/packaging/server/haproxy-photolift.cfg"_s);
    QVERIFY(packaged.open(QIODevice::ReadOnly));
    const QByteArray text = packaged.readAll();
    const QByteArray global = text.mid(text.indexOf("\nglobal\n"), text.indexOf("\ndefaults\n") - text.indexOf("\nglobal\n"));

    for (const char *line : {"    user haproxy\n", "    group haproxy\n", "    chroot /var/lib/haproxy\n"})
        QVERIFY2(global.contains(line), line);
}

QString TestServerExamples::readme()
{
    QFile file(qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/README.md"_s);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QStringList TestServerExamples::typedLines(const QString &words)
{
    QStringList lines;
    for (const QString &line : readme().split(u'\n')) {
        if (line.startsWith("    "_L1) && line.contains(words))
            lines.append(line.trimmed());
    }
    return lines;
}

/// On a copy of the /etc/nginx that Debian gives, with the site as it becomes there.
void TestServerExamples::nginxTakesWhatTheReadmeTypes()
{
    QStringList lines = typedLines(u"/etc/nginx/"_s);
    QCOMPARE(lines.size(), 4);
    QFile packaged(qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/packaging/server/nginx-photolift.conf"_s);
    QVERIFY(packaged.open(QIODevice::ReadOnly));
    const QString site = QString::fromUtf8(packaged.readAll());
    for (const QString &line : lines.last(2)) // the same in the site's head
        QVERIFY2(site.contains(u"\n#     "_s + line + u'\n'), qPrintable(line));
    const photolift::support::TestCertificate certificate = photolift::support::makeTestCertificate();
    for (const auto &[name, content] : {std::pair(u"server.crt"_s, certificate.pem), std::pair(u"server.key"_s, certificate.key.toPem())}) {
        QFile file(m_folder.filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(content) > 0);
    }
    const QString etc = m_folder.filePath(u"nginx"_s);
    const QString typed = lines.join(u'\n').replace(u"/etc/nginx/"_s, etc + u'/');
    const QString rest = u"sed -i 's|/etc/photolift/|%1/|; s/listen 443/listen 127.0.0.1:44300/' %2/sites-available/photolift\n"
                         "sed -i 's|/run/nginx.pid|%1/pid|; s|/var/log/nginx/|%1/|; s|/etc/nginx/|%2/|' %2/nginx.conf"_s.arg(m_folder.path(), etc);
    const QByteArray copied = run(u"bash"_s, {u"-euc"_s, u"cp -r /etc/nginx %1; rm -f %1/sites-enabled/*; cd \"$PHOTOLIFT_SOURCE\"\n%2\n%3"_s.arg(etc, typed, rest)});
    QVERIFY2(m_exit == 0, copied.constData());

    const QByteArray said = run(u"/usr/sbin/nginx"_s, {u"-T"_s, u"-e"_s, m_folder.filePath(u"error.log"_s), u"-c"_s, etc + u"/nginx.conf"_s});

    QVERIFY2(m_exit == 0, said.constData());
    QVERIFY2(said.contains("\tworker_connections 8192;\n") && said.contains("\nworker_rlimit_nofile 20000;\n"), said.constData());
    QVERIFY2(said.contains("    server_name SERVER;\n") && !said.contains("8430"), said.constData());
}

/// The client dials 443 unless it is told otherwise.
void TestServerExamples::theReadmeUploadsToThePortItListensOn()
{
    static const QRegularExpression Listening(u"listen = \"0\\.0\\.0\\.0:(\\d+)\""_s);
    const QString port = Listening.match(readme()).captured(1);
    QVERIFY(!port.isEmpty());

    QVERIFY(typedLines(u"photolift-cli upload "_s).join(u'\n').contains(u" --server https://SERVER:%1 "_s.arg(port)));
    QCOMPARE(readme().count(u"https://SERVER"_s), readme().count(u"https://SERVER:%1 "_s.arg(port)));
}

/// A store over https is trusted by them.
void TestServerExamples::aBareDebianGetsTheAuthoritiesOfTheWeb()
{
    const QByteArray packages =
        run(u"bash"_s, {u"-euc"_s, u". \"$PHOTOLIFT_SOURCE/packaging/lib/packages.sh\"; printf '%s\\n' \"${run_packages[@]}\""_s});

    QVERIFY2(m_exit == 0 && packages.split('\n').contains("ca-certificates"), packages.constData());
}

void TestServerExamples::secretsOfTheReadmeAreTheirOwners_data()
{
    QTest::addColumn<QString>("mask");
    QTest::newRow("root's umask on Debian") << u"022"_s;
    QTest::newRow("none at all") << u"000"_s;
}

/// Whatever the administrator's umask is. The lines that make them are typed in a folder that stands for `/etc/photolift` and `/root`, without the owners, whom
/// this computer may not have; a file that any other line of the README or the configuration names there, and that none of these made, is one too many.
void TestServerExamples::secretsOfTheReadmeAreTheirOwners()
{
    QFETCH(const QString, mask);
    const QTemporaryDir folder;
    const QString etc = folder.filePath(u"etc"_s);
    const QString root = folder.filePath(u"root"_s);
    static const QRegularExpression Owners(u" -[og] (root|photolift)\\b"_s);
    static const QRegularExpression Making(u"^(for name in |done$|.*\\binstall .*(/etc/photolift|/root/))"_s);
    QStringList typed;
    for (const QString &line : typedLines(QString())) {
        if (Making.match(line).hasMatch() && !line.contains("$("_L1))
            typed.append(QString(line).remove(Owners).replace(u"/etc/photolift"_s, etc).replace(u"/root"_s, root));
    }
    const QByteArray said = run(u"bash"_s, {u"-euc"_s, u"umask %1; cd %2; mkdir root; cp -r \"$PHOTOLIFT_SOURCE/packaging\" .; touch FULLCHAIN.pem KEY.pem\n%3"_s.arg(mask, folder.path(), typed.join(u'\n'))});
    QVERIFY2(m_exit == 0, qPrintable(QString::fromUtf8(said) + typed.join(u'\n')));

    QFile example(qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/packaging/server/photolift-server.example.toml"_s);
    QVERIFY(example.open(QIODevice::ReadOnly));
    static const QRegularExpression Named(u"(/etc/photolift|/root)/([a-z][a-z0-9.-]*)"_s);
    const QString text = typedLines(QString()).join(u'\n') + QString::fromUtf8(example.readAll());
    const QStringList notMade{u"database-ca.pem"_s, u"store-ca.pem"_s}; // certificates of others
    int secrets = 0;
    for (auto each = Named.globalMatch(text); each.hasNext();) {
        const QRegularExpressionMatch match = each.next();
        const QFile file((match.captured(1) == "/root"_L1 ? root : etc) + u'/' + match.captured(2));
        if (notMade.contains(match.captured(2)))
            continue;
        QVERIFY2(file.exists(), qPrintable(match.captured()));
        const bool isSecret = match.captured(2) != "server.toml"_L1 && match.captured(2) != "server.crt"_L1;
        constexpr auto Group = QFileDevice::ReadGroup | QFileDevice::WriteGroup | QFileDevice::ExeGroup;
        constexpr auto Others = QFileDevice::ReadOther | QFileDevice::WriteOther | QFileDevice::ExeOther;
        if (isSecret)
            QVERIFY2(!(file.permissions() & (Group | Others)), qPrintable(match.captured()));
        else
            QVERIFY2(!(file.permissions() & (QFileDevice::WriteGroup | QFileDevice::WriteOther)), qPrintable(match.captured()));
        secrets += isSecret ? 1 : 0;
    }
    QVERIFY2(secrets >= 8, qPrintable(QString::number(secrets)));
    for (const char *name : {"database-password", "database-worker-password", "database-retention-password", "database-owner-password",
                             "database-reader-password", "store-access-key", "store-secret-key"}) { // those of the loop are named by the configuration as well
        const QFile file(etc + u'/' + QLatin1StringView(name));
        QVERIFY2(file.size() > 0, name);
    }
}

QTEST_GUILESS_MAIN(TestServerExamples)
#include "tst_serverexamples.moc"
