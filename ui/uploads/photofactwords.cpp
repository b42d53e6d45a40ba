#include "ui/uploads/photofactwords.h"

#include "ui/parts/humantext.h"

#include <QCoreApplication>
#include <QJsonObject>
#include <QLocale>

#include <cmath>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {

QString number(double value, int most)
{
    return QLocale().toString(value, 'g', most);
}

/// EXIF writes "2026:11:18 08:41:02"; anything else is shown as it was written.
QString takenText(const QString &taken)
{
    const QDateTime when = QDateTime::fromString(taken.left(19), u"yyyy:MM:dd HH:mm:ss"_s);
    return when.isValid() ? dateText(when.date()) + u", "_s + timeText(when.time()) : taken;
}

QString exposureText(const QJsonObject &facts)
{
    QStringList parts;
    if (const double seconds = facts.value("exposure_time"_L1).toDouble(); seconds > 0) {
        if (seconds < 0.4)
            parts << QCoreApplication::translate("PhotoFacts", "1/%1 s").arg(QLocale().toString(std::lround(1 / seconds)));
        else
            parts << QCoreApplication::translate("PhotoFacts", "%1 s").arg(number(seconds, 3));
    }
    if (const double aperture = facts.value("f_number"_L1).toDouble(); aperture > 0)
        parts << u"f/"_s + number(aperture, 3);
    if (const double iso = facts.value("iso"_L1).toDouble(); iso > 0)
        parts << u"ISO "_s + QLocale().toString(std::lround(iso));
    if (const double length = facts.value("focal_length"_L1).toDouble(); length > 0)
        parts << QCoreApplication::translate("PhotoFacts", "%1 mm").arg(number(length, 4));
    return parts.join(u" · "_s);
}

QString cameraText(const QJsonObject &facts)
{
    const QString make = facts.value("make"_L1).toString().trimmed();
    const QString model = facts.value("model"_L1).toString().trimmed();
    // Many makers write their name into the model too.
    const QString firstWord = make.section(u' ', 0, 0);
    return make.isEmpty() || model.startsWith(firstWord, Qt::CaseInsensitive) ? model : make + u' ' + model;
}

} // namespace

QList<PhotoFact> photoFacts(const store::ItemDetail &detail)
{
    QList<PhotoFact> facts;
    const auto add = [&facts](const QString &name, const QString &value) {
        if (!value.isEmpty())
            facts << PhotoFact{name, value};
    };
    QString size = sizeText(detail.view.item.identity.size);
    if (detail.photo) {
        const QJsonObject &extracted = detail.photo->extracted;
        add(QCoreApplication::translate("PhotoFacts", "Taken"), takenText(extracted.value("taken"_L1).toString()));
        add(QCoreApplication::translate("PhotoFacts", "Camera"), cameraText(extracted));
        add(QCoreApplication::translate("PhotoFacts", "Lens"), extracted.value("lens"_L1).toString());
        add(QCoreApplication::translate("PhotoFacts", "Exposure"), exposureText(extracted));
        add(QCoreApplication::translate("PhotoFacts", "Kind"), detail.photo->typeName);
        if (detail.photo->width && detail.photo->height)
            size = QCoreApplication::translate("PhotoFacts", "%1 × %2, %3")
                       .arg(QString::number(*detail.photo->width), QString::number(*detail.photo->height), size);
    }
    add(QCoreApplication::translate("PhotoFacts", "Size"), size);
    return facts;
}

} // namespace photolift::ui
