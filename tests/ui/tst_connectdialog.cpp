#include "tests/ui/inenglish.h"
#include "ui/shell/connectdialog.h"

#include <QLabel>
#include <QSignalSpy>
#include <QTest>

using namespace photolift;
using namespace photolift::ui;
using namespace Qt::StringLiterals;

/// What the dialog asks, what it lets through, and its words for every answer.
class ConnectDialogTest : public QObject
{
    Q_OBJECT

    struct Opened {
        ConnectDialog dialog{QString()};
        QSignalSpy checks{&dialog, &ConnectDialog::checkWanted};
        QSignalSpy connects{&dialog, &ConnectDialog::connectWanted};
        Opened()
        {
            dialog.setAttribute(Qt::WA_DeleteOnClose, false);
            dialog.show();
        }
        void type(const QString &address, const QString &token)
        {
            dialog.address()->setText(address);
            dialog.token()->setText(token);
        }
        QStringList said() const
        {
            QStringList texts{dialog.statusText()};
            const QList<QLabel *> labels = dialog.findChildren<QLabel *>();
            for (const QLabel *label : labels) {
                if (label->isVisible())
                    texts << label->text();
            }
            return texts;
        }
    };
    static inline const QUrl Server{u"https://photos.example.org"_s};

private Q_SLOTS:
    void initTestCase() { test::speakEnglish(); }

    void whatIsTypedIsTriedByItself()
    {
        Opened s;

        s.type(u" photos.example.org "_s, u" pld_secret "_s);
        QVERIFY(!s.dialog.connectButton()->isEnabled());
        QTRY_COMPARE(s.checks.count(), 1);

        QCOMPARE(s.checks.first(), (QVariantList{Server, QByteArray("pld_secret")}));
        QVERIFY(!s.dialog.connectButton()->isEnabled());
        s.dialog.showAnswer(Server, "pld_secret", Person{u"Anna <b>"_s, Role::Photographer});
        QVERIFY(s.dialog.connectButton()->isEnabled());
        QVERIFY(s.said().contains(u"The server knows you as Anna <b> (photographer)."_s));
        QTest::keyClick(s.dialog.token(), Qt::Key_Return);
        QCOMPARE(s.connects.first(), (QVariantList{Server, QByteArray("pld_secret"), true}));
    }

    void anAnswerToWhatWasTypedBeforeCountsNothing()
    {
        Opened s;
        s.type(u"photos.example.org"_s, u"pld_first"_s);
        QTRY_COMPARE(s.checks.count(), 1);
        s.dialog.token()->setText(u"pld_second"_s);

        s.dialog.showAnswer(Server, "pld_first", Person{u"anna"_s, Role::Photographer});

        QVERIFY(!s.dialog.connectButton()->isEnabled());
        QTRY_COMPARE(s.checks.count(), 2);
    }

    void whatIsNoAddressIsNotAsked_data()
    {
        QTest::addColumn<QString>("address");
        QTest::addColumn<QString>("says");
        QTest::newRow("words") << u"our photos"_s << u"This is no address of a server"_s;
        QTest::newRow("another kind") << u"ftp://photos.example.org"_s << u"This is no address of a server"_s;
        QTest::newRow("in the clear") << u"http://photos.example.org"_s << u"This address is not secure"_s;
    }
    void whatIsNoAddressIsNotAsked()
    {
        QFETCH(const QString, address);
        QFETCH(const QString, says);
        Opened s;

        s.type(address, u"pld_secret"_s);

        QTRY_COMPARE(s.dialog.statusText(), says);
        QCOMPARE(s.checks.count(), 0);
        QVERIFY(!s.dialog.connectButton()->isEnabled());
    }

    void everyRefusalSaysWhatToDo_data()
    {
        QTest::addColumn<Result<Person>>("answer");
        QTest::addColumn<QString>("title");
        QTest::addColumn<QString>("advice");
        const auto row = [](const char *name, const Result<Person> &answer, const QString &title, const QString &advice) {
            QTest::newRow(name) << answer << title << advice;
        };
        row("token", Error{ErrorCode::InitiationTokenExpired, {}}, u"The token is not accepted"_s, u"Check that all of it is there."_s);
        row("account", Error{ErrorCode::ApiAccountClosed, {}}, u"Signed out, or the account was closed"_s, u"Ask your administrator"_s);
        row("certificate", Error{ErrorCode::NetworkIdentityUntrusted, u"issued by <b>Mallory"_s}, u"Not secure: nothing was sent"_s, u"Call your administrator."_s);
        row("its detail", Error{ErrorCode::NetworkIdentityUntrusted, u"issued by <b>Mallory"_s}, u"Not secure: nothing was sent"_s, u"issued by <b>Mallory"_s);
        row("role", Person{u"ben"_s, Role::Analyst}, u"This token is not for uploading photos"_s, u"It is that of ben (analyst)."_s);
    }
    void everyRefusalSaysWhatToDo()
    {
        QFETCH(const Result<Person>, answer);
        QFETCH(const QString, title);
        QFETCH(const QString, advice);
        Opened s;
        s.type(u"photos.example.org"_s, u"pld_secret"_s);
        QTRY_COMPARE(s.checks.count(), 1);

        s.dialog.showAnswer(Server, "pld_secret", answer);

        QCOMPARE(s.dialog.statusText(), title);
        QVERIFY2(s.said().join(u'\n').contains(advice), qPrintable(s.said().join(u'\n')));
        QVERIFY(!s.dialog.connectButton()->isEnabled());
    }

    void withoutAKeyringTheTokenHoldsForTheSession()
    {
        Opened s;
        s.type(u"photos.example.org"_s, u"pld_secret"_s);
        QTRY_COMPARE(s.checks.count(), 1);
        s.dialog.showAnswer(Server, "pld_secret", Person{u"ada"_s, Role::Admin});
        s.dialog.connectButton()->click();
        for (const QWidget *part : {static_cast<QWidget *>(s.dialog.address()), static_cast<QWidget *>(s.dialog.token())})
            QVERIFY(!part->isEnabled()); // however long the keyring takes: nothing else becomes what was let in

        s.dialog.showNotKept({ErrorCode::LocalKeyringUnavailable, u"no keyring"_s});

        QVERIFY(s.dialog.address()->isEnabled() && s.dialog.token()->isEnabled());
        QCOMPARE(s.dialog.statusText(), u"The system keyring is not available"_s);
        QCOMPARE(s.dialog.connectButton()->text(), u"Connect for this session only"_s);
        s.dialog.connectButton()->click();
        QCOMPARE(s.connects.first().at(2), QVariant(true));
        QCOMPARE(s.connects.last().at(2), QVariant(false));
        s.dialog.token()->setText(u"pld_other"_s); // what is typed anew is to be kept again
        QCOMPARE(s.dialog.connectButton()->text(), u"Connect"_s);
    }

    void theTokenIsHiddenAndTheFieldsHaveNames()
    {
        Opened s;
        QCOMPARE(s.dialog.token()->echoMode(), QLineEdit::Password);
        QCOMPARE(s.dialog.address()->accessibleName(), u"Server address"_s);
        QCOMPARE(s.dialog.token()->accessibleName(), u"Device token"_s);

        s.dialog.setToken("pld_kept");
        QCOMPARE(s.dialog.token()->text(), u"pld_kept"_s);
        s.dialog.setToken("pld_other"); // came too late
        QCOMPARE(s.dialog.token()->text(), u"pld_kept"_s);
    }
};

QTEST_MAIN(ConnectDialogTest)
#include "tst_connectdialog.moc"
