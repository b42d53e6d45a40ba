# photolift_build_stamp(NUMBER DATE)
# From the commit in PROJECT_SOURCE_DIR: how many led to it, and its day. Both stay empty outside of a repository and in a folder inside
# of somebody else's. The build configures itself anew when the commit has changed: Git writes every move of HEAD into a log.
function(photolift_build_stamp number date)
    set(${number} "" PARENT_SCOPE)
    set(${date} "" PARENT_SCOPE)
    set(git git -C ${PROJECT_SOURCE_DIR})
    execute_process(COMMAND ${git} rev-parse --show-prefix --git-path logs/HEAD
        OUTPUT_VARIABLE told RESULT_VARIABLE failure OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(failure OR NOT told MATCHES "^\n(.+)$") # the prefix is empty at the top of a repository
        return()
    endif()
    cmake_path(ABSOLUTE_PATH CMAKE_MATCH_1 BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE moves)
    if(EXISTS ${moves})
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${moves})
    endif()
    execute_process(COMMAND ${git} rev-list --count HEAD OUTPUT_VARIABLE count OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    execute_process(COMMAND ${git} log -1 --format=%cs OUTPUT_VARIABLE day OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    set(${number} "${count}" PARENT_SCOPE)
    set(${date} "${day}" PARENT_SCOPE)
endfunction()
