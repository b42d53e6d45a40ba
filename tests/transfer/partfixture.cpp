#include "tests/transfer/partfixture.h"

#include "models/vocabulary/ids.h"

#include <QCryptographicHash>

using namespace Qt::StringLiterals;

namespace photolift::tests {

SourceFile::SourceFile(qint64 size)
    : m_size(size)
{
    m_file.open();
    QByteArray block(1024 * 1024, Qt::Uninitialized);
    quint32 word = 1;
    for (qint64 written = 0; written < size; written += block.size()) {
        for (qsizetype i = 0; i < block.size(); i += 4) {
            word = word * 1664525 + 1013904223;
            memcpy(block.data() + i, &word, 4);
        }
        m_file.write(block.left(std::min<qint64>(block.size(), size - written)));
    }
    m_file.flush();
}

QByteArray SourceFile::bytes(qint64 offset, qint64 size)
{
    m_file.seek(offset);
    return m_file.read(size);
}

void SourceFile::truncate(qint64 size)
{
    m_file.resize(size);
}

void SourceFile::overwrite(qint64 offset, const QByteArray &bytes)
{
    m_file.seek(offset);
    m_file.write(bytes);
    m_file.flush();
}

transfer::PartJob partOf(SourceFile &source, const QUrl &url, int number, qint64 partBytes)
{
    transfer::PartJob job;
    job.clientUploadId = newUuid7();
    job.number = number;
    job.descriptor = source.descriptor();
    job.offset = (number - 1) * partBytes;
    job.size = partBytes > 0 ? std::min(partBytes, source.size() - job.offset) : source.size();
    job.url = url;
    job.expectedEtag = u"5eed0123"_s;
    job.headers = {{"x-test-etag", "5eed0123"}, {"content-length", QByteArray::number(job.size)}};
    return job;
}

QByteArray echoEtag(const support::SeenRequest &request)
{
    return support::FaultProxy::answer(200, {}, {}, {{"ETag", '"' + request.headers.value("x-test-etag") + '"'}, {"x-amz-request-id", "r-1"}});
}

transfer::DataPlane::Options impatient()
{
    transfer::DataPlane::Options options;
    options.connectTimeoutMs = 2000;
    options.stallTimeoutMs = 400;
    return options;
}

Outcomes::Outcomes(transfer::DataPlane &plane)
{
    connect(&plane, &transfer::DataPlane::partFinished, this, [this](const transfer::PartOutcome &outcome) { m_all.append(outcome); },
            Qt::QueuedConnection);
}

QByteArray nameOf(const Result<> &result)
{
    return result ? QByteArray("ok") : QByteArray(errorName(result.error().code).data());
}

QByteArray sha256(const QByteArray &bytes)
{
    return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256);
}

} // namespace photolift::tests
