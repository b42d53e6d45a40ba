#include "models/vocabulary/stage.h"

#include "models/vocabulary/nametable.h"

using namespace Qt::StringLiterals;

namespace photolift {

namespace {
constexpr std::array<NamedValue<Stage>, StageCount> Names{{{Stage::Selection, "selection"_L1},
                                                           {Stage::Preprocessing, "preprocessing"_L1},
                                                           {Stage::Initiation, "initiation"_L1},
                                                           {Stage::Transfer, "transfer"_L1},
                                                           {Stage::Verification, "verification"_L1},
                                                           {Stage::Reception, "reception"_L1},
                                                           {Stage::Validation, "validation"_L1},
                                                           {Stage::MetadataExtraction, "metadata_extraction"_L1},
                                                           {Stage::Processing, "processing"_L1},
                                                           {Stage::Storage, "storage"_L1},
                                                           {Stage::Indexing, "indexing"_L1}}};
}

QLatin1StringView stageName(Stage stage)
{
    return nameOf(Names, stage);
}

std::optional<Stage> stageFromName(QStringView name)
{
    return valueNamed(Names, name);
}

} // namespace photolift
