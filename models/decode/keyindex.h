#pragma once

#include <exiv2/exiv2.hpp>

#include <string>
#include <unordered_map>

namespace photolift::decode {

/// The entries of EXIF or XMP by their keys. findKey() of Exiv2 0.27 puts the key of every entry it passes together as a string: the
/// forty questions of one photo cost as much as reading it. Here each key is made once.
/// Holds pointers into the data, which must outlive it and stay as it is.
class ExifIndex
{
public:
    explicit ExifIndex(const Exiv2::ExifData &exif);
    /// The first entry of this key that has a value, or null. Of the maker notes only those of Canon, Olympus and Panasonic are known here.
    const Exiv2::Exifdatum *find(const char *key) const;
    /// True when there are entries of a camera's own.
    bool hasMakerNote() const { return m_hasMakerNote; }
    const Exiv2::ExifData &all() const { return m_exif; }

private:
    const Exiv2::ExifData &m_exif;
    std::unordered_map<std::string, const Exiv2::Exifdatum *> m_entries;
    bool m_hasMakerNote = false;
};

class XmpIndex
{
public:
    explicit XmpIndex(const Exiv2::XmpData &xmp);
    /// The first entry of this key that has a value, or null.
    const Exiv2::Xmpdatum *find(const char *key) const;

private:
    std::unordered_map<std::string, const Exiv2::Xmpdatum *> m_entries;
};

} // namespace photolift::decode
