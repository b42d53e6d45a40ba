#include "models/pipeline/preparationstep.h"

#include "models/photo/photofacts.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/whendone.h"

#include <QtConcurrentRun>

using namespace Qt::StringLiterals;

namespace photolift::pipeline {

namespace {

PhotoRecord photoFrom(const SelectedFile &file, const QByteArray &path, const AttemptRecord &attempt)
{
    const QByteArray name = path.mid(path.lastIndexOf('/') + 1);
    const qsizetype dot = name.lastIndexOf('.');
    PhotoRecord photo;
    photo.clientUploadId = attempt.clientUploadId;
    photo.photoId = attempt.itemId;
    photo.typeName = file.kind.typeName;
    photo.fileExtension = dot > 0 ? QString::fromUtf8(name.mid(dot + 1)).toLower() : QString();
    photo.mimeType = file.kind.mediaType;
    photo.fileSize = file.identity.size;
    if (file.endingDisagrees)
        photo.extracted[u"ending_disagrees"_s] = file.kind.typeName;
    return photo;
}

void addFacts(PhotoRecord &photo, const photo::PhotoFacts &facts)
{
    const QJsonObject keys = photo::toJson(facts);
    for (auto key = keys.begin(); key != keys.end(); ++key) {
        if (!key.value().isNull() && key.value() != QJsonValue(QString()))
            photo.extracted[key.key()] = key.value();
    }
    photo.width = facts.width;
    photo.height = facts.height;
    photo.createdMs = photo::takenMs(facts);
    if (facts.latitude && facts.longitude)
        photo.hasLocation = true;
    else if (facts.note.isEmpty()) // of metadata that could not be read, or not whole, nobody knows
        photo.hasLocation = false;
}

} // namespace

PreparationStep::PreparationStep(photo::Helper &helper, QThreadPool &pool, QObject *parent)
    : QObject(parent)
    , m_helper(helper)
    , m_pool(pool)
{
}

PreparationStep::~PreparationStep()
{
    *m_cancelled = true;
}

void PreparationStep::start(const SelectedFile &file, const QByteArray &path, const AttemptRecord &attempt, qint64 partBytes,
                            photo::DigestKind partKind)
{
    m_prepared.photo = photoFrom(file, path, attempt);
    m_clock.start();
    m_open = 2;
    whenDone(QtConcurrent::run(&m_pool,
                               [descriptor = file.descriptor, cancelled = m_cancelled, partBytes, partKind] {
                                   faultPoint("pipeline.hash");
                                   return photo::hashFile(descriptor->get(), partBytes, *cancelled, partKind);
                               }),
             this, [this](const Result<photo::FileHash> &hash) { hashed(hash); });
    whenDone(m_helper.run(photo::Order::Facts, file.descriptor->get(), file.kind.mediaType), this,
             [this](const Result<photo::HelperAnswer> &answer) { described(answer); });
}

void PreparationStep::hashed(const Result<photo::FileHash> &hash)
{
    m_prepared.timings[u"hash_ms"_s] = m_clock.elapsed();
    if (hash)
        m_prepared.hash = *hash;
    else
        m_error = hash.error();
    finishWhenBoth();
}

void PreparationStep::described(const Result<photo::HelperAnswer> &answer)
{
    m_prepared.timings[u"metadata_ms"_s] = m_clock.elapsed();
    if (answer) {
        addFacts(m_prepared.photo, answer->facts);
        if (!answer->facts.note.isEmpty())
            m_prepared.metadataNote = Error{ErrorCode::MetadataUnreadable, answer->facts.note};
    } else if (answer.error().code == ErrorCode::ValidationImageTooLarge) {
        m_error = answer.error();
    } else {
        m_prepared.metadataNote = Error{ErrorCode::MetadataUnreadable, answer.error().detail, answer.error().cause};
    }
    finishWhenBoth();
}

void PreparationStep::finishWhenBoth()
{
    if (--m_open > 0)
        return;
    if (m_error)
        Q_EMIT finished(*m_error);
    else
        Q_EMIT finished(m_prepared);
}

} // namespace photolift::pipeline
