#pragma once

#include "models/vocabulary/result.h"
#include "tests/faults/checker/verdict.h"

#include <QByteArray>
#include <QHash>

namespace photolift::check {

/// How the source files were before a run: path, bytes, mtime and mode of every regular file below some folders.
/// As a file: one JSON object per line, paths as base64, because names are bytes.
class Snapshot
{
public:
    struct File {
        QByteArray sha256; ///< hex
        qint64 size = 0;
        qint64 modifiedNs = 0;
        uint mode = 0;
        bool operator==(const File &) const = default;
    };

    /// Follows no links; hashes every file.
    static Snapshot of(const QList<QByteArray> &roots);
    static Result<Snapshot> read(const QString &fileName);
    Result<> write(const QString &fileName) const;
    void add(const Snapshot &other);
    bool isEmpty() const { return m_roots.isEmpty(); }

    const QHash<QByteArray, File> &files() const { return m_files; }
    /// I5: the folders as they are now against this.
    Verdict unchanged() const;

private:
    QList<QByteArray> m_roots;
    QHash<QByteArray, File> m_files;
};

} // namespace photolift::check
