#pragma once

#include "models/transfer/dataplane.h"
#include "tests/support/faultproxy.h"

#include <QTemporaryFile>

namespace photolift::tests {

/// A file of some bytes that differ from place to place.
class SourceFile
{
public:
    explicit SourceFile(qint64 size);
    int descriptor() const { return m_file.handle(); }
    qint64 size() const { return m_size; }
    QString path() const { return m_file.fileName(); }
    QByteArray bytes(qint64 offset, qint64 size);
    void truncate(qint64 size);
    void overwrite(qint64 offset, const QByteArray &bytes);

private:
    QTemporaryFile m_file;
    qint64 m_size = 0;
};

/// Number `number` of `source` cut into parts of `partBytes`, to a server that answers with echoEtag().
transfer::PartJob partOf(SourceFile &source, const QUrl &url, int number = 1, qint64 partBytes = 0);

/// Answers each PUT as a store does, naming the checksum that partOf() expects.
QByteArray echoEtag(const support::SeenRequest &request);

/// Options that wait a moment where the product waits a minute.
transfer::DataPlane::Options impatient();

/// Collects what a data plane reports.
class Outcomes final : public QObject
{
public:
    explicit Outcomes(transfer::DataPlane &plane);
    qsizetype count() const { return m_all.size(); }
    const transfer::PartOutcome &last() const { return m_all.last(); }
    const QList<transfer::PartOutcome> &all() const { return m_all; }

private:
    QList<transfer::PartOutcome> m_all;
};

QByteArray nameOf(const Result<> &result); ///< "ok", or the code's name: for comparing
QByteArray sha256(const QByteArray &bytes);

} // namespace photolift::tests
