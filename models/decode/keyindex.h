#pragma once

#include <QtGlobal>

#include <exiv2/exiv2.hpp>

#include <string>
#include <utility>
#include <vector>

namespace photolift::decode {

/// The entries of EXIF or XMP by their keys. findKey() of Exiv2 0.27 puts the key of every entry it passes together as a string: the
/// forty questions of one photo cost as much as reading it. Here EXIF entries are told apart by the numbers of group and tag, and of XMP
/// only the keys of those groups are made that somebody asks for.
/// Holds pointers into the data, which must outlive it and stay as it is.
class ExifIndex
{
public:
    explicit ExifIndex(const Exiv2::ExifData &exif);
    /// The first entry of this key, or null when there is none or it has no value. Of the maker notes only those of Canon, Olympus and
    /// Panasonic are known here. A key of a group that Exiv2 does not know is null.
    const Exiv2::Exifdatum *find(const char *key) const;
    /// True when there are entries of a camera's own.
    bool hasMakerNote() const { return m_hasMakerNote; }
    const Exiv2::ExifData &all() const { return m_exif; }

private:
    const Exiv2::ExifData &m_exif;
    std::vector<std::pair<quint32, const Exiv2::Exifdatum *>> m_entries; ///< in the order of the file; number of group and tag
    bool m_hasMakerNote = false;
};

/// Knows the groups tiff, exif, exifEX, aux, xmp and photoshop.
class XmpIndex
{
public:
    explicit XmpIndex(const Exiv2::XmpData &xmp);
    /// The first entry of this key, or null when there is none or it has no value.
    const Exiv2::Xmpdatum *find(const char *key) const;

private:
    std::vector<std::pair<std::string, const Exiv2::Xmpdatum *>> m_entries;
};

} // namespace photolift::decode
