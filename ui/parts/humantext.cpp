#include "ui/parts/humantext.h"

#include <QCoreApplication>
#include <QDir>
#include <QLocale>

#include <cmath>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr double Mega = 1'000'000.0;
constexpr double Giga = 1'000'000'000.0;
constexpr qint64 Minute = 60;

} // namespace

QString countText(qint64 count)
{
    return QLocale().toString(count);
}

QString sizeText(qint64 bytes)
{
    const double size = static_cast<double>(bytes);
    if (size >= 1000 * Giga)
        return QCoreApplication::translate("Numbers", "%1 TB").arg(QLocale().toString(size / (1000 * Giga), 'f', 2));
    if (size >= Giga)
        return QCoreApplication::translate("Numbers", "%1 GB").arg(QLocale().toString(size / Giga, 'f', 1));
    if (size >= Mega)
        return QCoreApplication::translate("Numbers", "%1 MB").arg(QLocale().toString(size / Mega, 'f', 1));
    if (size >= 1000)
        return QCoreApplication::translate("Numbers", "%1 kB").arg(QLocale().toString(size / 1000, 'f', 0));
    return QCoreApplication::translate("Numbers", "%1 bytes").arg(QLocale().toString(bytes));
}

QString megabytesText(qint64 bytes)
{
    return QLocale().toString(static_cast<double>(bytes) / Mega, 'f', 1);
}

QString fileSizeText(qint64 bytes)
{
    return bytes < Mega / 20 ? sizeText(bytes) : megabytesText(bytes);
}

QString speedText(qint64 bytesPerSecond)
{
    return QCoreApplication::translate("Numbers", "%1 MB/s").arg(QLocale().toString(static_cast<double>(bytesPerSecond) / Mega, 'f', 1));
}

QString percentText(int percent)
{
    return QLocale().toString(percent) + QChar(0x2009) + u'%';
}

QString secondsText(qint64 milliseconds)
{
    if (milliseconds < 50) // "0.0 s" would say that nothing was done
        return QCoreApplication::translate("Numbers", "< %1 s").arg(QLocale().toString(0.1, 'f', 1));
    if (milliseconds < Minute * 1000)
        return QCoreApplication::translate("Numbers", "%1 s").arg(QLocale().toString(static_cast<double>(milliseconds) / 1000.0, 'f', 1));
    const qint64 seconds = milliseconds / 1000;
    return QCoreApplication::translate("Numbers", "%1 min %2 s")
        .arg(QLocale().toString(seconds / Minute), QString::number(seconds % Minute).rightJustified(2, u'0'));
}

QString leftText(qint64 seconds)
{
    if (seconds < Minute)
        return QCoreApplication::translate("Numbers", "less than 1 min");
    qint64 minutes = (seconds + Minute / 2) / Minute;
    if (minutes > 90) {
        const double hours = std::round(static_cast<double>(minutes) / 30.0) / 2;
        return QCoreApplication::translate("Numbers", "%1 h").arg(QLocale().toString(hours, 'f', hours == std::floor(hours) ? 0 : 1));
    }
    if (minutes > 20)
        minutes = (minutes + 2) / 5 * 5;
    return QCoreApplication::translate("Numbers", "%1 min").arg(QLocale().toString(minutes));
}

QString timeText(QTime time)
{
    return QLocale().toString(time, QLocale().timeFormat(QLocale::ShortFormat).remove(u":ss"_s));
}

QString dateText(QDate date)
{
    return QLocale().toString(date, QCoreApplication::translate("Numbers", "d MMM yyyy", "a date, in the letters of QDate::toString()"));
}

QString whenText(const QDateTime &when, const QDateTime &now)
{
    const QString time = timeText(when.time());
    if (when.date() == now.date())
        return QCoreApplication::translate("Numbers", "today %1").arg(time);
    if (when.date() == now.date().addDays(-1))
        return QCoreApplication::translate("Numbers", "yesterday %1").arg(time);
    if (when.date().year() == now.date().year())
        return QLocale().toString(when.date(), QCoreApplication::translate("Numbers", "d MMM", "a date without its year")) + u' ' + time;
    return dateText(when.date()) + u' ' + time;
}

QString folderText(const QString &path)
{
    const QString home = QDir::homePath();
    if (path == home || path.startsWith(home + u'/'))
        return u'~' + path.mid(home.size());
    return path;
}

} // namespace photolift::ui
