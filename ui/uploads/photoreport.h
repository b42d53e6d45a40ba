#pragma once

#include "models/store/views.h"

#include <QCoreApplication>

namespace photolift::ui {

/// What a person copies for whoever helps them: in their own words, so that they can read what they send; codes and ids stay what
/// they are, so that anybody can look them up. Pure functions of their arguments.
class PhotoReport
{
    Q_DECLARE_TR_FUNCTIONS(photolift::ui::PhotoReport)
public:
    /// Several lines of plain text. `isThisComputer`: the server is the one built in.
    static QString of(const store::ItemDetail &detail, bool isThisComputer);
    /// How an attempt ended, or that it has not.
    static QString attemptWord(Status status);

private:
    static QString stageLine(const StageRecord &stage);
    static QString errorLine(const ErrorRecord &error, bool isThisComputer);
};

} // namespace photolift::ui
