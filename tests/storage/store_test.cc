// SPDX-License-Identifier: Apache-2.0
#include "storage/store.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "storage/format.h"
#include "tests/temporary_directory.h"

using namespace anam;
using anam::testing::patch_file;
using anam::testing::read_file;
using anam::testing::TemporaryDirectory;
using anam::testing::write_file;

namespace fs = std::filesystem;

namespace {

template <typename F>
Error error_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("no Error was thrown");
}

StoreFile write_data(const StoreWriter& writer, const std::string& name, std::uint32_t release) {
  SealedFileWriter file(writer.new_file(name));
  const std::string value = "of release " + std::to_string(release);
  file.append(as_bytes("k"), as_bytes(value));
  const bool codes = name.starts_with("codes");
  StoreFile result{
      name, codes ? StoreFile::Kind::kCodes : StoreFile::Kind::kShards, file.finish(), {}, release};
  if (!codes) result.shards = {0, 1};
  return result;
}

/// The writer's catalog with one release more, whose files are written; `keep` = it answers with
/// the old shards too.
Catalog next_release(const StoreWriter& writer, bool keep = true) {
  Catalog catalog = writer.catalog() ? *writer.catalog() : make_catalog(1);
  Release release;
  release.number = catalog.releases.empty() ? 1 : catalog.releases.back().number + 1;
  release.files.push_back(write_data(writer, codes_file_name(release.number), release.number));
  release.codes_file = release.files[0].name;
  if (keep && !catalog.releases.empty()) {
    for (const StoreFile& file : catalog.releases.back().files) {
      if (file.kind == StoreFile::Kind::kShards) release.files.push_back(file);
    }
  }
  release.files.push_back(write_data(writer, shards_file_name(release.number, 0), release.number));
  if (!keep) catalog.releases.clear();
  catalog.releases.push_back(release);
  return catalog;
}

void publish(const fs::path& path) {
  StoreWriter writer(path);
  writer.publish(next_release(writer));
}

std::string value_of(const Store& store, std::string_view file) {
  return std::string(as_text(store.file(file)->find(as_bytes("k")).value()));
}

std::set<std::string> names_in(const fs::path& path) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(path))
    names.insert(entry.path().filename().string());
  return names;
}

/// What `child` returns, run in a process of its own; -signal when a signal ended it.
int in_child(const std::function<int()>& child) {
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) ::_exit(child());
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace

TEST_CASE("releases are published one by one and all stay readable", "[storage]") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "s";
  publish(path);
  const Store first = Store::open(path);
  CHECK(first.release().number == 1);
  publish(path / "");
  const Store second = Store::open(path);
  CHECK(second.release().number == 2);
  CHECK(second.catalog().id == first.catalog().id);
  CHECK(value_of(second, shards_file_name(1, 0)) == "of release 1");
  CHECK(value_of(second, shards_file_name(2, 0)) == "of release 2");
  CHECK(second.codes_file() == second.file(codes_file_name(2)));
  CHECK(Store::open(path, 1).release() == first.release());
  CHECK(Store::open(path, 2).release() == second.release());
  const Error error = error_of([&] { Store::open(path, 3); });
  CHECK(error.code() == ErrorCode::kUsage);
  CHECK_THAT(error.what(), Catch::Contains("no release 3, but 1, 2"));
  CHECK(error_of([&] { (void)first.file(shards_file_name(2, 0)); }).code() == ErrorCode::kUsage);
  CHECK(names_in(path) == std::set<std::string>{"catalog.mdb", "writer.lock", codes_file_name(1),
                                                codes_file_name(2), shards_file_name(1, 0),
                                                shards_file_name(2, 0)});
}

TEST_CASE("an open release outlives the removal of its files", "[storage]") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "s";
  publish(path);
  const Store old = Store::open(path);
  {
    StoreWriter writer(path);
    writer.publish(next_release(writer, false));
    CHECK_FALSE(fs::exists(path / shards_file_name(1, 0)));
  }
  CHECK(value_of(old, shards_file_name(1, 0)) == "of release 1");
  CHECK(error_of([&] { Store::open(path, 1); }).code() == ErrorCode::kUsage);
  CHECK(Store::open(path).release().number == 2);
}

TEST_CASE("threads that ask for a file first get the same one, also when it is gone", "[storage]") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "s";
  publish(path);
  const Store store = Store::open(path);
  fs::remove_all(path);
  std::vector<std::shared_ptr<SealedFile>> files(8);
  {
    std::vector<std::jthread> threads;
    for (auto& file : files) {
      threads.emplace_back([&store, &file] {
        const std::string name = shards_file_name(1, 0);
        if (value_of(store, name) == "of release 1") file = store.file(name);
      });
    }
  }
  REQUIRE(files.front() != nullptr);
  for (const auto& file : files) CHECK(file == files.front());
  CHECK(files.front()->path() == path / shards_file_name(1, 0));
}

TEST_CASE("what is not a store is refused with a message", "[storage]") {
  const TemporaryDirectory directory;
  const auto message = [&](const fs::path& path) {
    const Error error = error_of([&] { Store::open(path); });
    CHECK(error.code() == ErrorCode::kUsage);
    return std::string(error.what());
  };
  CHECK_THAT(message(directory / "none"),
             Catch::Contains("no such store") && Catch::Contains("none"));
  write_file(directory / "file", as_bytes("x"));
  CHECK_THAT(message(directory / "file"), Catch::Contains("but a file"));
  fs::create_directory(directory / "dir");
  CHECK_THAT(message(directory / "dir"), Catch::Contains("no catalog.mdb"));
  const StoreWriter writer(directory / "new");
  CHECK_THAT(message(directory / "new"), Catch::Contains("no release yet"));
}

TEST_CASE("a writer leaves strangers' directories alone", "[storage]") {
  const TemporaryDirectory directory;
  fs::create_directory(directory / "dir");
  write_file(directory / "dir/thesis.txt", as_bytes("x"));
  const Error strange = error_of([&] { StoreWriter(directory / "dir"); });
  CHECK(strange.code() == ErrorCode::kUsage);
  CHECK_THAT(strange.what(), Catch::Contains("not empty"));
  CHECK(names_in(directory / "dir") == std::set<std::string>{"thesis.txt"});
  CHECK(error_of([&] { StoreWriter(directory / "dir/thesis.txt"); }).code() == ErrorCode::kUsage);
  CHECK(error_of([&] { StoreWriter(directory / "missing/s"); }).code() == ErrorCode::kIo);
  CHECK(error_of([&] { StoreWriter(""); }).code() == ErrorCode::kIo);
}

TEST_CASE("a store that lost its catalog is not mistaken for an empty one", "[storage]") {
  const TemporaryDirectory directory;
  publish(directory / "s");
  fs::remove(directory / "s/catalog.mdb");
  CHECK(error_of([&] { StoreWriter(directory / "s"); }).code() == ErrorCode::kCorrupt);
  CHECK(fs::exists(directory / "s" / shards_file_name(1, 0)));
}

TEST_CASE("a load that is given up leaves everything as it was", "[storage]") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "s";
  {
    const StoreWriter writer(path);
    write_data(writer, shards_file_name(1, 0), 1);
    write_file(writer.scratch() / "spill", as_bytes("x"));
  }
  CHECK_FALSE(fs::exists(path));
  fs::create_directory(path);
  { const StoreWriter writer(path); }
  CHECK(names_in(path).empty());
  publish(path);
  const Bytes catalog = read_file(path / "catalog.mdb");
  const auto names = names_in(path);
  {
    const StoreWriter writer(path);
    write_data(writer, shards_file_name(2, 0), 2);
    write_file(writer.scratch() / "spill", as_bytes("x"));
  }
  CHECK(names_in(path) == names);
  CHECK(read_file(path / "catalog.mdb") == catalog);
}

TEST_CASE("one writer at a time, and the second learns who is first", "[storage]") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "s";
  publish(path);
  {
    const StoreWriter writer(path);
    const Error error = error_of([&] { StoreWriter(directory / "s"); });
    CHECK(error.code() == ErrorCode::kLocked);
    CHECK_THAT(error.what(), Catch::Contains("process " + std::to_string(::getpid())));
    CHECK(in_child([&] {
            try {
              const StoreWriter second(path);
            } catch (const Error& e) {
              return static_cast<int>(e.code());
            }
            return 0;
          }) == static_cast<int>(ErrorCode::kLocked));
    CHECK(Store::open(path).release().number == 1);  // readers do not mind
  }
  CHECK_NOTHROW(StoreWriter(path));
}

TEST_CASE("what a killed load left is removed by the next writer, and nothing else", "[storage]") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "s";
  const bool first_load = GENERATE(true, false);
  if (!first_load) publish(path);
  const std::uint32_t release = first_load ? 1 : 2;
  CHECK(in_child([&] {
          StoreWriter writer(path);
          write_data(writer, shards_file_name(release, 0), release);
          SealedFileWriter unfinished(writer.new_file(shards_file_name(release, 1)));
          unfinished.append(as_bytes("k"), {});
          write_file(writer.scratch() / "spill", as_bytes("x"));
          write_file(path / "catalog.mdb.tmp", as_bytes("half"));
          ::kill(::getpid(), SIGKILL);
          return 0;
        }) == -SIGKILL);
  CHECK(fs::exists(path / shards_file_name(release, 1)));
  if (!first_load) CHECK(Store::open(path).release().number == 1);
  write_file(path / "notes.txt", as_bytes("mine"));
  fs::create_directory(path / codes_file_name(77));  // not a file, so not ours
  {
    StoreWriter writer(path);
    CHECK(names_in(path).contains(shards_file_name(release, 0)) == false);
    CHECK_FALSE(fs::exists(path / "scratch"));
    CHECK_FALSE(fs::exists(path / "catalog.mdb.tmp"));
    writer.publish(next_release(writer));
  }
  CHECK(Store::open(path).release().number == release);
  CHECK(fs::exists(path / "notes.txt"));
  CHECK(fs::exists(path / codes_file_name(77)));
  CHECK_FALSE(fs::exists(path / "store.creating"));
}

TEST_CASE("a load killed at any moment leaves the old release or the new one", "[storage][slow]") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "s";
  publish(path);
  std::uint32_t last = 1;
  for (useconds_t delay = 0; delay < 12000; delay += 300) {
    const pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
      publish(path);
      ::_exit(0);
    }
    ::usleep(delay);
    ::kill(pid, SIGKILL);
    REQUIRE(::waitpid(pid, nullptr, 0) == pid);
    const Store store = Store::open(path);
    const std::uint32_t now = store.release().number;
    REQUIRE((now == last || now == last + 1));
    for (const StoreFile& file : store.release().files) {
      REQUIRE(value_of(store, file.name) == "of release " + std::to_string(file.release));
    }
    last = now;
  }
  { const StoreWriter writer(path); }
  CHECK(names_in(path).size() == 2 + 2 * last);
}

TEST_CASE("publishing checks what it is given", "[storage]") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "s";
  publish(path);
  StoreWriter writer(path);
  const Bytes before = read_file(path / "catalog.mdb");
  Catalog catalog = next_release(writer);
  const Catalog good = catalog;
  catalog.id[0] ^= 1;
  CHECK(error_of([&] { writer.publish(catalog); }).code() == ErrorCode::kUsage);
  catalog = good;
  catalog.releases[1].files.back().seal.checksum ^= 1;
  CHECK(error_of([&] { writer.publish(catalog); }).code() == ErrorCode::kCorrupt);
  catalog = good;
  catalog.releases[1].files.back().name = shards_file_name(2, 5);
  CHECK(error_of([&] { writer.publish(catalog); }).code() == ErrorCode::kIo);
  catalog = good;
  catalog.releases[1].number = 1;
  CHECK(error_of([&] { writer.publish(catalog); }).code() == ErrorCode::kUsage);
  CHECK(read_file(path / "catalog.mdb") == before);
  writer.publish(good);
  CHECK(writer.catalog() == good);
}

TEST_CASE("readers open whole releases while a writer replaces them", "[storage]") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "s";
  publish(path);
  std::atomic<bool> done = false;
  std::atomic<int> opened = 0;
  std::string trouble;
  {
    const std::jthread reader([&] {
      try {
        while (!done) {
          const Store store = Store::open(path);
          for (const StoreFile& file : store.release().files) {
            if (value_of(store, file.name) != "of release " + std::to_string(file.release))
              trouble = file.name;
          }
          ++opened;
        }
      } catch (const Error& error) {
        trouble = error.what();
      }
    });
    try {
      for (int i = 0; i < 40 || opened < 5; ++i) {
        StoreWriter writer(path);
        writer.publish(next_release(writer, false));
        if (!trouble.empty()) break;
      }
    } catch (const Error& error) {
      trouble = std::string("writer: ") + error.what();
    }
    done = true;
  }
  CHECK(trouble.empty());
  INFO(trouble);
  CHECK(opened >= 5);
}

TEST_CASE("no flipped byte of a catalog gives a wrong answer or a crash", "[storage]") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "s";
  publish(path);
  const Store good = Store::open(path);
  const Bytes bytes = read_file(path / "catalog.mdb");
  for (std::size_t at = 0; at < bytes.size(); at += 7) {
    const std::byte bad = bytes[at] ^ static_cast<std::byte>(1 << at % 8);
    patch_file(path / "catalog.mdb", at, ByteSpan(&bad, 1));
    REQUIRE_THROWS_AS(Store::open(path), Error);
    patch_file(path / "catalog.mdb", at, ByteSpan(bytes).subspan(at, 1));
  }
  CHECK(Store::open(path).catalog() == good.catalog());
}

TEST_CASE("a missing or damaged data file is an error that names it", "[storage]") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "s";
  publish(path);
  const fs::path file = path / shards_file_name(1, 0);
  const Bytes bytes = read_file(file);
  const std::byte bad = ~bytes[100];
  patch_file(file, 100, ByteSpan(&bad, 1));
  const Store store = Store::open(path);
  for (int time = 0; time < 2; ++time) {
    const Error damaged = error_of([&] { (void)store.file(shards_file_name(1, 0)); });
    CHECK(damaged.code() == ErrorCode::kCorrupt);
    CHECK_THAT(damaged.what(), Catch::Contains(file.string()));
  }
  CHECK(value_of(store, codes_file_name(1)) == "of release 1");
  patch_file(file, 100, ByteSpan(bytes).subspan(100, 1));
  CHECK(value_of(store, shards_file_name(1, 0)) == "of release 1");
  fs::resize_file(file, bytes.size() - 1);
  const Error cut = error_of([&] { Store::open(path); });
  CHECK(cut.code() == ErrorCode::kCorrupt);
  CHECK_THAT(cut.what(), Catch::Contains(file.string()));
  fs::remove(file);
  CHECK_THAT(error_of([&] { Store::open(path); }).what(), Catch::Contains(file.string()));
}

TEST_CASE("readers open a store that they may not write to; writers are told", "[storage]") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "s";
  publish(path);
  const auto names = names_in(path);
  constexpr fs::perms kReadAll =
      fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read;
  constexpr fs::perms kEnterAll =
      fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
  for (const auto& name : names) fs::permissions(path / name, kReadAll);
  fs::permissions(path, kReadAll | kEnterAll);
  fs::permissions(directory.path(), kReadAll | kEnterAll | fs::perms::owner_write);
  const int code = in_child([&] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) return 0;  // root may write everywhere
    if (Store::open(path).release().number != 1) return 1;
    const Error error = error_of([&] { StoreWriter(directory / "s"); });
    if (error.code() != ErrorCode::kIo) return 2;
    return std::string_view(error.what()).find("Permission denied") == std::string_view::npos ? 3
                                                                                              : 0;
  });
  fs::permissions(path, fs::perms::owner_all);
  CHECK(code == 0);
  CHECK(names_in(path) == names);
}
