#pragma once

#include "models/store/views.h"

namespace photolift::ui {

/// One line of the shooting data, ready to show.
struct PhotoFact {
    QString name;
    QString value;
};

/// What is known about the photo, in people's words and order; unknown facts are left out.
QList<PhotoFact> photoFacts(const store::ItemDetail &detail);

} // namespace photolift::ui
