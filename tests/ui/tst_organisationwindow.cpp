#include "app/client/datafolder.h"
#include "app/desktop/servercheck.h"
#include "app/desktop/serverchoice.h"
#include "app/desktop/session.h"
#include "app/desktop/tokenkeeper.h"
#include "tests/support/smallorganisation.h"
#include "tests/support/smallphotos.h"
#include "tests/support/testcertificate.h"
#include "tests/ui/inenglish.h"
#include "ui/shell/connectdialog.h"
#include "ui/shell/headerbar.h"

#include <QDirIterator>
#include <QFile>
#include <QMenu>
#include <QProcess>
#include <QSignalSpy>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>
#include <QThreadPool>

#include <memory>

using namespace photolift;
using namespace photolift::ui;
using namespace Qt::StringLiterals;

/// The window with the server of an organisation: the real client and the real server with its people.
class OrganisationWindowTest : public QObject
{
    Q_OBJECT

    /// One life of the window; ends in order.
    struct Life {
        desktop::Session session;
        QSignalSpy ended{&session, &desktop::Session::ended};
        Life(const desktop::Session::Start &start, desktop::TokenKeeper &tokens)
            : session(start, tokens)
        {
        }
        ~Life()
        {
            session.window().close();
            if (ended.isEmpty() && !ended.wait(20'000))
                qWarning("the window did not end");
        }
        QString headline() { return session.window().uploads()->verdicts()->motion()->verdict().headline; }
        QString server() { return session.window().header()->serverText(); }
    };

    static QAction *entry(Life &life, const QString &text)
    {
        const QList<QAction *> actions = life.session.window().header()->menuButton()->menu()->actions();
        const auto found = std::find_if(actions.cbegin(), actions.cend(), [&text](const QAction *action) { return action->text() == text; });
        return found == actions.cend() ? nullptr : *found;
    }
    static bool holds(const QString &folder, const QByteArray &secret)
    {
        QDirIterator files(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            if (file.open(QIODevice::ReadOnly) && file.readAll().contains(secret))
                return true;
        }
        return false;
    }
    void writeToken(const QByteArray &token) const
    {
        QFile file(m_tokenFile);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner));
        file.write(token + '\n');
    }
    desktop::Session::Start start(const QString &dataFolder, const QByteArrayList &paths = {}) const
    {
        return {dataFolder, m_organisation.address(), m_tokenFile, {}, paths};
    }

private Q_SLOTS:
    void initTestCase()
    {
        test::speakEnglish();
        qputenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere"); // no keyring of whoever runs the tests
        QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
        QVERIFY2(m_organisation.addPerson(u"anna"_s), qPrintable(m_organisation.failure()));
        m_tokenFile = m_folder.filePath(u"token"_s);
        for (int i = 0; i < 3; ++i)
            support::writeJpeg(m_folder.filePath(u"shoot/IMG_%1.jpg"_s.arg(i)), i + 1);
        m_shoot = QFile::encodeName(m_folder.filePath(u"shoot"_s));
    }

    void photosAreSafeOnTheServerOfTheOrganisation()
    {
        QTemporaryDir data;
        writeToken(m_organisation.tokenFor(u"anna"_s));
        Life life(start(data.path(), {m_shoot}), m_tokens);

        QTRY_COMPARE_WITH_TIMEOUT(life.headline(), u"All 3 photos are safe"_s, 60'000);
        const QString name = u"127.0.0.1:%1"_s.arg(m_organisation.address().port());
        QCOMPARE(life.server(), name + u" Connected"_s);
        const QAction *person = entry(life, u"Signed in as anna (photographer)"_s);
        QVERIFY(person && !person->isEnabled());
        QVERIFY(!QFile::exists(client::DataFolder::database(data.path()))); // the list of this computer's own server
        QVERIFY(QFile::exists(client::DataFolder::database(client::DataFolder::ofServer(data.path(), m_organisation.address()))));
    }

    /// The program's folder holds what this computer's own server has: no walk for another server goes into it.
    void photoliftsOwnFolderIsNoneOfThePhotos()
    {
        QTemporaryDir home;
        const QString data = home.filePath(u".local/share/Photolift"_s);
        support::writeJpeg(home.filePath(u"Pictures/IMG_1.jpg"_s), 71);
        support::writeJpeg(client::DataFolder::server(data) + u"/objects/ab/copy"_s, 72);
        writeToken(m_organisation.tokenFor(u"anna"_s));

        Life life(start(data, {QFile::encodeName(home.path())}), m_tokens);

        QTRY_COMPARE_WITH_TIMEOUT(life.session.controller().totals().safe, 1, 60'000);
        QTRY_VERIFY(life.session.controller().totals().counting == 0 && life.session.controller().totals().photos == 1);
    }

    void aTokenThatWasRevokedIsSaidAndLosesNothing()
    {
        QTemporaryDir data;
        writeToken(m_organisation.tokenFor(u"anna"_s));
        QVERIFY2(m_organisation.shutOut(u"anna"_s), qPrintable(m_organisation.failure()));
        Life life(start(data.path(), {m_shoot}), m_tokens);

        QTRY_VERIFY_WITH_TIMEOUT(life.server().endsWith(u"Sign in again"_s), 30'000);
        const LampWidget *lamp = life.session.window().uploads()->verdicts()->motion();
        QTRY_COMPARE(lamp->verdict().detail, u"Sign in again. Your queue is kept."_s);
        QTRY_COMPARE(life.session.controller().totals().waiting, 3);
        QCOMPARE(lamp->verdict().button, u"Sign in again"_s);

        writeToken(m_organisation.tokenFor(u"anna"_s));
        lamp->button()->click();

        QTRY_VERIFY_WITH_TIMEOUT(life.server().endsWith(u" Connected"_s), 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(life.session.controller().totals().safe, 3, 60'000);
    }

    void aVersionThatWasRetiredIsToldBeforeAnythingIsQueued()
    {
        QTemporaryDir data;
        writeToken(m_organisation.tokenFor(u"anna"_s));
        m_organisation.command({u"app"_s, u"retire"_s, QStringLiteral(PHOTOLIFT_VERSION)}); // known since the first photos
        Life life(start(data.path()), m_tokens);

        QTRY_VERIFY_WITH_TIMEOUT(life.server().endsWith(u"Update needed"_s), 30'000);
        const LampWidget *lamp = life.session.window().uploads()->verdicts()->motion();
        QTRY_COMPARE(lamp->verdict().headline, u"An update is needed"_s);
        QCOMPARE(lamp->verdict().detail, u"Update Photolift. Your queue is kept."_s);

        m_organisation.command({u"app"_s, u"restore"_s, QStringLiteral(PHOTOLIFT_VERSION)});
        lamp->button()->click();
        QTRY_VERIFY_WITH_TIMEOUT(life.server().endsWith(u" Connected"_s), 30'000);
    }

    void theMenuLeadsToTheServerAndBack()
    {
        QTemporaryDir data;
        const QByteArray token = m_organisation.tokenFor(u"anna"_s);
        std::optional<desktop::Session::Start> next;
        {
            Life life({data.path(), {}, {}, {}, {}}, m_tokens);
            QTRY_VERIFY_WITH_TIMEOUT(life.server().endsWith(u" Connected"_s), 30'000);
            QVERIFY(!entry(life, u"Use this computer only"_s));
            for (const QAction *action : life.session.window().header()->menuButton()->menu()->actions())
                QVERIFY(!action->text().startsWith(u"Signed in"_s)); // nobody signs in to their own computer
            entry(life, u"Connect to a server…"_s)->trigger();
            ConnectDialog *dialog = nullptr;
            QTRY_VERIFY((dialog = life.session.window().findChild<ConnectDialog *>()));
            dialog->address()->setText(m_organisation.address().toString());
            dialog->token()->setText(u"pld_wrong"_s);
            QTRY_COMPARE_WITH_TIMEOUT(dialog->statusText(), u"The token is not accepted"_s, 20'000);
            dialog->token()->setText(QString::fromUtf8(token));
            QTRY_COMPARE_WITH_TIMEOUT(dialog->statusText(), u"Connected"_s, 20'000);

            dialog->connectButton()->click(); // there is no keyring on this bus
            QTRY_COMPARE_WITH_TIMEOUT(dialog->statusText(), u"The system keyring is not available"_s, 30'000);
            dialog->connectButton()->click();

            QVERIFY(life.ended.wait(20'000));
            next = life.session.next();
        }
        QVERIFY(next);
        QCOMPARE(next->server, m_organisation.address());
        QCOMPARE(desktop::ServerChoice::read(data.path()).used(), m_organisation.address());
        {
            Life life(*next, m_tokens);
            QTRY_VERIFY_WITH_TIMEOUT(life.server().endsWith(u" Connected"_s), 30'000);
            QVERIFY(life.server().startsWith(u"127.0.0.1:"_s));
            entry(life, u"Use this computer only"_s)->trigger();
            QVERIFY(life.ended.wait(20'000));
            next = life.session.next();
        }
        QVERIFY(next && next->server.isEmpty());
        QVERIFY(desktop::ServerChoice::read(data.path()).used().isEmpty());
        QVERIFY(!holds(data.path(), token)); // in no file
    }

    void aCertificateThatNobodyTrustsIsSaidWithItsIssuer()
    {
        const support::TestCertificate certificate = support::makeTestCertificate();
        support::SmallOrganisation organisation;
        QVERIFY2(organisation.start(certificate.pem, certificate.key.toPem()), qPrintable(organisation.failure()));

        QThreadPool pool;
        const QFuture<Result<Person>> checked = desktop::checkServer(pool, {}, organisation.address(), "pld_secret");

        QTRY_VERIFY_WITH_TIMEOUT(checked.isFinished(), 20'000);
        QVERIFY(!checked.result());
        QCOMPARE(checked.result().error().code, ErrorCode::NetworkIdentityUntrusted);
        QVERIFY2(checked.result().error().detail.contains(u"certificate issued by "_s), qPrintable(checked.result().error().detail));
    }

    void aCheckThatNobodyWaitsForEndsAtOnce()
    {
        QTcpServer silent; // takes connections and says nothing: 10 s of patience
        QVERIFY(silent.listen(QHostAddress::LocalHost));
        QThreadPool pool;
        std::stop_source end;
        const QUrl address(u"http://127.0.0.1:%1"_s.arg(silent.serverPort()));
        const QFuture<Result<Person>> checked = desktop::checkServer(pool, end.get_token(), address, "pld_secret");
        QTRY_VERIFY(silent.hasPendingConnections());

        end.request_stop();

        QTRY_VERIFY_WITH_TIMEOUT(checked.isFinished(), 5'000);
        QVERIFY(!checked.result());
    }

    void theProgramRefusesWhatMakesNoSense_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("says");
        QTest::newRow("no token") << QStringList{u"--server"_s, u"https://photos.example.org"_s} << u"go together"_s;
        QTest::newRow("no address") << QStringList{u"--server"_s, u"photos"_s, u"--token-file"_s, u"x"_s} << u"needs an address"_s;
        QTest::newRow("in the clear") << QStringList{u"--server"_s, u"http://photos.example.org"_s, u"--token-file"_s, u"x"_s} << u"https:// only"_s;
        QTest::newRow("no file") << QStringList{u"--server"_s, u"https://photos.example.org"_s, u"--token-file"_s, u"/nowhere"_s} << u"cannot be read"_s;
    }
    void theProgramRefusesWhatMakesNoSense()
    {
        QFETCH(const QStringList, arguments);
        QProcess program;

        program.start(qEnvironmentVariable("PHOTOLIFT_BIN") + u"/photolift"_s, QStringList{u"--data"_s, m_folder.filePath(u"none"_s)} + arguments);

        QVERIFY(program.waitForFinished(20'000));
        QCOMPARE(program.exitCode(), 2);
        QFETCH(const QString, says);
        const QString said = QString::fromUtf8(program.readAllStandardError());
        QVERIFY2(said.contains(says), qPrintable(said));
        QVERIFY(!QFile::exists(m_folder.filePath(u"none"_s)));
    }

private:
    desktop::TokenKeeper m_tokens;
    support::SmallOrganisation m_organisation;
    QTemporaryDir m_folder;
    QString m_tokenFile;
    QByteArray m_shoot;
};

QTEST_MAIN(OrganisationWindowTest)
#include "tst_organisationwindow.moc"
