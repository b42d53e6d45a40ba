#include "ui/parts/errortexts.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {

/// What the list of errors says of a server is not true of the one that is built in: there are copies, in a folder, on this computer.
struct LocalText {
    ErrorCode code;
    const char *title;  ///< nullptr: that of the list is true
    const char *advice;
};
constexpr std::array LocalTexts{
    LocalText{ErrorCode::SelectionNotAccepted, nullptr, QT_TRANSLATE_NOOP("Errors", "Send it in another format.")},
    LocalText{ErrorCode::TransferLinkRefused, QT_TRANSLATE_NOOP("Errors", "The photo could not be copied"),
              QT_TRANSLATE_NOOP("Errors", "Your photo stays in the list. Please send the report.")},
    LocalText{ErrorCode::TransferAlreadyThere, QT_TRANSLATE_NOOP("Errors", "The photo was copied before"), nullptr},
    LocalText{ErrorCode::ValidationFormatUnknown, nullptr,
              QT_TRANSLATE_NOOP("Errors", "Your photo is kept as it is; it has no preview until Photolift was updated.")},
    LocalText{ErrorCode::StorageNoSpace, QT_TRANSLATE_NOOP("Errors", "The disk with the copies is almost full"),
              QT_TRANSLATE_NOOP("Errors", "Free some space; uploads continue by themselves.")},
    LocalText{ErrorCode::StorageNotReady, QT_TRANSLATE_NOOP("Errors", "The folder with the copies is not ready"),
              QT_TRANSLATE_NOOP("Errors", "Check that its disk is connected; uploads continue by themselves.")},
    LocalText{ErrorCode::LocalListDamaged, nullptr, QT_TRANSLATE_NOOP("Errors", "Let Photolift check your folders again. No copy is lost.")},
    LocalText{ErrorCode::NetworkConnectFailed, QT_TRANSLATE_NOOP("Errors", "The server on this computer does not answer"), nullptr},
    LocalText{ErrorCode::ApiUnavailable, QT_TRANSLATE_NOOP("Errors", "The server on this computer is starting again"), nullptr},
    LocalText{ErrorCode::ApiServerError, QT_TRANSLATE_NOOP("Errors", "The photo cannot be copied now"), nullptr},
    LocalText{ErrorCode::ApiRequestRefused, QT_TRANSLATE_NOOP("Errors", "The server on this computer did not accept the request"), nullptr},
};

const LocalText *localText(ErrorCode code)
{
    const auto found = std::find_if(LocalTexts.begin(), LocalTexts.end(), [code](const LocalText &text) { return text.code == code; });
    return found == LocalTexts.end() ? nullptr : found;
}

} // namespace

QString errorTitle(ErrorCode code, bool isThisComputer)
{
    const LocalText *local = isThisComputer ? localText(code) : nullptr;
    return QCoreApplication::translate("Errors", local && local->title ? local->title : errorInfo(code).title);
}

QString errorAdvice(ErrorCode code, bool isThisComputer)
{
    const LocalText *local = isThisComputer ? localText(code) : nullptr;
    const char *advice = local && local->advice ? local->advice : errorInfo(code).advice;
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
