# sekisho-extract: the document parsers, in a program of their own (poppler is GPL; nothing else links it).
pkg_check_modules(POPPLER REQUIRED IMPORTED_TARGET poppler-cpp)
pkg_check_modules(FONTCONFIG REQUIRED IMPORTED_TARGET fontconfig)
pkg_check_modules(LIBXML REQUIRED IMPORTED_TARGET libxml-2.0)
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(TESSERACT REQUIRED IMPORTED_TARGET tesseract)
pkg_check_modules(LEPTONICA REQUIRED IMPORTED_TARGET lept)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)

file(GLOB extract_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/worker/extract_*.cc)
file(GLOB extract_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/worker/extract_*_test.cc)
list(REMOVE_ITEM extract_sources ${extract_tests})
add_library(sekisho_extract STATIC ${extract_sources})
target_link_libraries(sekisho_extract PUBLIC sekisho_flags sekisho_base sekisho_text sekisho_process
  PRIVATE PkgConfig::POPPLER PkgConfig::FONTCONFIG PkgConfig::LIBXML PkgConfig::LIBZIP PkgConfig::ZLIB PkgConfig::TESSERACT PkgConfig::LEPTONICA gomp fmt::fmt)

add_executable(sekisho-extract ${CMAKE_CURRENT_SOURCE_DIR}/main/extract_worker.cc)
target_link_libraries(sekisho-extract PRIVATE sekisho_extract)

if(SEKISHO_TESTS)
  add_executable(extract_test ${extract_tests} ${CMAKE_CURRENT_SOURCE_DIR}/worker/testing/documents.cc
    ${CMAKE_CURRENT_SOURCE_DIR}/worker/testing/office_documents.cc ${CMAKE_CURRENT_SOURCE_DIR}/worker/testing/scans.cc)
  target_link_libraries(extract_test PRIVATE sekisho_extract PkgConfig::LIBZIP PkgConfig::POPPLER PkgConfig::FONTCONFIG PkgConfig::LEPTONICA fmt::fmt GTest::gtest GTest::gtest_main GTest::gmock)
  target_compile_definitions(extract_test PRIVATE SEKISHO_EXTRACT_PROGRAM="$<TARGET_FILE:sekisho-extract>" SEKISHO_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  add_dependencies(extract_test sekisho-extract)
  add_test(NAME unit.extract COMMAND extract_test)
  if(TARGET library_test)
    add_executable(rogue_extract_worker ${CMAKE_CURRENT_SOURCE_DIR}/library/testing/rogue_extract_worker.cc)
    target_link_libraries(rogue_extract_worker PRIVATE sekisho_process sekisho_base)
    target_compile_definitions(library_test PRIVATE SEKISHO_EXTRACT_PROGRAM="$<TARGET_FILE:sekisho-extract>"
      SEKISHO_ROGUE_EXTRACT_PROGRAM="$<TARGET_FILE:rogue_extract_worker>")
    add_dependencies(library_test sekisho-extract rogue_extract_worker)
  endif()
  set_tests_properties(unit.extract PROPERTIES LABELS unit TIMEOUT 300)
endif()
