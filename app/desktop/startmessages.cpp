#include "app/desktop/startmessages.h"

#include "models/vocabulary/pathtext.h"
#include "ui/parts/errortexts.h"

#include <QCoreApplication>
#include <QMessageBox>

using namespace Qt::StringLiterals;

namespace photolift::desktop {

namespace {

struct Words {
    QString title;
    QString advice;
};

QString say(const char *text)
{
    return QCoreApplication::translate("Start", text);
}

Words wordsOf(ErrorCode code, const QString &dataFolder, bool isThisComputer)
{
    switch (code) {
    case ErrorCode::LocalListBusy:
        return {say(QT_TRANSLATE_NOOP("Start", "Another Photolift uses this list")),
                say(QT_TRANSLATE_NOOP("Start", "Close the other one, then start Photolift again."))};
    case ErrorCode::LocalDiskFull:
        return {ui::errorTitle(code, isThisComputer), say(QT_TRANSLATE_NOOP("Start", "Free at least 250 MB, then start Photolift again."))};
    case ErrorCode::LocalResourcesLow:
        return {say(QT_TRANSLATE_NOOP("Start", "There is too little memory to start")),
                say(QT_TRANSLATE_NOOP("Start", "Close other programs, then start Photolift again."))};
    case ErrorCode::LocalListDamaged:
        return {say(QT_TRANSLATE_NOOP("Start", "The upload list is damaged and could not be repaired")),
                say(QT_TRANSLATE_NOOP("Start", "Your photos and what has arrived are untouched. Please send the report."))};
    case ErrorCode::LocalDiskError: // a broken disk, but also a folder that belongs to somebody else
        return {say(QT_TRANSLATE_NOOP("Start", "Photolift cannot use its folder")),
                say(QT_TRANSLATE_NOOP("Start", "Check that %1 can be written to and that its disk works, then start Photolift again."))
                    .arg(displayName(dataFolder))};
    default:
        return {ui::errorTitle(code, isThisComputer), ui::errorAdvice(code, isThisComputer)};
    }
}

QMessageBox *open(QMessageBox::Icon icon, const Words &words, const QString &report, QWidget &window)
{
    auto *box = new QMessageBox(&window);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->setIcon(icon);
    box->setWindowTitle(u"Photolift"_s);
    box->setText(words.title);
    box->setInformativeText(words.advice);
    box->setDetailedText(report);
    box->open();
    return box;
}

} // namespace

QMessageBox *tellRefused(const Error &error, const QString &dataFolder, bool isThisComputer, QWidget &window)
{
    return open(QMessageBox::Warning, wordsOf(error.code, dataFolder, isThisComputer), displayName(error.detail), window);
}

QMessageBox *tellMended(const store::Mended &mended, bool isThisComputer, QWidget &window)
{
    const Words words{ui::errorTitle(ErrorCode::LocalListDamaged, isThisComputer), ui::errorAdvice(ErrorCode::LocalListDamaged, isThisComputer)};
    return open(QMessageBox::Information, words, mended.keptAs, window);
}

} // namespace photolift::desktop
