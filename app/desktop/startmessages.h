#pragma once

#include "models/store/mending.h"

class QMessageBox;
class QWidget;

/// What a person is told while the list is opened, in boxes that hold nobody up: no event loop of their own. They belong to `window`.
namespace photolift::desktop {

/// Why there is no list. The words are those of a start: nothing goes on behind the box, so nothing continues by itself.
/// Whoever calls decides what its end means.
QMessageBox *tellRefused(const Error &error, const QString &dataFolder, bool isThisComputer, QWidget &window);

/// The list was damaged and has been made anew: said once, and everything goes on behind it.
QMessageBox *tellMended(const store::Mended &mended, bool isThisComputer, QWidget &window);

} // namespace photolift::desktop
