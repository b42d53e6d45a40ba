#pragma once

#include "models/store/views.h"

#include <QJsonObject>
#include <QTextStream>

#include <optional>

namespace photolift::cli {

/// What became of one file, in the words of the command line.
struct FileReport {
    QByteArray path; ///< as found, bytes
    QString status;  ///< queued, succeeded, duplicate, failed, skipped or cancelled
    QUuid clientUploadId;
    QString sha256;
    qint64 size = 0;
    std::optional<ErrorCode> errorCode;
    QList<StageRecord> stages;
};

/// The words for an item whose command has ended: what still waits has failed for this command, and stays in the queue.
QString statusWord(ItemState state);
FileReport reportOf(const store::ItemDetail &detail, std::optional<ErrorCode> queueWaitsFor = {});

/// Counts files and says the end: N = succeeded + duplicate + failed + skipped + cancelled, always.
class Summary
{
public:
    void count(const FileReport &file);
    QJsonObject toJson(qint64 bytesSent, std::optional<double> verifiedSeconds) const;
    QString toText(qint64 bytesSent) const;
    /// The same of a run that sends nothing.
    QString toDryText() const;
    /// 0: everything succeeded, was there, or was skipped for a reason nobody has to look at.
    int exitCode() const { return m_isGood ? 0 : 1; }
    qint64 found() const { return m_found; }

private:
    QString skippedText() const;

    qint64 m_found = 0;
    qint64 m_succeeded = 0;
    qint64 m_duplicate = 0;
    qint64 m_failed = 0;
    qint64 m_skipped = 0; ///< never tried: not accepted, empty, or a dry run
    qint64 m_queued = 0;  ///< of them those that an upload would send
    qint64 m_missed = 0;  ///< of the skipped those that deserve a look
    qint64 m_cancelled = 0;
    bool m_isGood = true;
};

QJsonObject toJson(const FileReport &file);
QJsonObject toJson(const store::AttemptView &attempt);
/// What a person reads about a file that needs them: name, title, advice, code. Empty for the others.
QString toText(const FileReport &file);

/// One JSON object, one line with its end.
QString lineOf(const QJsonObject &object);
/// The same, out at once.
void printLine(QTextStream &out, const QJsonObject &object);
/// `path`, and `path_base64` beside it when the bytes are not UTF-8.
void insertPath(QJsonObject &object, const QByteArray &path);
/// `{"event":"left_out", ...}`: a link or special file, not counted.
QJsonObject leftOutEvent(const QByteArray &path, ErrorCode code);
/// The title and, behind it, the advice of a code, in English.
QString sentenceFor(ErrorCode code);
/// The same of a data folder that cannot be used: not only a broken disk says LOCAL_DISK_ERROR, but also a folder of somebody else.
QString sentenceAtStart(const Error &error, const QString &dataFolder);

} // namespace photolift::cli
