#include "ui/shell/appearance.h"

#include "ui/parts/focusring.h"
#include "ui/parts/photoliftstyle.h"
#include "ui/parts/theme.h"

#include <QApplication>
#include <QEvent>
#include <QFontDatabase>
#include <QFontInfo>
#include <QLibraryInfo>
#include <QLocale>
#include <QScopedValueRollback>
#include <QTranslator>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {

Appearance::Choice chosenByEnvironment(Appearance::Choice choice)
{
    if (choice != Appearance::Choice::Desktop)
        return choice;
    const QByteArray forced = qgetenv("PHOTOLIFT_THEME");
    if (forced == "dark")
        return Appearance::Choice::Dark;
    if (forced == "light")
        return Appearance::Choice::Light;
    return choice;
}

/// Without a desktop's font Qt falls back to whatever comes first; then a family with tabular digits is better.
void chooseFont()
{
    QFont font = QApplication::font();
    const QString family = QFontInfo(font).family();
    const bool isNoChoice = family.isEmpty() || family.contains("Fixed"_L1) || QFontInfo(font).fixedPitch() || font.families().isEmpty()
        || font.family() == "Sans Serif"_L1 || font.family() == "Sans"_L1;
    if (isNoChoice && QFontDatabase::families().contains(u"Noto Sans"_s)) {
        font.setFamilies({u"Noto Sans"_s});
        QApplication::setFont(font);
    }
}

} // namespace

Appearance::Appearance(Choice choice, QObject *parent)
    : QObject(parent)
    , m_choice(chosenByEnvironment(choice))
    , m_desktop(QApplication::palette())
{
    QApplication::setStyle(new PhotoliftStyle);
    chooseFont();
    apply();
    new FocusRing(this);
    qApp->installEventFilter(this);
}

void Appearance::choose(Choice choice)
{
    m_choice = choice;
    apply();
}

void Appearance::apply()
{
    const QScopedValueRollback applying(m_isApplying, true);
    const bool isNowDark = m_choice == Choice::Desktop ? isDark(m_desktop) : m_choice == Choice::Dark;
    QApplication::setPalette(paletteOf(isNowDark ? DarkTheme : LightTheme));
}

bool Appearance::eventFilter(QObject *watched, QEvent *event)
{
    // The desktop changed its colours: ours are replaced by its palette, from which we only read dark or light.
    if (watched == qApp && event->type() == QEvent::ApplicationPaletteChange && !m_isApplying) {
        m_desktop = QApplication::palette();
        QMetaObject::invokeMethod(this, &Appearance::apply, Qt::QueuedConnection);
    }
    return QObject::eventFilter(watched, event);
}

bool installTranslation(const QString &localeName)
{
    auto *words = new QTranslator(qApp);
    if (!words->load(QLocale(localeName), u"photolift"_s, u"_"_s, u":/i18n"_s)) {
        delete words;
        return false;
    }
    QApplication::installTranslator(words);
    auto *qtWords = new QTranslator(qApp);
    if (qtWords->load(QLocale(localeName), u"qtbase"_s, u"_"_s, QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
        QApplication::installTranslator(qtWords);
    else
        delete qtWords;
    return true;
}

} // namespace photolift::ui
