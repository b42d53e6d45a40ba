#pragma once

#include "app/server/config/serverconfig.h"
#include "app/server/work/reprocessfilter.h"
#include "models/vocabulary/role.h"

#include <QString>
#include <QStringList>

#include <optional>
#include <variant>

namespace photolift::server {

/// One command line with --config.
struct Command {
    enum class What {
        Serve, Check, Migrate, StorePrepare,
        AccountAdd, AccountClose, AccountOpen, AccountQuota, AccountList,
        UserAdd, UserRole, UserClose, UserOpen, UserExport, UserErase, UserEraseUndo,
        TokenCreate, TokenList, TokenRevoke, DeviceList,
        ProjectList, ProjectSet, ProjectRetire, ProjectRestore,
        AppRetire, AppRestore, TypeRetire, TypeRestore, LocationRetire, LocationRestore,
        GroupAdd, GroupList, GroupSet, GroupRetire, GroupRestore, GroupMemberAdd, GroupMemberRemove,
        JobsList, JobsRetry,
        PurgeDryRun, PurgeUndo,
        Reprocess, ReprocessList,
    };

    What what = What::Serve;
    QString configFile;
    QString logFolder;
    QString name;  ///< of the account, user or group, the id of a token, of a project or of a job's upload
    Role role = Role::Photographer;
    QString account = QStringLiteral("default");
    QString accountType = QStringLiteral("organisation");
    bool isTest = false;
    std::optional<qint64> quotaBytes; ///< nullopt: none
    QString state; ///< of a project; empty: as it is
    /// How long a project keeps its photos, 0: for good; nullopt: as it is.
    std::optional<int> purgeAfterDays;
    Stage stage = Stage::Processing; ///< to run again,
    ReprocessFilter photos;          ///< for these
    bool isDryRun = false;
    bool isSure = false; ///< of what cannot be taken back for ever
    int days = 365; ///< a device token lives
    QString label;
    QString into; ///< a folder, of an export
    QString newName;               ///< of a group; empty: it keeps its name
    std::optional<QString> region; ///< of a group; nullopt: nothing was said
    bool isRetired = false;        ///< groups: the retired ones are asked for
    QString user;                  ///< of a group, or else:
    QString device;
    std::optional<qint64> fromMs; ///< a membership lasts
    std::optional<qint64> untilMs;
};

/// The words of each command there is, without names and options; the first one, of serving, has none.
QStringList commandWords();

/// The command, or the text for standard error that explains what is wrong with it (exit code 2).
std::variant<Command, QString> commandFrom(const QStringList &arguments);

} // namespace photolift::server
