# Embeds src/store/migrations/NNNN_name.sql into the program. Included, it adds the step to sekisho_store;
# run as a script (-P) with MIGRATIONS_DIRECTORY and MIGRATIONS_OUTPUT, it is the step.
if(CMAKE_SCRIPT_MODE_FILE)
  file(GLOB files ${MIGRATIONS_DIRECTORY}/*.sql)
  list(SORT files)
  set(expected 0)
  set(rows "")
  foreach(file IN LISTS files)
    get_filename_component(name ${file} NAME_WE)
    if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_[a-z0-9_]+$")
      message(FATAL_ERROR "${file}: not named NNNN_name.sql")
    endif()
    math(EXPR expected "${expected} + 1")
    math(EXPR number "1${CMAKE_MATCH_1} - 10000")
    if(NOT number EQUAL expected)
      message(FATAL_ERROR "${file}: number ${expected} comes next")
    endif()
    file(READ ${file} sql)
    string(APPEND rows "      {${number}, \"${name}\", R\"sql(${sql})sql\"},\n")
  endforeach()
  file(WRITE ${MIGRATIONS_OUTPUT}
    "// Made by src/store/migrations.cmake.\n#include \"store/migrate.h\"\n\nnamespace sekisho::store {\n\n"
    "const std::vector<Migration>& embedded_migrations() {\n  static const std::vector<Migration> all = {\n${rows}  };\n  return all;\n}\n\n"
    "}  // namespace sekisho::store\n")
  return()
endif()

file(GLOB migration_files CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/migrations/*.sql)
set(migrations_source ${CMAKE_BINARY_DIR}/generated/migrations.cc)
add_custom_command(OUTPUT ${migrations_source}
  COMMAND ${CMAKE_COMMAND} -DMIGRATIONS_DIRECTORY=${CMAKE_CURRENT_LIST_DIR}/migrations -DMIGRATIONS_OUTPUT=${migrations_source}
    -P ${CMAKE_CURRENT_LIST_DIR}/migrations.cmake
  DEPENDS ${migration_files} ${CMAKE_CURRENT_LIST_DIR}/migrations.cmake
  VERBATIM)
target_sources(sekisho_store PRIVATE ${migrations_source})
