#pragma once

#include "ui/shell/appearance.h"

#include <QApplication>
#include <QLocale>
#include <QTest>

namespace photolift::test {

/// The words, numbers and colours that tests of the window compare with; for initTestCase().
inline void speakEnglish()
{
    QLocale::setDefault(QLocale(QStringLiteral("en_GB")));
    QVERIFY(ui::installTranslation(QStringLiteral("en")));
    new ui::Appearance(ui::Appearance::Choice::Light, qApp);
}

} // namespace photolift::test
