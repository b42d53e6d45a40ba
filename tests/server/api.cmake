# The API over a store in memory, asked through its handlers; see apirig.h.
add_library(support_apirig STATIC apirig.cpp apirig.h apitest.cpp apitest.h memorystore.cpp memorystore.h)
target_link_libraries(support_apirig PUBLIC project_options server_api server_work support_postgres
    PRIVATE server_http photo support_smallphotos Qt6::Sql Qt6::Test)
photolift_reuse_pch(support_apirig "")

photolift_test(tst_apiuploads SOURCES tst_apiuploads.cpp LINKS support_apirig LABELS threads)
photolift_test(tst_apicommits SOURCES tst_apicommits.cpp LINKS support_apirig LABELS threads)
photolift_test(tst_apistatus SOURCES tst_apistatus.cpp LINKS support_apirig LABELS threads)
photolift_test(tst_apiequalbytes SOURCES tst_apiequalbytes.cpp LINKS support_apirig LABELS threads)
photolift_test(tst_apievents SOURCES tst_apievents.cpp LINKS support_apirig LABELS threads)
photolift_test(tst_rights SOURCES tst_rights.cpp LINKS support_apirig server_objects server_http support_rawclient LABELS threads)
photolift_test(tst_people SOURCES tst_people.cpp LINKS support_apirig server_people store LABELS threads)
# F37 to F39 on both engines, row for row: some thirty thousand events.
photolift_test(tst_leases SOURCES tst_leases.cpp LINKS server_work)
photolift_test(tst_changebell SOURCES tst_changebell.cpp LINKS server_api support_postgres LABELS threads)
photolift_test(tst_ingest SOURCES tst_ingest.cpp LINKS support_apirig Qt6::Sql LABELS threads faults TIMEOUT 300)
photolift_test(tst_health SOURCES tst_health.cpp LINKS support_apirig server_http server_metrics support_rawclient LABELS threads)
photolift_test(tst_apidocument SOURCES apidocument.cpp apidocument.h tst_apidocument.cpp LINKS support_apirig server_http)
photolift_test(tst_partdocument SOURCES apidocument.cpp apidocument.h tst_partdocument.cpp LINKS support_apirig server_objects)
photolift_test(tst_workstages SOURCES tst_workstages.cpp LINKS support_apirig support_serverrun LABELS threads)
add_dependencies(tst_workstages hostilephoto photolift-photo)
photolift_test(tst_workdecoders SOURCES tst_workdecoders.cpp LINKS support_apirig support_serverrun LABELS threads)
add_dependencies(tst_workdecoders photolift-photo)
# 23 kills and restarts of the real server, a second each.
photolift_test(tst_workkills SOURCES tst_workkills.cpp LINKS support_apirig support_rawclient support_serverrun Qt6::Sql LABELS faults threads TIMEOUT 300)
add_dependencies(tst_workkills photolift-server photolift-photo)
photolift_test(tst_apilimits SOURCES tst_apilimits.cpp LINKS support_apirig support_rawclient support_serverrun LABELS threads)
add_dependencies(tst_apilimits photolift-server)
