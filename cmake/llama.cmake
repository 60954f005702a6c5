# llama.cpp for sekisho-model. Makes two targets: `sekisho_libllama` (llama.h, static) and, where the source is at hand,
# `sekisho_llama_schema` (JSON schema → grammar, five files of its common/ folder).
#
#   SEKISHO_LLAMA_SOURCE = package   the npm package that tools/fetch_llama pins by the hash of its tree (auto means this)
#                          dir       the folder SEKISHO_LLAMA_DIR
#                          fetch     the git tag SEKISHO_LLAMA_TAG of the upstream repository
#                          system    an installed library (find_package)
#
# ggml's core is a shared library and each CPU variant a module that the program loads from its own folder before it is
# sealed; libllama itself is static. No OpenMP: with ggml's own threads the worker can change their number between
# steps and none of them spins while there is nothing to do (src/worker/llama_threads.h).
set(SEKISHO_LLAMA_SOURCE auto CACHE STRING "auto | system | dir | fetch | package")
set_property(CACHE SEKISHO_LLAMA_SOURCE PROPERTY STRINGS auto system dir fetch package)
set(SEKISHO_LLAMA_DIR "" CACHE PATH "llama.cpp's source, for SEKISHO_LLAMA_SOURCE=dir")
set(SEKISHO_LLAMA_REPOSITORY "https://github.com/ggml-org/llama.cpp.git" CACHE STRING "For SEKISHO_LLAMA_SOURCE=fetch")
set(SEKISHO_LLAMA_TAG "v0.5.0" CACHE STRING "For SEKISHO_LLAMA_SOURCE=fetch")

# Sets `out` to the folder with the source.
function(sekisho_llama_folder out)
  if(SEKISHO_LLAMA_SOURCE STREQUAL "dir")
    set(folder ${SEKISHO_LLAMA_DIR})
  elseif(SEKISHO_LLAMA_SOURCE STREQUAL "fetch")
    include(FetchContent)
    FetchContent_Declare(llama_source GIT_REPOSITORY ${SEKISHO_LLAMA_REPOSITORY} GIT_TAG ${SEKISHO_LLAMA_TAG} GIT_SHALLOW ON)
    FetchContent_GetProperties(llama_source)
    if(NOT llama_source_POPULATED)
      FetchContent_Populate(llama_source)
    endif()
    set(folder ${llama_source_SOURCE_DIR})
  else()
    execute_process(COMMAND ${CMAKE_SOURCE_DIR}/tools/fetch_llama OUTPUT_VARIABLE folder RESULT_VARIABLE result OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT result EQUAL 0)
      message(FATAL_ERROR "tools/fetch_llama failed. Without the engine: -DSEKISHO_ENGINE=OFF; from a folder: -DSEKISHO_LLAMA_SOURCE=dir")
    endif()
  endif()
  if(NOT EXISTS ${folder}/include/llama.h)
    message(FATAL_ERROR "no llama.cpp in '${folder}'")
  endif()
  set(${out} ${folder} PARENT_SCOPE)
endfunction()

# One CPU variant by ggml's own function. That function names its sources relative to ggml/src, and we are not there.
function(sekisho_cpu_variant folder name)
  ggml_add_cpu_backend_variant(${name} ${ARGN})
  foreach(target ggml-cpu-${name} ggml-cpu-${name}-feats)
    get_target_property(sources ${target} SOURCES)
    list(TRANSFORM sources PREPEND ${folder}/ggml/src/ REGEX "^ggml-cpu/")
    set_target_properties(${target} PROPERTIES SOURCES "${sources}")
    target_include_directories(${target} SYSTEM PRIVATE ${folder}/ggml/src ${folder}/ggml/src/ggml-cpu ${folder}/ggml/include)
    target_compile_options(${target} PRIVATE -w $<$<CONFIG:Debug>:-O2>)
  endforeach()
  target_compile_definitions(ggml-cpu-${name} PRIVATE _GNU_SOURCE _XOPEN_SOURCE=600)
  set_target_properties(ggml-cpu-${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
endfunction()

# Four of upstream's fourteen x86 variants, each 28 s of compiling: any x86-64; AVX2 (2013 and later; Skylake-X and
# Cascade Lake run it too, K-quants use nothing wider); AVX2 with VNNI (recent desktops); AVX-512 with VNNI and VBMI
# (Ice Lake servers and later, Zen 4 and later). What the others add are bf16 and AMX, which our files do not use.
function(sekisho_cpu_variants folder)
  include(CheckCXXCompilerFlag)
  include(${folder}/ggml/cmake/common.cmake)
  set(CMAKE_GENERATOR_PLATFORM_LWR "")
  ggml_get_system_arch()
  set(GGML_CPU_REPACK ON)
  sekisho_cpu_variant(${folder} x64)
  sekisho_cpu_variant(${folder} haswell SSE42 AVX F16C FMA AVX2 BMI2)
  sekisho_cpu_variant(${folder} alderlake SSE42 AVX F16C FMA AVX2 BMI2 AVX_VNNI)
  sekisho_cpu_variant(${folder} icelake SSE42 AVX F16C FMA AVX2 BMI2 AVX512 AVX512_VBMI AVX512_VNNI)
endfunction()

function(sekisho_llama_from_source folder)
  set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
  # Each library looks for the others in its own folder and nowhere else.
  set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)
  set(CMAKE_INSTALL_RPATH "$ORIGIN")
  set(GGML_NATIVE OFF)
  set(GGML_BACKEND_DL ON)
  set(GGML_LLAMAFILE OFF)
  set(GGML_OPENMP OFF)
  set(GGML_CCACHE OFF)
  set(GGML_ALL_WARNINGS OFF)
  set(LLAMA_ALL_WARNINGS OFF)
  set(LLAMA_OPENSSL OFF)
  set(CMAKE_SKIP_INSTALL_RULES ON)
  set(BUILD_SHARED_LIBS ON)
  set(GGML_CPU_ALL_VARIANTS OFF)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    set(GGML_CPU OFF)
    # Without its own CPU part ggml does not define the functions that make one: read their file for them alone.
    add_subdirectory(${folder}/ggml ${CMAKE_BINARY_DIR}/llama/ggml EXCLUDE_FROM_ALL)
    include(${folder}/ggml/src/ggml-cpu/CMakeLists.txt)
    sekisho_cpu_variants(${folder})
  else()
    set(GGML_CPU_ALL_VARIANTS ON)
    add_subdirectory(${folder}/ggml ${CMAKE_BINARY_DIR}/llama/ggml EXCLUDE_FROM_ALL)
  endif()
  set(BUILD_SHARED_LIBS OFF)
  add_subdirectory(${folder} ${CMAKE_BINARY_DIR}/llama/llama EXCLUDE_FROM_ALL)
  foreach(target ggml ggml-base llama)
    target_compile_options(${target} PRIVATE -w $<$<CONFIG:Debug>:-O2>)
  endforeach()
  add_library(sekisho_libllama INTERFACE)
  target_include_directories(sekisho_libllama SYSTEM INTERFACE ${folder}/include ${folder}/ggml/include)
  target_link_libraries(sekisho_libllama INTERFACE llama)

  add_library(sekisho_llama_schema STATIC ${folder}/common/json-schema-to-grammar.cpp ${folder}/common/json-schema.cpp
    ${folder}/common/json.cpp ${folder}/common/trie.cpp ${folder}/common/unicode.cpp)
  target_include_directories(sekisho_llama_schema SYSTEM PUBLIC ${folder}/common ${folder}/vendor)
  target_compile_options(sekisho_llama_schema PRIVATE -w)
  target_link_libraries(sekisho_llama_schema PUBLIC llama)
endfunction()

if(SEKISHO_LLAMA_SOURCE STREQUAL "system")
  find_package(llama CONFIG REQUIRED)
  add_library(sekisho_libllama INTERFACE)
  target_link_libraries(sekisho_libllama INTERFACE llama)
else()
  sekisho_llama_folder(folder)
  sekisho_llama_from_source(${folder})
  set(SEKISHO_GGML_INTERNAL ${folder}/ggml/src)  # What a backend is made of (src/worker/llama_matrix.cc).
endif()
