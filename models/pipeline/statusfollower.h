#pragma once

#include "models/pipeline/fault.h"
#include "models/pipeline/workshop.h"
#include "models/store/worklist.h"

#include <QElapsedTimer>
#include <QTimer>

#include <map>

namespace photolift::pipeline {

/// Follows the committed attempts on the server, all of them with one long poll, and copies what it says: stages, errors, photo, end.
/// The client's own verification stage is closed here: by equal SHA-256 and size of the stored object, by nothing else.
/// Lives on the engine's thread.
class StatusFollower final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(StatusFollower)
public:
    StatusFollower(const Workshop &workshop, store::WorkList &workList, QObject *parent);

    void follow(const CommittedUpload &upload);
    qsizetype count() const { return qsizetype(m_uploads.size()); }
    qint64 bytes() const; ///< of all that it follows
    /// A cancel came too late for this photo: the attempt goes on, and its row says so. False: it follows none, or the end is being written.
    bool noteCancelAsked(const QUuid &itemId);
    /// More commits are on their way: polls are short then, so that a new one is never behind a long wait.
    void setBusy(bool isBusy) { m_isBusy = isBusy; }
    void wake();  ///< the server is there again
    void stop() { m_isStopped = true; }
    void settle(); ///< the program ends: writes how long verification took so far

Q_SIGNALS:
    void verified(const QUuid &itemId, qint64 bytes);
    void ended(const QUuid &itemId, const QUuid &clientUploadId); ///< durable
    /// The server does not follow this attempt any more and has not ended it: its bytes have to come again. Durable.
    void givenBack(const photolift::store::Item &item, const photolift::pipeline::GivenBack &why);
    void troubled(const photolift::pipeline::Fault &fault);

private:
    struct Followed {
        CommittedUpload upload;
        int version = 0;
        QElapsedTimer since;
        bool isVerified = false;
        bool isSafe = false;
        bool isEnding = false;
        std::array<int, StageCount> stageVersions{};
        qsizetype errorsSeen = 0;
    };

    void poll();
    wire::StatusQuery nextQuery() const;
    void answered(const transfer::ApiAnswer<wire::StatusAnswer> &answer, int waitSeconds);
    void apply(Followed &followed, const wire::UploadStatus &status);
    store::Changes copyRows(Followed &followed, const wire::UploadStatus &status) const;
    store::Changes verify(Followed &followed, const wire::UploadStatus &status);
    static bool isSeenEqual(const Followed &followed);
    void end(Followed &followed, const wire::UploadStatus &status, store::Changes changes);
    void giveBack(Followed &followed, const wire::UploadStatus &status);
    static store::Changes endVerification(Followed &followed, const wire::UploadStatus &status, bool isSuccessful);
    static store::Changes closeVerification(Followed &followed, const wire::UploadStatus &status);

    const Workshop &m_workshop;
    store::WorkList &m_workList;
    std::map<QUuid, Followed> m_uploads; ///< by the server's upload id; UUIDv7: oldest first
    QTimer m_timer;
    int m_tries = 0;
    bool m_isAsking = false;
    bool m_isBusy = false;
    bool m_isStopped = false;
};

} // namespace photolift::pipeline
