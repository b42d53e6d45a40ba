#pragma once

#include "models/store/views.h"
#include "ui/parts/statusmark.h"

#include <QCoreApplication>

namespace photolift::ui {

/// How a folder ended, in a few words.
struct FolderEnd {
    StatusMark mark = StatusMark::Done; ///< Done only when every photo of it has arrived and there was one
    QString words;
};

/// Judges a folder whose photos have all ended, for the list and for the recent folders alike. Pure functions of their arguments.
class FolderWords
{
    Q_DECLARE_TR_FUNCTIONS(photolift::ui::FolderWords)
public:
    /// What matters most is said. `isThisComputer`: the server is the one built in.
    static FolderEnd ended(const store::BatchView &folder, bool isThisComputer);
};

} // namespace photolift::ui
