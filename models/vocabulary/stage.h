#pragma once

#include <QLatin1StringView>
#include <QStringView>

#include <array>
#include <optional>

namespace photolift {

/// The eleven stages of one attempt, in order; the first five run on the client, the others on the server.
enum class Stage : int {
    Selection,
    Preprocessing,
    Initiation,
    Transfer,
    Verification,
    Reception,
    Validation,
    MetadataExtraction,
    Processing,
    Storage,
    Indexing,
};

inline constexpr int StageCount = 11;
inline constexpr int ClientStageCount = 5;

inline constexpr std::array<Stage, StageCount> AllStages{
    Stage::Selection,  Stage::Preprocessing, Stage::Initiation,         Stage::Transfer,   Stage::Verification, Stage::Reception,
    Stage::Validation, Stage::MetadataExtraction, Stage::Processing, Stage::Storage, Stage::Indexing};

constexpr bool isServerStage(Stage stage)
{
    return static_cast<int>(stage) >= ClientStageCount;
}

/// The name used in the databases and on the wire, such as `metadata_extraction`.
QLatin1StringView stageName(Stage stage);
std::optional<Stage> stageFromName(QStringView name);

/// How one stage of one attempt stands; the vocabulary of the stage strip.
enum class StageState : int { NotReached, Active, Done, Retrying, Failed, Duplicate, Paused };

} // namespace photolift
