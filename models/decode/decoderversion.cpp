#include "models/decode/decoderversion.h"

#include "models/decode/vipsimage.h"

#include <QFile>
#include <QFileInfo>
#include <QMap>
#include <QStringList>

#include <array>
#include <link.h>
#include <vips/vips.h>

using namespace Qt::StringLiterals;

namespace photolift::decode {

namespace {

/// Counts up when our own code opens photos that it could not open before.
constexpr int OurDecoder = 1;

/// What reads pictures below libvips, and Exiv2, which takes the previews out of RAWs.
constexpr std::array Decoders{"libheif"_L1, "libde265"_L1, "libdav1d"_L1, "libaom"_L1,   "libjxl"_L1,  "libjpeg"_L1,
                              "libtiff"_L1, "libwebp"_L1,  "libpng16"_L1, "libraw_r"_L1, "libexiv2"_L1};

/// Name and version of a library as the file behind its link says them: most of them can be asked by a header of their own only.
int noteLibrary(dl_phdr_info *info, std::size_t, void *found)
{
    const QString file = QFileInfo(QFile::decodeName(info->dlpi_name)).canonicalFilePath().section(u'/', -1);
    if (const qsizetype at = file.indexOf(".so."_L1); at > 0)
        static_cast<QMap<QString, QString> *>(found)->insert(file.first(at), file.sliced(at + 4));
    return 0;
}

} // namespace

QString decoderVersion()
{
    prepareVips(); // brings the loaders of its modules along
    QMap<QString, QString> loaded;
    ::dl_iterate_phdr(noteLibrary, &loaded);
    QStringList words{QString::number(OurDecoder), u"libvips"_s,
                      u"%1.%2.%3"_s.arg(vips_version(0)).arg(vips_version(1)).arg(vips_version(2))};
    for (const QLatin1StringView name : Decoders) {
        if (const QString version = loaded.value(name); !version.isEmpty())
            words << name << version;
    }
    return words.join(u' ');
}

} // namespace photolift::decode
