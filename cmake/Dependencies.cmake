find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(zstd REQUIRED CONFIG)
find_package(roaring REQUIRED CONFIG)
find_package(FlatBuffers REQUIRED CONFIG)
find_package(ZLIB REQUIRED)
find_package(Boost REQUIRED COMPONENTS program_options)
pkg_check_modules(LMDB REQUIRED IMPORTED_TARGET lmdb)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)

set(ANAM_DEPENDENCIES Threads::Threads zstd::libzstd_shared roaring::roaring flatbuffers::flatbuffers ZLIB::ZLIB
                      PkgConfig::LMDB PkgConfig::XXHASH)
