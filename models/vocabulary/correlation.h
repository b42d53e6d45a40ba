#pragma once

#include <QUuid>

namespace photolift {

/// While it lives, everything this thread logs belongs to one attempt: each log line bears its client_upload_id. Scopes nest; the
/// inner one counts. Create it on the stack at the top of whatever works for one attempt, in every callback anew.
class [[nodiscard]] CorrelationScope
{
public:
    explicit CorrelationScope(const QUuid &clientUploadId);
    ~CorrelationScope();
    Q_DISABLE_COPY_MOVE(CorrelationScope)

private:
    const QUuid m_outer;
};

/// The attempt this thread works for right now; null outside of every scope.
QUuid currentCorrelation();

} // namespace photolift
