# What the library links. All of it also stands in anamConfig.cmake.in: a static library passes its dependencies on.
find_package(Threads REQUIRED)
find_package(zstd REQUIRED CONFIG)
find_package(roaring REQUIRED CONFIG)
find_package(FlatBuffers REQUIRED CONFIG)
find_package(ZLIB REQUIRED)
find_package(simdjson REQUIRED CONFIG)
find_package(LMDB 0.9.24 REQUIRED)   # cmake/FindLMDB.cmake
find_package(xxHash 0.8 REQUIRED)    # cmake/FindxxHash.cmake

set(ANAM_DEPENDENCIES Threads::Threads zstd::libzstd_shared roaring::roaring flatbuffers::flatbuffers ZLIB::ZLIB
                      simdjson::simdjson                      LMDB::LMDB xxHash::xxHash)

# For the command line alone (tools/).
find_package(Boost REQUIRED COMPONENTS program_options)
