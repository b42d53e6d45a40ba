# Tests of app/server/http, app/server/objects and the program photolift-server.
photolift_test(tst_httprules SOURCES tst_httprules.cpp LINKS server_http ZLIB::ZLIB)
photolift_test(tst_httpserver SOURCES tst_httpserver.cpp LINKS server_http support_rawclient ZLIB::ZLIB)
