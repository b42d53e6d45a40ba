#pragma once

#include "models/pipeline/agreedupload.h"
#include "models/pipeline/attemptbook.h"
#include "models/pipeline/faultmemory.h"
#include "models/pipeline/preparationstep.h"
#include "models/pipeline/transferstep.h"
#include "models/pipeline/workshop.h"

#include <QElapsedTimer>
#include <QTimer>

namespace photolift::pipeline {

/// One attempt of one photo from its slot to the accepted commit, or to its end:
///
///     selection -> preprocessing -> initiation -> transfer -> verification (the commit) -> left to the server
///
/// Each arrow is a stage that went well. A fault asks the retry policy: the same stage again, the file again, the whole queue waits,
/// or the end. While it waits it gives its slot away. Ends in exactly one committed(), ended() or skipped().
class AttemptRunner final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(AttemptRunner)
public:
    AttemptRunner(const Workshop &workshop, store::Item item, const store::BatchAccepted &batch, QObject *parent);
    /// Goes on with an attempt of an earlier run of the program, or with one that the server gave back.
    AttemptRunner(const Workshop &workshop, store::Item item, store::WorkList::Progress progress, std::optional<GivenBack> givenBack,
                  QObject *parent);
    ~AttemptRunner() override;

    void grantSlot(); ///< begins, or goes on where it waits
    void setPaused(bool isPaused);
    /// False: the commit was sent, the attempt runs to its end and its row says that a cancel came.
    bool cancel();
    /// What keeps a cancel that the step at hand has not obeyed yet; empty: its end is on its way to the disk already.
    store::Changes cancelToCome();
    /// Undo of such a cancel, and what says so; a transfer that stops for it goes on behind its last part. Nothing when there is none, or
    /// when it has ended for it already.
    store::Changes takeBackCancel();
    void tryNow();    ///< waits for nothing that only a timer holds
    void holdLifted();
    void settle(); ///< the program ends: writes the times so far
    void twinEnded();

    const QUuid &id() const { return m_book.id(); }
    const store::Item &item() const { return m_book.item(); }
    Stage stage() const { return m_stage; }
    bool hasSlot() const { return m_hasSlot; }
    bool isCommitSent() const { return m_isCommitSent; }
    qint64 ackedBytes() const { return m_upload.ackedBytes(); }

Q_SIGNALS:
    void slotReleased();
    void slotWanted();
    void committed(const photolift::pipeline::CommittedUpload &upload);
    void ended();
    void skipped();

private:
    /// Turn: taken up from an earlier run or from the server, and has not had its first slot since.
    enum class Waiting { Nothing, Turn, Timer, Hold, Pause, Twin, SecondLook, ServersWord };

    void connectTimers();
    void go(Stage stage);
    void select();
    void selected(const SelectionAnswer &answer);
    void prepare();
    void prepared(const Result<Prepared> &prepared);
    photo::DigestKind partKindWanted() const;
    void hashForThisServer();
    void leadWasLost();
    void standBehindLeader();
    void waitAsTwin();
    void ask();
    void offered(const transfer::ApiAnswer<wire::Offer> &answer);
    void endDuplicate(const wire::Offer &offer);
    void endRefused(const wire::Offer &offer);
    void transferParts();
    void transferEnded();
    void transferFailed(const Fault &fault);
    void lookAtSource(const std::function<void(const std::optional<Error> &)> &then);
    void commit();
    void commitAnswered(const transfer::ApiAnswer<std::monostate> &answer);
    void leaveToServer();

    // What follows a fault: attemptfaults.cpp.
    void failed(Stage stage, const Fault &found, bool isGivenBack = false);
    void sendAgain(const GivenBack &why);
    void askWhatItWants(const Fault &refusal);
    void retryAfter(Stage stage, const Fault &fault, qint64 delayMs);
    void restartFile(Stage stage);
    void startPatience(Stage stage, const Fault &fault);
    void patienceEnded();
    Fault faultOfServer(ErrorCode trouble);
    void endFailed(Stage stage, const Fault &fault, const Decision &decision);
    void endAnotherFile(Stage stage);
    void endCancelled();
    QString hostOf(Stage stage) const; ///< whom a request of this stage asks; empty: nobody
    void noteRequest(Stage stage);
    bool isLostCopy() const { return !item().lostSha256.isEmpty(); } ///< brought again: only these bytes are the photo
    void skip(const Error &error, Stage stage);
    void park(Waiting reason);
    void wake();
    void finishWith(store::Changes changes);
    void noteProgress();

    const Workshop &m_workshop;
    AttemptBook m_book;
    store::Changes m_unwritten;        ///< of an attempt that may yet turn out to be none
    Stage m_stage = Stage::Selection;
    Waiting m_waiting = Waiting::Nothing;
    QTimer m_timer;
    std::optional<GivenBack> m_givenBack;
    bool m_hasSlot = false;
    bool m_isPaused = false;
    bool m_isCancelled = false;
    bool m_isCommitSent = false;
    bool m_hasEnded = false;

    std::optional<photo::FileIdentity> m_seen; ///< by this attempt's look before
    QElapsedTimer m_sinceSeen;
    int m_looks = 0;
    SelectedFile m_file;
    Prepared m_prepared;
    bool m_hasAskedWhatItWants = false; ///< after a refusal, once for each hashing
    QByteArray m_hashBefore;           ///< HashAgain compares with it
    AgreedUpload m_upload;
    std::unique_ptr<PreparationStep> m_preparation;
    std::unique_ptr<TransferStep> m_transfer;

    FaultMemory m_faults{0};
    QTimer m_patience;             ///< runs while it waits for its next try
    std::optional<Fault> m_waitsAfter; ///< the fault that m_patience judges
    QString m_storeHost; ///< host and port of the links used last
};

} // namespace photolift::pipeline
