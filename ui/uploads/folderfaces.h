#pragma once

#include "ui/uploads/uploadfeed.h"

namespace photolift::ui {

/// The first photos of a folder, for the pictures that stand for it.
class FolderFaces final : public QObject
{
    Q_OBJECT
public:
    explicit FolderFaces(UploadFeed &feed, QObject *parent = nullptr);
    /// known() follows, when the folder has photos: at most so many, skipped files left out.
    void ask(const QUuid &batchId, int most);

Q_SIGNALS:
    void known(const QUuid &batchId, const QList<photolift::store::Item> &faces);

private:
    UploadFeed &m_feed;
};

} // namespace photolift::ui
