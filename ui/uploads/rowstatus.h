#pragma once

#include "models/pipeline/engine.h"
#include "models/store/views.h"
#include "ui/parts/stagestrip.h"
#include "ui/parts/statusmark.h"

#include <QCoreApplication>
#include <QSet>

namespace photolift::ui {

/// What the state of the whole queue means for single rows.
struct RowContext {
    pipeline::QueueState queue;
    QSet<QUuid> pausedBatches;
    qint64 nowMs = 0;
    bool isThisComputer = false; ///< the server is the one built in
};

/// One photo as the table knows it.
struct UploadRow {
    store::ItemView view;
    std::optional<pipeline::ItemProgress> progress;
};

/// Mark and words of one row: the only words used for a state (design 2.3).
struct RowStatus {
    StatusMark mark = StatusMark::Waiting;
    Tone tone = Tone::Idle;
    QString text;
    QString title = {}; ///< of a text that goes on with an advice: what happened
    const QString &headline() const { return title.isEmpty() ? text : title; }
    bool operator==(const RowStatus &) const = default;
};

/// Makes the words of rows. Pure functions of their arguments.
class RowWords
{
    Q_DECLARE_TR_FUNCTIONS(photolift::ui::RowWords)
public:
    static RowStatus status(const UploadRow &row, const RowContext &context);
    static StageStrip strip(const UploadRow &row, const RowContext &context);
    /// Percent of the bytes that were sent; nullopt before the transfer and for photos that did not travel.
    static std::optional<int> sentPercent(const UploadRow &row);
    /// What holds the queue, in a few words; empty while nothing does.
    static QString hold(const pipeline::QueueState &queue, bool isThisComputer = false);
    /// Whether no photo moves although some are under way: what is running waits, too.
    static bool isAtRest(const pipeline::QueueState &queue);
    /// Whether every photo of the queue has left, and the server has still to look at some.
    static bool isAllSent(const pipeline::QueueState &queue);
    static QString fileName(const store::Item &item); ///< the true name, not yet fit for a label
    /// The whole row as a sentence for a screen reader (design 9).
    static QString sentence(const UploadRow &row, const RowContext &context);

private:
    static RowStatus statusOfState(const UploadRow &row, const RowContext &context);
    static RowStatus running(const UploadRow &row, const RowContext &context);
};

} // namespace photolift::ui
