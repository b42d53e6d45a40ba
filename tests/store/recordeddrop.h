#pragma once

#include "models/store/archive.h"
#include "models/store/recorder.h"
#include "models/store/worklist.h"

#include "tests/store/queuesamples.h"

#include <QTemporaryDir>

namespace photolift::samples {

/// One recorded drop of five photos, and what writes and reads it.
class RecordedDrop
{
protected:
    void open()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_recorder = std::move(*store::Recorder::open(listFile()));
        m_archive = std::move(*store::Archive::open(listFile()));
        m_work = std::move(*store::WorkList::open(listFile()));
        m_project = project();
        m_drop = accepted(m_project);
        m_items = items(m_drop.batch, 5);
        write({m_drop, store::ItemsFound{m_drop.batch.batchId, m_items}});
    }
    void close()
    {
        m_work.reset();
        m_archive.reset();
        m_recorder.reset();
    }
    void write(const store::Changes &changes)
    {
        const Result<> written = resultOf(m_recorder->recordDurably(changes));
        QVERIFY2(written, written ? "" : qPrintable(written.error().detail));
    }
    QString listFile() const { return m_folder->filePath(QStringLiteral("photolift.sqlite")); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<store::Recorder> m_recorder;
    std::unique_ptr<store::Archive> m_archive;
    std::unique_ptr<store::WorkList> m_work;
    ProjectRecord m_project;
    store::BatchAccepted m_drop;
    QList<store::Item> m_items; ///< of m_drop
};

} // namespace photolift::samples
