#pragma once

#include "models/photo/hasher.h"
#include "models/photo/helper.h"
#include "models/pipeline/selectionstep.h"
#include "models/vocabulary/records.h"

#include <QElapsedTimer>
#include <QObject>

namespace photolift::pipeline {

/// What preprocessing found out.
struct Prepared {
    photo::FileHash hash;
    PhotoRecord photo;
    std::optional<Error> metadataNote; ///< METADATA_UNREADABLE: a note, the photo goes on
    QJsonObject timings;               ///< stage_metadata: hash_ms, metadata_ms
};

/// Reads the metadata in the helper and hashes the file on the pool, both at the same time. Ends in exactly one finished().
class PreparationStep final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(PreparationStep)
public:
    PreparationStep(photo::Helper &helper, QThreadPool &pool, QObject *parent);
    ~PreparationStep() override; ///< the hashing ends at its next look

    void start(const SelectedFile &file, const QByteArray &path, const AttemptRecord &attempt, qint64 partBytes,
               photo::DigestKind partKind);

Q_SIGNALS:
    void finished(const photolift::Result<photolift::pipeline::Prepared> &prepared);

private:
    void hashed(const Result<photo::FileHash> &hash);
    void described(const Result<photo::HelperAnswer> &answer);
    void finishWhenBoth();

    photo::Helper &m_helper;
    QThreadPool &m_pool;
    std::shared_ptr<std::atomic<bool>> m_cancelled = std::make_shared<std::atomic<bool>>(false);
    QElapsedTimer m_clock;
    Prepared m_prepared;
    std::optional<Error> m_error;
    int m_open = 0;
};

} // namespace photolift::pipeline
