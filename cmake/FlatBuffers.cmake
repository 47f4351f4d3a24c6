# anam_flatbuffers(schema.fbs ...) runs flatc on schemas of the calling folder while building. storage/catalog.fbs becomes
#   #include "storage/catalog_generated.h"
# for the library's sources and for tests, and is never installed: no public header may include it.
# flatc's output does not pass -Wconversion, so its directory counts as a system one.
find_program(ANAM_FLATC flatc REQUIRED)
set(ANAM_GENERATED_DIR "${PROJECT_BINARY_DIR}/generated")

add_library(anam_generated INTERFACE)
target_include_directories(anam_generated SYSTEM INTERFACE "${ANAM_GENERATED_DIR}")

function(anam_flatbuffers)
  file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  list(TRANSFORM ARGN PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/" OUTPUT_VARIABLE schemas)
  set(headers)
  foreach(schema IN LISTS schemas)
    cmake_path(GET schema STEM name)
    set(header "${ANAM_GENERATED_DIR}/${folder}/${name}_generated.h")
    add_custom_command(
      OUTPUT "${header}"
      COMMAND "${ANAM_FLATC}" --cpp --cpp-std c++17 --scoped-enums --keep-prefix -I "${PROJECT_SOURCE_DIR}"
              -o "${ANAM_GENERATED_DIR}/${folder}" "${schema}"
      DEPENDS ${schemas}  # a schema may include its neighbours
      COMMENT "flatc ${folder}/${name}.fbs"
      VERBATIM)
    list(APPEND headers "${header}")
  endforeach()
  # The library belongs to another directory, so the headers reach it through a target: one call a folder.
  add_custom_target(anam_${folder}_flatbuffers DEPENDS ${headers})
  add_dependencies(anam anam_${folder}_flatbuffers)
endfunction()
