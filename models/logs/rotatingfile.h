#pragma once

#include <QByteArray>
#include <QString>

namespace photolift::logs {

/// Appends lines to FOLDER/NAME.log and keeps the files small and few: at maxBytes, or when its first line is too old, the file
/// becomes NAME.1.log and so on. Several processes may append to the same file; each line is one write(2).
/// Not thread-safe. Errors of the disk are swallowed: a log must never stop the work it tells about.
class RotatingFile
{
    Q_DISABLE_COPY_MOVE(RotatingFile)
public:
    RotatingFile(const QString &folder, QString name, qint64 maxBytes, int files, int keepDays);
    ~RotatingFile();

    void append(const QByteArray &line);
    QString path(int number = 0) const; ///< 0: the current file

private:
    bool openCurrent();
    void close();
    bool isDue(qsizetype lineBytes) const;
    void rotate();
    void dropOld() const;

    const QString m_folder;
    const QString m_name;
    const qint64 m_maxBytes;
    const int m_files;
    const int m_keepDays;
    int m_descriptor = -1;
    qint64 m_firstLineMs = 0; ///< when the file was begun, from its first line
};

} // namespace photolift::logs
