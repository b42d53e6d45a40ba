#include "app/client/datafolder.h"
#include "app/desktop/session.h"
#include "tests/support/smallorganisation.h"
#include "tests/support/smallphotos.h"
#include "tests/ui/inenglish.h"
#include "ui/shell/headerbar.h"

#include <QFile>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

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
        explicit Life(const desktop::Session::Start &start)
            : session(start)
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

    void writeToken(const QByteArray &token) const
    {
        QFile file(m_tokenFile);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner));
        file.write(token + '\n');
    }
    desktop::Session::Start start(const QString &dataFolder, const QByteArrayList &paths = {}) const
    {
        return {dataFolder, m_organisation.address(), m_tokenFile, paths};
    }

private Q_SLOTS:
    void initTestCase()
    {
        test::speakEnglish();
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
        Life life(start(data.path(), {m_shoot}));

        QTRY_COMPARE_WITH_TIMEOUT(life.headline(), u"All 3 photos are safe"_s, 60'000);
        const QString name = u"127.0.0.1:%1"_s.arg(m_organisation.address().port());
        QCOMPARE(life.server(), name + u" Connected"_s);
        QVERIFY(!QFile::exists(client::DataFolder::database(data.path()))); // the list of this computer's own server
        QVERIFY(QFile::exists(client::DataFolder::database(client::DataFolder::ofServer(data.path(), m_organisation.address()))));
    }

    void aTokenThatWasRevokedIsSaidAndLosesNothing()
    {
        QTemporaryDir data;
        writeToken(m_organisation.tokenFor(u"anna"_s));
        QVERIFY2(m_organisation.shutOut(u"anna"_s), qPrintable(m_organisation.failure()));
        Life life(start(data.path(), {m_shoot}));

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
    support::SmallOrganisation m_organisation;
    QTemporaryDir m_folder;
    QString m_tokenFile;
    QByteArray m_shoot;
};

QTEST_MAIN(OrganisationWindowTest)
#include "tst_organisationwindow.moc"
