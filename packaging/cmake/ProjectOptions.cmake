# What every target is compiled with: warnings, hardening, sanitizers, the strict Qt defines.
add_library(project_options INTERFACE)
target_compile_features(project_options INTERFACE cxx_std_20)
target_include_directories(project_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(project_options INTERFACE
    QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_URL_CAST_FROM_STRING QT_NO_CAST_FROM_BYTEARRAY
    QT_NO_NARROWING_CONVERSIONS_IN_CONNECT QT_NO_FOREACH QT_NO_KEYWORDS QT_USE_QSTRINGBUILDER
    QT_STRICT_ITERATORS QT_DISABLE_DEPRECATED_UP_TO=0x060400
    PHOTOLIFT_VERSION="${PROJECT_VERSION}")
target_compile_options(project_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wformat=2 -Wimplicit-fallthrough
    -fpch-preprocess -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=
    $<$<BOOL:${PHOTOLIFT_WERROR}>:-Werror>
    -fstack-protector-strong -fstack-clash-protection -fcf-protection)
target_compile_definitions(project_options INTERFACE _GLIBCXX_ASSERTIONS)
target_link_options(project_options INTERFACE -Wl,-z,relro,-z,now)

if(PHOTOLIFT_SANITIZE STREQUAL "address")
    target_compile_options(project_options INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
    target_link_options(project_options INTERFACE -fsanitize=address,undefined)
    target_compile_definitions(project_options INTERFACE PHOTOLIFT_SANITIZED)
elseif(PHOTOLIFT_SANITIZE STREQUAL "thread")
    target_compile_options(project_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
    target_link_options(project_options INTERFACE -fsanitize=thread)
    target_compile_definitions(project_options INTERFACE PHOTOLIFT_SANITIZED)
else()
    # The sanitizers bring their own checks; fortified functions would hide some of theirs.
    target_compile_options(project_options INTERFACE $<$<CONFIG:Release,RelWithDebInfo>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3>)
endif()

# One precompiled header for everything without a face, one for everything with one. Rooms reuse them, so that the
# header is compiled twice for the whole project.
function(photolift_precompiled_header name)
    cmake_parse_arguments(P "" "" "HEADERS;LINKS" ${ARGN})
    file(WRITE ${CMAKE_BINARY_DIR}/pch/${name}.cpp "// The home of the precompiled header ${name}.\n")
    add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/pch/${name}.cpp)
    set_target_properties(${name} PROPERTIES AUTOMOC OFF AUTORCC OFF)
    target_link_libraries(${name} PRIVATE ${P_LINKS} project_options)
    target_precompile_headers(${name} PRIVATE ${P_HEADERS})
endfunction()
photolift_precompiled_header(pch_core LINKS Qt6::Core HEADERS
    <QByteArray> <QDateTime> <QHash> <QJsonArray> <QJsonDocument> <QJsonObject> <QList> <QObject> <QString> <QUuid> <QVariant>
    <QCoreApplication> <QFile> <QFuture> <QThread> <QTimer>
    <algorithm> <array> <chrono> <functional> <memory> <optional> <string> <utility> <variant> <vector>)
photolift_precompiled_header(pch_gui LINKS Qt6::Widgets HEADERS
    <QByteArray> <QDateTime> <QHash> <QJsonObject> <QList> <QObject> <QString> <QUuid> <QVariant> <QTimer> <QFuture>
    <QAbstractItemModel> <QApplication> <QBoxLayout> <QIcon> <QLabel> <QPainter> <QPushButton> <QStyledItemDelegate> <QToolButton> <QWidget>
    <algorithm> <array> <functional> <memory> <optional> <utility> <variant> <vector>)
