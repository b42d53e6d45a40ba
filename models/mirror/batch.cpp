#include "models/mirror/batch.h"

#include "models/vocabulary/ids.h"
#include "models/wire/messages.h"

namespace photolift::mirror {

Batch batchOf(const QList<store::OutboxRow> &rows, int limit)
{
    Batch batch;
    batch.id = newUuid7();
    for (const store::OutboxRow &row : rows) {
        const bool isFull = batch.sequences.size() >= limit || batch.ndjson.size() + row.json.size() + 1 > wire::MaxJsonBytes;
        if (isFull && !batch.sequences.isEmpty())
            break;
        batch.ndjson += row.json;
        batch.ndjson += '\n';
        batch.sequences.append(row.sequence);
    }
    return batch;
}

} // namespace photolift::mirror
