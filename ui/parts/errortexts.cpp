#include "ui/parts/errortexts.h"

#include <QCoreApplication>

namespace photolift::ui {

using namespace Qt::StringLiterals;

QString errorTitle(ErrorCode code, bool isThisComputer)
{
    if (isThisComputer && code == ErrorCode::StorageNoSpace)
        return QCoreApplication::translate("Errors", "The disk with the copies is almost full");
    if (isThisComputer && code == ErrorCode::StorageNotReady)
        return QCoreApplication::translate("Errors", "The folder with the copies is not ready");
    return QCoreApplication::translate("Errors", errorInfo(code).title);
}

QString errorAdvice(ErrorCode code, bool isThisComputer)
{
    if (isThisComputer && code == ErrorCode::StorageNoSpace)
        return QCoreApplication::translate("Errors", "Free some space; uploads continue by themselves.");
    if (isThisComputer && code == ErrorCode::StorageNotReady)
        return QCoreApplication::translate("Errors", "Check that its disk is connected; uploads continue by themselves.");
    const char *advice = errorInfo(code).advice;
    return *advice ? QCoreApplication::translate("Errors", advice) : QString();
}

QString errorLine(ErrorCode code, bool isThisComputer)
{
    const QString title = errorTitle(code, isThisComputer);
    const QString advice = errorAdvice(code, isThisComputer);
    return advice.isEmpty() ? title : title + u" – "_s + advice;
}

QString stageWord(Stage stage)
{
    switch (stage) {
    case Stage::Selection:
        return QCoreApplication::translate("Stages", "Selection");
    case Stage::Preprocessing:
        return QCoreApplication::translate("Stages", "Preprocessing");
    case Stage::Initiation:
        return QCoreApplication::translate("Stages", "Initiation");
    case Stage::Transfer:
        return QCoreApplication::translate("Stages", "Transfer");
    case Stage::Verification:
        return QCoreApplication::translate("Stages", "Verification");
    case Stage::Reception:
        return QCoreApplication::translate("Stages", "Reception");
    case Stage::Validation:
        return QCoreApplication::translate("Stages", "Validation");
    case Stage::MetadataExtraction:
        return QCoreApplication::translate("Stages", "Metadata");
    case Stage::Processing:
        return QCoreApplication::translate("Stages", "Processing");
    case Stage::Storage:
        return QCoreApplication::translate("Stages", "Storage");
    case Stage::Indexing:
        return QCoreApplication::translate("Stages", "Indexing");
    }
    return {};
}

} // namespace photolift::ui
