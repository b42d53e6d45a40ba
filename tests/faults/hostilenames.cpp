#include "tests/faults/hostilenames.h"

#include <QString>

using namespace Qt::StringLiterals;

namespace photolift::faults {

QList<QByteArray> hostileNames()
{
    QList<QByteArray> names;

    // Both spellings of one letter are two names.
    for (const QString &letter : {u"é"_s, u"ü"_s, u"Å"_s, u"ñ"_s, u"ç"_s, u"ẛ̣"_s, u"한"_s, u"が"_s}) {
        names.append((letter.normalized(QString::NormalizationForm_C) + u".jpg").toUtf8());
        names.append((letter.normalized(QString::NormalizationForm_D) + u".jpg").toUtf8());
    }
    // Case twins, and letters whose case depends on the language.
    for (const char *name : {"IMG_0001.JPG", "img_0001.jpg", "Img_0001.Jpg", "ı.jpg", "İ.jpg", "ſ.jpg", "ß.jpg", "ẞ.jpg", "\xce\xa9.jpg", "\xe2\x84\xa6.jpg"})
        names.append(name);
    // Pictures: with skin, families, flags, tags.
    for (const char *name : {"😀.jpg", "👩🏽‍🚀.jpg", "👨‍👩‍👧‍👦.jpg", "🇩🇪.jpg", "🏴󠁧󠁢󠁳󠁣󠁴󠁿.jpg", "☺︎.jpg", "☺️.jpg"})
        names.append(name);
    // Directions and what cannot be seen.
    for (const char16_t mark : {u'\u202a', u'\u202b', u'\u202d', u'\u202e', u'\u2066', u'\u2067', u'\u2068', u'\u2069', u'\u200b', u'\u200d', u'\u200e',
                                u'\u200f', u'\u2060', u'\ufeff', u'\u00ad', u'\u2028', u'\u2029', u'\u0085', u'\ufffd', u'\uffff'})
        names.append((u"photo" + QString(QChar(mark)) + u"gpj.exe.jpg").toUtf8());
    // What our own text form of a name uses.
    names.append("\xef\xbf\xbd" "ff.jpg");
    names.append("\xef\xbf\xbd" "EF\xef\xbf\xbd" "BF\xef\xbf\xbd" "BD.jpg");
    // As long as a name can be: 255 bytes.
    names.append(QByteArray(251, 'a') + ".jpg");
    names.append(QByteArray("ü").repeated(125) + "x.jpg");
    names.append(QByteArray("東").repeated(83) + "xx.jpg");
    names.append(QByteArray("\xf0\x9f\x8f\x9e").repeated(62) + "xxx.jpg");
    names.append(QByteArray(255, '\xff'));
    // Not UTF-8: each lone byte, Latin-1, overlong forms, surrogates, cut sequences.
    for (int byte = 0x80; byte <= 0xff; ++byte)
        names.append("byte " + QByteArray(1, static_cast<char>(byte)) + ".jpg");
    for (const char *name : {"gr\xfc\xdf" "e.jpg", "\xc0\xaf.jpg", "\xe0\x80\xaf.jpg", "\xed\xa0\x80.jpg", "\xed\xb0\x80.jpg", "\xf4\x90\x80\x80.jpg", "\xe2\x82.jpg"})
        names.append(name);
    // Ends and beginnings that other systems take away.
    for (const char *name : {"dot.", "space ", " space", ".hidden.jpg", "...", "..jpg", "tab\t", "dots...jpg.", "~", "-", "--help", "-rf .jpg", "no ending", ".jpg"})
        names.append(name);
    // Control characters.
    for (const char *name : {"line\nfeed.jpg", "carriage\rreturn.jpg", "esc\x1b[2J.jpg", "bell\a.jpg", "del\x7f.jpg", "one\x01.jpg"})
        names.append(name);
    // Words in other people's languages.
    for (const char *name : {"<img src=x onerror=alert(1)>.jpg", "<b>bold</b>.jpg", "&amp;.jpg", "'; DROP TABLE queue_items; --.jpg", "%s%n%d.jpg",
                             "%2e%2e%2f.jpg", "$(reboot).jpg", "`reboot`.jpg", "${HOME}.jpg", "a;b|c&d.jpg", "*?[x].jpg", "\"quoted\".jpg",
                             "back\\slash.jpg", "=1+1.jpg", "CON", "NUL.jpg", "aux.jpg", "LPT1", "C:stream.jpg", "a:b.jpg", "desktop.ini.jpg",
                             "\\\\server\\share.jpg", "{\"json\":1}.jpg", "a,b;c.jpg", "#fragment?query=1.jpg", "name.jpg.exe", "X-Amz-Signature.jpg"})
        names.append(name);
    return names;
}

} // namespace photolift::faults
