#include "app/server/work/stagework.h"

namespace photolift::server {

StageOutcome workOn(Stage stage, const StageTools &tools, const Upload &upload, std::optional<photo::HelperAnswer> &examined)
{
    switch (stage) {
    case Stage::Validation: return validate(tools, upload, examined);
    case Stage::MetadataExtraction: return extractMetadata(tools, upload, examined);
    case Stage::Processing: return process(tools, upload, examined);
    case Stage::Storage: return keep(tools, upload);
    default: return makeFindable(tools, upload);
    }
}

} // namespace photolift::server
