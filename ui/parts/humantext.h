#pragma once

#include <QDateTime>
#include <QString>

/// Numbers, sizes and times as people read them, by the person's locale.
namespace photolift::ui {

QString countText(qint64 count);
QString sizeText(qint64 bytes);          ///< "48.2 MB", "41.2 GB"; units of 1000
QString megabytesText(qint64 bytes);     ///< "48.2": the unit stands in the column head
QString fileSizeText(qint64 bytes);      ///< the same; what would be "0.0" there says its own unit: "34 kB"
QString speedText(qint64 bytesPerSecond); ///< "38.4 MB/s"
QString percentText(int percent);        ///< with a thin space
QString secondsText(qint64 milliseconds); ///< "< 0.1 s", "0.4 s"; from a minute on "2 min 05 s"
/// Time left, rounded so that it does not wobble: below 1 min, minutes to 20, steps of 5, hours above 90 min.
QString leftText(qint64 seconds);
/// "14:02": no language shows seconds here, not even C.UTF-8, whose short form has them.
QString timeText(QTime time);
/// "18 Nov 2026".
QString dateText(QDate date);
/// "today 14:02", "yesterday 17:20", else "16 Nov 21:05", with the year when it is another one.
QString whenText(const QDateTime &when, const QDateTime &now);
/// A folder of the person's home as "~/Pictures".
QString folderText(const QString &path);

} // namespace photolift::ui
