#pragma once

namespace photolift::test {

/// What is expected of one table: by login (app, worker, retention, analyst) the privileges as letters, s(elect) i(nsert) u(pdate) d(elete);
/// and whether each row is guarded, from its owner too.
struct Expected {
    const char *table;
    const char *app;
    const char *worker;
    const char *retention;
    const char *analyst;
    bool isGuarded;
};
inline constexpr bool Guarded = true;
inline constexpr bool Open = false; ///< says nothing about anybody

// clang-format off
inline constexpr Expected Tables[] = {
    {"public.server_accounts",          "siu", "",     "",   "", Guarded},
    {"public.server_account_use",       "siud", "su",  "su", "", Guarded},
    {"public.server_users",             "siu", "",     "",   "", Guarded},
    {"public.server_device_tokens",     "siu", "",     "",   "", Guarded},
    {"public.server_token_keys",        "sid", "",     "",   "", Guarded},
    {"public.server_audit",             "si",  "",     "",   "", Guarded},
    {"public.server_uploads",           "siu", "su",   "su", "", Guarded},
    {"public.server_objects",           "siu", "siud", "sd", "", Guarded},
    {"public.server_assets",            "siu", "siu",  "sud", "", Guarded},
    {"public.server_project_rules",     "siud", "",    "s",  "", Guarded},
    {"public.server_purges",            "",    "",     "i",  "", Guarded},
    {"public.server_arrived",           "s",   "",     "",   "", Guarded},
    {"public.server_trim_passes",       "",    "",     "si",  "", Open},
    {"public.server_trims",             "",    "",     "siu", "", Open},
    {"public.server_withdrawals",       "sid", "sd",   "siud", "", Guarded},
    {"public.server_quarantine",        "siu", "siu",  "sud", "", Guarded},
    {"public.server_erasures",          "sid", "",     "su", "", Guarded},
    {"public.server_removals",          "",    "si",   "siud", "", Guarded},
    {"public.server_purged_ids",        "sd",  "",     "siu", "", Guarded},
    {"public.server_search",            "si",  "siu",  "",   "", Guarded},
    {"public.server_reprocess_runs",    "siu", "",     "",   "", Guarded},
    {"public.server_reprocess_jobs",    "siu", "sud",  "",   "", Guarded},
    {"public.server_requests",          "si",  "",     "sd", "", Guarded},
    {"public.server_project_ids",       "si",  "",     "",   "", Guarded},
    {"public.server_jobs",              "siu", "sud",  "",   "", Open},
    {"public.server_state",             "si",  "s",    "s",  "", Open},
    {"public.server_clock",             "s",   "s",    "su", "", Open},
    {"public.server_rereads",           "",    "su",   "",   "", Open},
    {"public.schema_versions",          "s",   "s",    "s",  "", Open},
    {"public.fact_upload_attempts",     "siu", "siu",  "",   "", Guarded},
    {"public.fact_upload_stages",       "siu", "siu",  "",   "", Guarded},
    {"public.fact_upload_errors",       "si",  "si",   "",   "", Guarded},
    {"public.fact_client_heartbeats",   "si",  "",     "",   "", Guarded},
    {"public.dim_photos",               "siu", "siu",  "",   "", Guarded},
    {"public.dim_users",                "siu", "siu",  "",   "", Guarded},
    {"public.dim_devices",              "siu", "siu",  "",   "", Guarded},
    {"public.dim_device_group_members", "siu", "",     "",   "", Guarded},
    {"public.dim_projects",             "siud", "siu",  "",   "", Guarded},
    {"public.dim_batches",              "siu", "siu",  "",   "", Guarded},
    {"public.dim_device_groups",        "siu", "",     "",   "", Open},
    {"public.dim_app_versions",         "siu", "siu",  "",   "", Open},
    {"public.dim_network_connections",  "siu", "siu",  "",   "", Open},
    {"public.dim_photo_types",          "siu", "siu",  "",   "", Open},
    {"public.dim_storage_locations",    "siu", "siu",  "",   "", Open},
    {"public.dim_upload_status",        "s",   "s",    "",   "", Open},
    {"public.dim_dates",                "s",   "s",    "",   "", Open},
    {"ops.dirty_day",                   "i",   "i",    "",   "", Open},
    {"staging.batch",                   "si",  "",     "sd", "", Guarded},
};
// clang-format on

inline constexpr const char *Logins[] = {"app", "worker", "retention", "analyst"};
/// Of a replica: it has columns, and no table as a whole.
inline constexpr const char Reader[] = "reader";

} // namespace photolift::test
