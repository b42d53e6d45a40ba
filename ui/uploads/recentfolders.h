#pragma once

#include "ui/uploads/uploadscontroller.h"

#include <QWidget>

namespace photolift::ui {

/// The folders finished last, below the drop area.
class RecentFolders final : public QWidget
{
    Q_OBJECT
public:
    /// The pictures have to outlive it.
    RecentFolders(const Destination &destination, PictureCache &pictures, QWidget *parent = nullptr);
    /// The photo whose picture stands for the folder; until there is one, an icon does.
    void setFace(const QUuid &batchId, const store::Item &face);
    void setFolders(const QList<store::BatchView> &folders);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {300, 0}; }
    /// Shows only the rows for which there is room; none hides it.
    void setRoom(int height);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    struct Words {
        StatusMark mark = StatusMark::Done;
        QString state;
        QString photos;
        QString when;
    };
    Words wordsOf(const store::BatchView &folder) const;
    int rowHeight() const;
    int headHeight() const;

    bool m_isThisComputer;
    PictureCache &m_pictures;
    QHash<QUuid, store::Item> m_faces;
    QList<store::BatchView> m_folders;
    int m_rows = 3;
};

} // namespace photolift::ui
