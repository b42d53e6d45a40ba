# How many tests run side by side. packaging/test has five places for them (ctest -j 5), made for two cores. A test takes two places. One whose programs, all
# together, computed for less than half of its time on a quiet machine (2026-11-22; a quarter of it on the average) takes one: it waits for the end of a lease,
# for the time at which a server said to come again, for another program's start. So two that compute run beside one that waits, or five of these. All of these
# also passed beside builds, at load 11 to 17. A test that compares times runs by itself (RUN_SERIAL); one that is not named here computes.
set(PHOTOLIFT_WAITING_TESTS
    tst_again
    tst_backup
    tst_changebell
    tst_client
    tst_damagedlist
    tst_desktoplives
    tst_embeddedserver
    tst_encryptedstore
    tst_enginecancels
    tst_enginecommands
    tst_enginedrops
    tst_engineholds
    tst_enginerecords
    tst_engineroom
    tst_f2_wholerun
    tst_f9_commit
    tst_f12_killserver
    tst_f15_locked
    tst_f19_changed
    tst_f22_specialfiles
    tst_f29_serverasked
    tst_f31_expiredlink
    tst_f40_failover
    tst_f42_damagedcopy
    tst_f44_twice
    tst_f46_shutout
    tst_filemodes
    tst_goodbye
    tst_health
    tst_leftbehind
    tst_mainjob
    tst_metered
    tst_noserver
    tst_organisation
    tst_otherprocess
    tst_ownphotos
    tst_replica
    tst_reprocess
    tst_reprocessprogram
    tst_retry
    tst_sharedfolder
    tst_twolooks
    tst_usererase
    tst_wait
    tst_workchildren
    tst_workkills
)

# About how many seconds the longest take. They begin first, since one that began last would be alone at the end; ctest itself knows them only in a folder
# where it has run before.
set(PHOTOLIFT_SECONDS_OF_tst_f46_shutout 170)
set(PHOTOLIFT_SECONDS_OF_tst_twoservers 120)
set(PHOTOLIFT_SECONDS_OF_tst_f43_retention 120)
set(PHOTOLIFT_SECONDS_OF_tst_usererase 110)
set(PHOTOLIFT_SECONDS_OF_tst_f53_connections 110)
set(PHOTOLIFT_SECONDS_OF_tst_f40_failover 80)
set(PHOTOLIFT_SECONDS_OF_tst_f29_serverasked 65)
set(PHOTOLIFT_SECONDS_OF_tst_f8_killtransfer 25)
set(PHOTOLIFT_SECONDS_OF_tst_workkills 59)
set(PHOTOLIFT_SECONDS_OF_tst_f19_changed 56)
set(PHOTOLIFT_SECONDS_OF_tst_roles 55)
set(PHOTOLIFT_SECONDS_OF_tst_f14_databasecut 55)
set(PHOTOLIFT_SECONDS_OF_tst_reprocess 50)
set(PHOTOLIFT_SECONDS_OF_tst_f2_queueing 45)
set(PHOTOLIFT_SECONDS_OF_tst_f31_expiredlink 45)
set(PHOTOLIFT_SECONDS_OF_tst_organisation 45)
set(PHOTOLIFT_SECONDS_OF_tst_damagedlist 41)
set(PHOTOLIFT_SECONDS_OF_tst_f9_commit 40)
set(PHOTOLIFT_SECONDS_OF_tst_erasure 40)
set(PHOTOLIFT_SECONDS_OF_tst_windowfaults 38)
set(PHOTOLIFT_SECONDS_OF_tst_f12_organisation 35)
set(PHOTOLIFT_SECONDS_OF_tst_f12_killserver 34)
set(PHOTOLIFT_SECONDS_OF_tst_ownphotos 34)
set(PHOTOLIFT_SECONDS_OF_tst_backup 32)
