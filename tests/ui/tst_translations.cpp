#include "models/vocabulary/errorcode.h"
#include "ui/parts/errortexts.h"
#include "ui/shell/appearance.h"
#include "ui/uploads/photoreport.h"

#include <QApplication>
#include <QDialogButtonBox>
#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QInputDialog>
#include <QLineEdit>
#include <QLocale>
#include <QMenu>
#include <QProcess>
#include <QPushButton>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

#include <memory>

using namespace photolift;
using namespace Qt::StringLiterals;

/// The German is complete: every message finished, every title and advice of the list of errors in it.
class TranslationsTest : public QObject
{
    Q_OBJECT

    struct Message {
        QString context;
        QString source;
        bool isFinished = true;
        bool isPlural = false;
        QStringList forms;
    };
    QList<Message> m_messages;

    static QString ours() { return qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/translations/photolift_de.ts"_s; }

    static QList<Message> read(const QByteArray &ts)
    {
        QXmlStreamReader xml(ts);
        QList<Message> messages;
        QString context;
        while (!xml.atEnd()) {
            if (xml.readNext() != QXmlStreamReader::StartElement)
                continue;
            if (xml.name() == "name"_L1) {
                context = xml.readElementText();
            } else if (xml.name() == "message"_L1) {
                messages << Message{context, {}, true, xml.attributes().value("numerus"_L1) == "yes"_L1, {}};
            } else if (xml.name() == "source"_L1) {
                messages.last().source = xml.readElementText();
            } else if (xml.name() == "translation"_L1) {
                messages.last().isFinished = !xml.attributes().hasAttribute("type"_L1);
                if (!messages.last().isPlural)
                    messages.last().forms << xml.readElementText();
            } else if (xml.name() == "numerusform"_L1) {
                messages.last().forms << xml.readElementText();
            }
        }
        return xml.hasError() ? QList<Message>() : messages;
    }

    static QByteArray bytesOf(const QString &path)
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    static QSet<QString> textsOf(const QList<Message> &messages)
    {
        QSet<QString> texts;
        for (const Message &message : messages)
            texts << message.context + u": "_s + message.source;
        return texts;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_messages = read(bytesOf(ours()));
        QVERIFY(m_messages.size() > 200);
    }

    void everyMessageIsFinished()
    {
        for (const Message &message : m_messages) {
            QVERIFY2(message.isFinished, qPrintable(message.source));
            for (const QString &form : message.forms)
                QVERIFY2(!form.isEmpty(), qPrintable(message.source));
        }
    }

    void everyTextOfTheSourcesIsThereAndNoOther()
    {
        QTemporaryDir folder;
        const QString copy = folder.filePath(u"photolift_de.ts"_s);
        const QString source = qEnvironmentVariable("PHOTOLIFT_SOURCE");
        QVERIFY(QFile::copy(ours(), copy));
        QProcess update;
        update.start(QStringLiteral(LUPDATE), {u"-silent"_s, u"-no-obsolete"_s, u"-locations"_s, u"none"_s, u"-I"_s, source, source + u"/ui"_s,
                                               source + u"/app/desktop"_s, QStringLiteral(ERROR_TEXTS), u"-ts"_s, copy});
        QVERIFY(update.waitForFinished());
        QCOMPARE(update.exitCode(), 0);

        const QSet<QString> wanted = textsOf(read(bytesOf(copy)));
        const QSet<QString> kept = textsOf(m_messages);
        QCOMPARE(QStringList((wanted - kept).values()).join(u'\n'), QString()); // missing
        QCOMPARE(QStringList((kept - wanted).values()).join(u'\n'), QString()); // obsolete
        // `ninja update-translations` finds nothing to do.
        QVERIFY2(bytesOf(copy) == bytesOf(ours()), "photolift_de.ts is not as lupdate writes it");
    }

    void everyPluralHasBothForms()
    {
        int plurals = 0;
        for (const Message &message : m_messages) {
            if (!message.isPlural)
                continue;
            ++plurals;
            QVERIFY2(message.forms.size() == 2, qPrintable(message.source));
        }
        QVERIFY(plurals > 10);
    }

    void everyPlaceholderIsKept()
    {
        for (const Message &message : m_messages) {
            for (const QString &placeholder : {u"%1"_s, u"%2"_s, u"%3"_s}) {
                for (const QString &form : message.forms)
                    QVERIFY2(form.contains(placeholder) == message.source.contains(placeholder), qPrintable(message.source));
            }
        }
    }

    void everyTitleAndAdviceIsTranslated()
    {
        QSet<QString> known;
        for (const Message &message : m_messages) {
            if (message.context == "Errors"_L1)
                known.insert(message.source);
        }
        for (const ErrorInfo &error : allErrors()) {
            QVERIFY2(known.contains(QString::fromUtf8(error.title)), error.title);
            QVERIFY2(!*error.advice || known.contains(QString::fromUtf8(error.advice)), error.advice);
        }
    }

    void germanIsShownAfterItWasInstalled()
    {
        QVERIFY(ui::installTranslation(u"de"_s));

        QCOMPARE(ui::errorTitle(ErrorCode::NetworkOffline), u"Keine Verbindung"_s);
        QCOMPARE(QCoreApplication::translate("photolift::ui::VerdictWords", "%Ln photo(s) need you", nullptr, 1),
                 u"1 Foto braucht Ihre Hilfe"_s);
    }

    void theCopiedReportIsGermanButForItsCodes()
    {
        QVERIFY(ui::installTranslation(u"de"_s));
        QLocale::setDefault(QLocale(u"de_DE"_s));
        store::ItemDetail detail;
        detail.view.item.errorCode = ErrorCode::ValidationTruncated;
        store::AttemptView attempt;
        attempt.attempt.status = Status::Failed;
        attempt.attempt.attemptNumber = 2;
        StageRecord transfer;
        transfer.stage = Stage::Transfer;
        transfer.durationMs = 1250;
        transfer.retryCount = 3;
        StageRecord validation;
        validation.stage = Stage::Validation;
        attempt.stages = {transfer, validation};
        ErrorRecord error;
        error.code = ErrorCode::ValidationTruncated;
        error.message = QString::fromUtf8(errorInfo(error.code).title);
        ErrorRecord detailed = error;
        detailed.message = u"marker 0xD9 not found"_s; // for support, as it was recorded
        attempt.errors = {error, detailed};
        detail.attempts = {attempt};

        const QStringList lines = ui::PhotoReport::of(detail, true).split(u'\n');

        const QString title = ui::errorTitle(ErrorCode::ValidationTruncated);
        QVERIFY(title != QString::fromUtf8(errorInfo(ErrorCode::ValidationTruncated).title));
        QCOMPARE(lines.at(1), title);
        QCOMPARE(lines.at(2), u"VALIDATION_TRUNCATED"_s);
        QVERIFY2(lines.at(4).startsWith(u"Versuch 2: Fehlgeschlagen, "_s), qPrintable(lines.at(4)));
        QCOMPARE(lines.at(6), u"  Übertragung: 1.250 ms, 3 Wiederholungen"_s);
        QCOMPARE(lines.at(7), u"  Dateiprüfung: –"_s);
        QCOMPARE(lines.at(8), u"  VALIDATION_TRUNCATED: "_s + title);
        QCOMPARE(lines.at(9), u"  VALIDATION_TRUNCATED: marker 0xD9 not found"_s);
    }

    /// Qt's own words come from a package of their own.
    void standardDialogsAndMenusAreGermanToo()
    {
        QVERIFY(ui::installTranslation(u"de"_s));
        const auto plain = [](QString text) { return text.remove(u'&').section(u'\t', 0, 0); };

        const QDialogButtonBox buttons(QDialogButtonBox::Ok | QDialogButtonBox::Cancel | QDialogButtonBox::Close | QDialogButtonBox::Yes);
        QInputDialog number;
        number.setInputMode(QInputDialog::DoubleInput);
        QFileDialog files(nullptr, {}, QDir::tempPath());
        files.setOption(QFileDialog::DontUseNativeDialog);
        files.setFileMode(QFileDialog::Directory);
        QLineEdit field;
        const std::unique_ptr<QMenu> menu(field.createStandardContextMenu());
        QStringList entries;
        for (const QAction *action : menu->actions())
            entries << plain(action->text());

        QCOMPARE(plain(buttons.button(QDialogButtonBox::Cancel)->text()), u"Abbrechen"_s);
        QCOMPARE(plain(buttons.button(QDialogButtonBox::Close)->text()), u"Schließen"_s);
        QCOMPARE(plain(buttons.button(QDialogButtonBox::Yes)->text()), u"Ja"_s);
        QCOMPARE(plain(number.cancelButtonText()), u"Abbrechen"_s);
        QCOMPARE(plain(files.labelText(QFileDialog::LookIn)), u"Suchen in:"_s);
        QCOMPARE(plain(files.labelText(QFileDialog::Reject)), u"Abbrechen"_s);
        QVERIFY2(entries.contains(u"Einfügen"_s) && entries.contains(u"Kopieren"_s), qPrintable(entries.join(u", "_s)));
    }
};

QTEST_MAIN(TranslationsTest)
#include "tst_translations.moc"
