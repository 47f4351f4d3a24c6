option(ANAM_DEVELOPER_MODE "Warnings as errors, tests and benchmarks" ${PROJECT_IS_TOP_LEVEL})
set(ANAM_SANITIZE "" CACHE STRING "Sanitizers for all targets, e.g. address,undefined or thread")
option(ANAM_FUZZ "Build the fuzz targets with libFuzzer (clang)" OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

add_library(anam_developer INTERFACE)
if(ANAM_DEVELOPER_MODE)
  target_compile_options(anam_developer INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
  # gcc 12 sees overlaps in std::string's operator+ that are not there (https://gcc.gnu.org/PR105651, mended in 13).
  target_compile_options(anam_developer INTERFACE
                         $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
  target_compile_definitions(anam_developer INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
endif()
if(ANAM_SANITIZE)
  target_compile_options(anam_developer INTERFACE -fsanitize=${ANAM_SANITIZE} -fno-omit-frame-pointer
                                                  -fno-sanitize-recover=all)
  target_link_options(anam_developer INTERFACE -fsanitize=${ANAM_SANITIZE})
  # target_clones resolves before a sanitizer's run-time is up.
  target_compile_definitions(anam_developer INTERFACE ANAM_NO_DISPATCH)
endif()
if(ANAM_FUZZ)
  # Coverage counters everywhere; the fuzz targets alone link libFuzzer's main (-fsanitize=fuzzer).
  target_compile_options(anam_developer INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(anam_developer INTERFACE -fsanitize=fuzzer-no-link)
endif()
