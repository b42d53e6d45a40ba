#pragma once

#include "models/photo/digest.h"
#include "models/vocabulary/result.h"

#include <QFile>
#include <QString>

#include <memory>

namespace photolift::cli {

/// A photo that is being fetched: below a folder, at its relative path, with the permissions of whoever runs the program. It has another name until it is
/// whole and its SHA-256 is right, and is never put in place of what is there. Blocks on the disk.
class PhotoFile
{
public:
    /// A path that leads out of the folder, or is there already, is refused.
    static Result<std::unique_ptr<PhotoFile>> make(const QString &folder, const QString &relativePath);
    ~PhotoFile(); ///< without keep() nothing stays
    PhotoFile(const PhotoFile &) = delete;
    PhotoFile &operator=(const PhotoFile &) = delete;

    Result<> add(const QByteArray &bytes);
    qint64 size() const { return m_size; }
    QString path() const { return m_path; }
    /// On the disk under its name. VERIFICATION_HASH_MISMATCH when it is not what it should be.
    Result<> keep(const QString &sha256, qint64 size);

private:
    PhotoFile(QString path, QString partPath);

    const QString m_path;
    QFile m_part;
    photo::Sha256 m_hash;
    qint64 m_size = 0;
};

} // namespace photolift::cli
