# Tests of app/server/http, app/server/objects and the program photolift-server.
photolift_test(tst_httprules SOURCES tst_httprules.cpp LINKS server_http transfer)
foreach(name httpdoor httpbodies httpserver)
    photolift_test(tst_${name} SOURCES httprig.cpp httprig.h tst_${name}.cpp LINKS server_http support_rawclient LABELS threads)
endforeach()
photolift_test(tst_httplimits SOURCES httprig.cpp httprig.h tst_httplimits.cpp LINKS server_http support_rawclient LABELS threads)
photolift_test(tst_httptls SOURCES httprig.cpp httprig.h tlsclient.cpp tlsclient.h tst_httptls.cpp
    LINKS server_http support_certificate support_rawclient OpenSSL::SSL LABELS threads)
photolift_test(tst_sigv4 SOURCES tst_sigv4.cpp LINKS server_objects)
foreach(name objectsfolder objectskept)
    photolift_test(tst_${name} SOURCES folderstorerig.h tst_${name}.cpp LINKS server_objects LABELS threads)
endforeach()
photolift_test(tst_downloads SOURCES tst_downloads.cpp LINKS server_objects server_http support_rawclient LABELS threads)
photolift_test(tst_objectslinks SOURCES tst_objectslinks.cpp LINKS server_objects support_rawclient LABELS threads)
# A real RADOS Gateway, up in about 3 s.
photolift_test(tst_s3store SOURCES tst_s3store.cpp LINKS server_objects_s3 support_ceph LABELS threads)
photolift_test(tst_s3links SOURCES tst_s3links.cpp LINKS server_objects_s3 support_ceph support_rawclient LABELS threads)
photolift_test(tst_embeddedprogram SOURCES tst_embeddedprogram.cpp LINKS server_http Qt6::Network LABELS threads)
add_dependencies(tst_embeddedprogram photolift-server)
