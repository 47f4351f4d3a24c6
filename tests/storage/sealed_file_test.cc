// SPDX-License-Identifier: Apache-2.0
#include "storage/sealed_file.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "storage/checked_value.h"
#include "tests/temporary_directory.h"

using namespace anam;
using anam::testing::patch_file;
using anam::testing::read_file;
using anam::testing::TemporaryDirectory;
using anam::testing::write_file;

namespace {

using Model = std::map<std::string, std::string>;

Seal write(const std::filesystem::path& path, const Model& model) {
  SealedFileWriter writer(path);
  for (const auto& [key, value] : model)
    writer.append(as_bytes(key), checked_value(as_bytes(key), as_bytes(value)));
  return writer.finish();
}

std::string payload(const SealedFile& file, std::string_view key, ByteSpan value) {
  return std::string(as_text(open_checked_value(as_bytes(key), value, file.path())));
}

/// All of a file's keys and values, forwards.
Model contents(const SealedFile& file) {
  Model found;
  for (SealedFile::Cursor cursor = file.cursor(); cursor.next();) {
    const std::string key(as_text(cursor.key()));
    found[key] = payload(file, key, cursor.value());
  }
  return found;
}

template <typename F>
Error error_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("no Error was thrown");
}

std::string random_text(std::mt19937_64& random, std::size_t size) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

Model random_model(std::mt19937_64& random, std::size_t keys, std::size_t largest) {
  Model model;
  while (model.size() < keys) {
    const std::size_t size = std::uniform_int_distribution<std::size_t>(0, largest)(random);
    model[random_text(random, 1 + random() % 40)] =
        random_text(random, random() % 4 == 0 ? size : size % 100);
  }
  return model;
}

}  // namespace

TEST_CASE("a sealed file gives back what was written, in both directions", "[storage]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const TemporaryDirectory directory;
  Model model = random_model(random, 2000, 20000);
  model[std::string(kMaxKeySize, '\xff')] = "longest key";
  model[std::string(1, '\0')] = "";
  const Seal seal = write(directory / "f", model);
  CHECK(std::filesystem::file_size(directory / "f") == seal.size);

  const auto file = SealedFile::open(directory / "f", seal);
  CHECK(file->size() == model.size());
  CHECK(file->seal() == seal);
  CHECK(contents(*file) == model);
  auto expected = model.rbegin();
  for (SealedFile::Cursor cursor = file->cursor(); cursor.prev(); ++expected) {
    REQUIRE(as_text(cursor.key()) == expected->first);
  }
  CHECK(expected == model.rend());

  for (const auto& [key, value] : model) {
    const std::optional<ByteSpan> found = file->find(as_bytes(key));
    REQUIRE(found);
    file->will_need(*found);
    REQUIRE(payload(*file, key, *found) == value);
  }
  SealedFile::Cursor cursor = file->cursor();
  for (int i = 0; i < 5000; ++i) {
    const std::string key = random_text(random, 1 + random() % 4);
    const auto ge = model.lower_bound(key);
    REQUIRE(file->find(as_bytes(key)).has_value() == model.contains(key));
    REQUIRE(cursor.seek_ge(as_bytes(key)) == (ge != model.end()));
    if (ge != model.end()) REQUIRE(as_text(cursor.key()) == ge->first);
    const auto gt = model.upper_bound(key);
    REQUIRE(cursor.seek_le(as_bytes(key)) == (gt != model.begin()));
    if (gt != model.begin()) {
      REQUIRE(as_text(cursor.key()) == std::prev(gt)->first);
      REQUIRE(cursor.next() == (gt != model.end()));
      if (gt != model.end()) REQUIRE(as_text(cursor.key()) == gt->first);
    }
  }
}

TEST_CASE("an empty file has no keys", "[storage]") {
  const TemporaryDirectory directory;
  const auto file = SealedFile::open(directory / "f", write(directory / "f", {}));
  CHECK(file->size() == 0);
  CHECK_FALSE(file->find(as_bytes("x")));
  SealedFile::Cursor cursor = file->cursor();
  CHECK_FALSE(cursor.next());
  CHECK_FALSE(cursor.seek_ge(as_bytes("x")));
  CHECK_FALSE(cursor.seek_ge({}));
  CHECK_FALSE(cursor.seek_le(as_bytes("x")));
  CHECK_FALSE(cursor.prev());
}

TEST_CASE("a cursor that moved off the end stays nowhere until it seeks", "[storage]") {
  const TemporaryDirectory directory;
  const auto file =
      SealedFile::open(directory / "f", write(directory / "f", {{"b", "1"}, {"d", "2"}}));
  SealedFile::Cursor cursor = file->cursor();
  REQUIRE(cursor.seek_ge({}));
  CHECK(as_text(cursor.key()) == "b");
  REQUIRE(cursor.next());
  CHECK_FALSE(cursor.next());
  CHECK_FALSE(cursor.next());
  CHECK_FALSE(cursor.prev());
  REQUIRE(cursor.seek_le(as_bytes("z")));
  CHECK(as_text(cursor.key()) == "d");
  CHECK_FALSE(cursor.seek_le(as_bytes("a")));
  CHECK_FALSE(cursor.seek_le({}));
  SealedFile::Cursor other = std::move(cursor);
  REQUIRE(other.seek_ge(as_bytes("c")));
  cursor = std::move(other);
  CHECK(as_text(cursor.key()) == "d");
}

TEST_CASE("the writer refuses keys that cannot be", "[storage]") {
  const TemporaryDirectory directory;
  SealedFileWriter writer(directory / "f");
  writer.append(as_bytes("b"), {});
  const std::string bad =
      GENERATE(std::string(), std::string("a"), std::string("b"), std::string(512, 'c'));
  const Error error = error_of([&] { writer.append(as_bytes(bad), {}); });
  CHECK(error.code() == ErrorCode::kUsage);
  CHECK_THAT(error.what(), Catch::Contains((directory / "f").string()));
}

TEST_CASE("a file that was not finished is removed, one that was there is not touched",
          "[storage]") {
  const TemporaryDirectory directory;
  {
    SealedFileWriter writer(directory / "f");
    writer.append(as_bytes("a"), {});
    SealedFileWriter moved = std::move(writer);
    moved.append(as_bytes("b"), {});
    CHECK(std::filesystem::exists(directory / "f"));
  }
  CHECK_FALSE(std::filesystem::exists(directory / "f"));
  write(directory / "f", {{"a", "1"}});
  const Bytes before = read_file(directory / "f");
  CHECK(error_of([&] { SealedFileWriter(directory / "f"); }).code() == ErrorCode::kIo);
  CHECK(read_file(directory / "f") == before);
}

TEST_CASE("commits in between lose nothing", "[storage]") {
  const TemporaryDirectory directory;
  SealedFileWriter writer(directory / "f");
  const Bytes value(1 << 20, std::byte{7});
  std::vector<Bytes> keys;
  for (std::uint32_t i = 0; i < 140; ++i) {  // three transactions
    Bytes key(4);
    for (unsigned b = 0; b < 4; ++b) key[b] = static_cast<std::byte>(i >> (24 - 8 * b));
    writer.append(key, value);
    writer.append(as_bytes(std::string(as_text(key)) + "small"), as_bytes("x"));
    keys.push_back(key);
  }
  const std::uint64_t about = writer.bytes();
  const Seal seal = writer.finish();
  CHECK(writer.bytes() == seal.size);
  CHECK(static_cast<double>(about) == Approx(static_cast<double>(seal.size)).epsilon(0.01));
  const auto file = SealedFile::open(directory / "f", seal, SealedFile::Access::kSequential);
  CHECK(file->size() == 280);
  for (const Bytes& key : keys) {
    const auto found = file->find(key);
    REQUIRE(found);
    REQUIRE(found->size() == value.size());
    REQUIRE(std::equal(found->begin(), found->end(), value.begin()));
  }
}

TEST_CASE("no flipped byte gives a wrong answer or a crash", "[storage]") {
  const TemporaryDirectory directory;
  Model model;
  for (int i = 0; i < 60; ++i)
    model["key " + std::to_string(i)] = std::string(static_cast<std::size_t>(i * 3), 'v');
  model["large 1"] = std::string(3000, 'a');
  model["large 2"] = std::string(5000, 'b');
  const Seal seal = write(directory / "f", model);
  const Bytes good = read_file(directory / "f");
  int refused_at_opening = 0;
  int refused_at_reading = 0;
  std::size_t last = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    // All of the seal and of each page's header; the rest, where one byte is like another, in part.
    const bool telling = at % 4096 < 64 || at > good.size() - 256;
    if (!telling && at % 5 != 0) continue;
    const std::byte bad = at % 16 == 5 ? ~good[at] : good[at] ^ static_cast<std::byte>(1 << at % 8);
    patch_file(directory / "f", last, ByteSpan(good).subspan(last, 1));
    last = at;
    patch_file(directory / "f", at, ByteSpan(&bad, 1));
    std::shared_ptr<SealedFile> file;
    try {
      file = SealedFile::open(directory / "f", seal);
    } catch (const Error& error) {
      ++refused_at_opening;
      REQUIRE((error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kVersion));
      REQUIRE_THAT(error.what(), Catch::Contains((directory / "f").string()));
      continue;
    }
    try {
      if (contents(*file) != model) FAIL("wrong answer after a flip at " << at);
    } catch (const Error& error) {
      ++refused_at_reading;
      REQUIRE(error.code() == ErrorCode::kCorrupt);
      REQUIRE_THAT(error.what(), Catch::Contains("key 6c61726765"));  // "large"
    }
  }
  CHECK(refused_at_opening > 2 * 4096 / 5);
  CHECK(refused_at_reading > (3000 + 5000) / 5);
}

TEST_CASE("a cut or padded file is refused", "[storage]") {
  const TemporaryDirectory directory;
  const Seal seal = write(directory / "f", {{"a", "1"}, {"b", std::string(5000, 'b')}});
  const Bytes good = read_file(directory / "f");
  for (std::size_t size = good.size() + 100; size-- > 0;) {
    if (size == good.size() || (size < good.size() - 200 && size % 61 > 1)) continue;
    std::filesystem::resize_file(directory / "f", size);
    REQUIRE(error_of([&] { SealedFile::open(directory / "f", std::nullopt); }).code() ==
            ErrorCode::kCorrupt);
    REQUIRE(error_of([&] { SealedFile::open(directory / "f", seal); }).code() ==
            ErrorCode::kCorrupt);
  }
}

TEST_CASE("a file must be the one that was expected", "[storage]") {
  const TemporaryDirectory directory;
  const Seal a = write(directory / "a", {{"k", "1"}});
  const Seal b = write(directory / "b", {{"k", "2"}});
  REQUIRE(a.size == b.size);
  CHECK(a.checksum != b.checksum);
  CHECK_NOTHROW(SealedFile::open(directory / "a", a));
  CHECK(error_of([&] { SealedFile::open(directory / "a", b); }).code() == ErrorCode::kCorrupt);
}

TEST_CASE("what is no file of a store is refused with a message", "[storage]") {
  const TemporaryDirectory directory;
  write_file(directory / "text", as_bytes(std::string(10000, 'x')));
  CHECK(error_of([&] { SealedFile::open(directory / "text", std::nullopt); }).code() ==
        ErrorCode::kCorrupt);
  CHECK(error_of([&] { SealedFile::open(directory.path(), std::nullopt); }).code() ==
        ErrorCode::kCorrupt);
  const Error missing = error_of([&] { SealedFile::open(directory / "none", std::nullopt); });
  CHECK(missing.code() == ErrorCode::kIo);
  CHECK_THAT(missing.what(), Catch::Contains("No such file") && Catch::Contains("none"));
}

TEST_CASE("a seal of a newer version says so", "[storage]") {
  const TemporaryDirectory directory;
  write(directory / "f", {{"a", "1"}});
  Bytes bytes = read_file(directory / "f");
  bytes[bytes.size() - 48] = std::byte{2};
  write_file(directory / "f", bytes);
  CHECK(error_of([&] { SealedFile::open(directory / "f", std::nullopt); }).code() ==
        ErrorCode::kVersion);
}

TEST_CASE("a value under another key is found out", "[storage]") {
  const Bytes value = checked_value(as_bytes("a"), as_bytes("payload"));
  CHECK(as_text(open_checked_value(as_bytes("a"), value, "f")) == "payload");
  CHECK(error_of([&] { open_checked_value(as_bytes("b"), value, "f"); }).code() ==
        ErrorCode::kCorrupt);
  for (std::size_t size = 0; size < value.size(); ++size) {
    const Error error =
        error_of([&] { open_checked_value(as_bytes("a"), ByteSpan(value).first(size), "f"); });
    CHECK(error.code() == ErrorCode::kCorrupt);
    CHECK_THAT(error.what(), Catch::Contains("f, key 61"));
  }
}

TEST_CASE("what was opened stays readable, and no lock file appears", "[storage]") {
  const TemporaryDirectory directory;
  const Model model = {{"a", "1"}, {"b", std::string(100000, 'b')}};
  const auto file = SealedFile::open(directory / "f", write(directory / "f", model));
  int names = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path()))
    names += entry.exists();
  CHECK(names == 1);
  std::filesystem::remove(directory / "f");
  CHECK(contents(*file) == model);
}

TEST_CASE("many threads read one file", "[storage]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const TemporaryDirectory directory;
  const Model model = random_model(random, 300, 5000);
  const auto file = SealedFile::open(directory / "f", write(directory / "f", model));
  std::vector<int> good(8);
  {
    std::vector<std::jthread> threads;
    for (int& ok : good) {
      threads.emplace_back([&] {
        for (int round = 0; round < 5; ++round) {
          bool same = contents(*file) == model;
          for (const auto& [key, value] : model) {
            const auto found = file->find(as_bytes(key));
            same = same && found && payload(*file, key, *found) == value;
          }
          ok += same ? 1 : 0;
        }
      });
    }
  }
  CHECK(good == std::vector<int>(8, 5));
}

namespace {

/// What `child` returns, run in a process of its own.
int in_child(const std::function<int()>& child) {
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) ::_exit(child());
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

constexpr int kCannotTry = 77;

/// Writes more than there is room for; the code of the Error, 0 if there is none, 100 if it left
/// the file.
int fill(const std::filesystem::path& path, std::string_view reason) {
  try {
    SealedFileWriter writer(path);
    for (char c = 'a'; c <= 'z'; ++c) writer.append(as_bytes(std::string(1, c)), Bytes(1 << 20));
    writer.finish();
  } catch (const Error& error) {
    const std::string_view message = error.what();
    if (message.find(reason) == message.npos || message.find(path.string()) == message.npos)
      return 101;
    return std::filesystem::exists(path) ? 100 : static_cast<int>(error.code());
  }
  return 0;
}

}  // namespace

TEST_CASE("a write that the system cuts short is Error(kFull) with its reason, and leaves no file",
          "[storage]") {
  const TemporaryDirectory directory;
  CHECK(in_child([&] {
          const rlimit limit = {8 << 20, 8 << 20};
          (void)::signal(SIGXFSZ, SIG_IGN);
          (void)::setrlimit(RLIMIT_FSIZE, &limit);
          return fill(directory / "f", "File too large");
        }) == static_cast<int>(ErrorCode::kFull));
}

TEST_CASE("a full disk is found before LMDB runs into it", "[storage]") {
  const TemporaryDirectory directory;
  const int code = in_child([&] {
    const std::string user = "0 " + std::to_string(::geteuid()) + " 1";
    const std::string group = "0 " + std::to_string(::getegid()) + " 1";
    if (::unshare(CLONE_NEWNS) != 0) {
      if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return kCannotTry;
      std::ofstream("/proc/self/uid_map") << user;
      std::ofstream("/proc/self/setgroups") << "deny";
      std::ofstream("/proc/self/gid_map") << group;
    }
    // Private, so that nobody else sees the disk.
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return kCannotTry;
    if (::mount("none", directory.path().c_str(), "tmpfs", 0, "size=12m") != 0) return kCannotTry;
    return fill(directory / "f", "disk is full");
  });
  if (code == kCannotTry) {
    WARN("skipped: this system does not let a test mount a small disk");
  } else {
    CHECK(code == static_cast<int>(ErrorCode::kFull));
  }
}

TEST_CASE("a file that may not be read is an error with the reason", "[storage]") {
  const TemporaryDirectory directory;
  write(directory / "f", {{"a", "1"}});
  std::filesystem::permissions(directory.path(), std::filesystem::perms::all);
  std::filesystem::permissions(directory / "f", std::filesystem::perms::none);
  const int code = in_child([&] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) return kCannotTry;  // root may read everything
    const Error error = error_of([&] { SealedFile::open(directory / "f", std::nullopt); });
    if (std::string_view(error.what()).find("Permission denied") == std::string_view::npos)
      return 101;
    return static_cast<int>(error.code());
  });
  CHECK(code == static_cast<int>(ErrorCode::kIo));
}
