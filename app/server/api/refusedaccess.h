#pragma once

#include "app/server/http/exchange.h"

#include <QList>
#include <QUuid>

#include <memory>

namespace photolift::server {

struct ApiContext;

/// Who reached for what they may not have (FAULTS F55, C-34) leaves `access.refused` in the audit log of their own account: at most one row for each person,
/// route and minute of this process, so that nobody fills it. No answer waits for it: how long a refusal takes must not tell whether an id is
/// somebody's. Called on any thread; never blocks.

/// A right token, and a role that the route is not for.
void noteRefusedRole(const std::shared_ptr<ApiContext> &api, const RouteRight &route, const HttpRequest &request);

/// The body names what is another account's, as was found already.
void noteForeign(const std::shared_ptr<ApiContext> &api, const RouteRight &route, const HttpRequest &request);

/// What the ids of a request that was answered "unknown" are of.
enum class Owned { Upload, Project };
/// Looks whether one of them is somebody else's, and notes that; ids that nobody has leave nothing.
void noteIfForeign(const std::shared_ptr<ApiContext> &api, const RouteRight &route, const HttpRequest &request, Owned owned, const QList<QUuid> &ids);

} // namespace photolift::server
