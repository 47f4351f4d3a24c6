// SPDX-License-Identifier: Apache-2.0
#include "ingest/csv/input_file.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "storage/error.h"
#include "tests/ingest/csv/scratch_file.h"

using namespace anam;

namespace {

std::string read_all(const std::string& path, std::size_t step) {
  InputFile file(path);
  std::string content;
  for (;;) {
    const std::size_t before = content.size();
    content.resize(before + step);
    const std::size_t got = file.read(content.data() + before, step);
    content.resize(before + got);
    if (got < step) break;
  }
  if (file.bytes_consumed() != file.size()) throw std::runtime_error("not all bytes were consumed");
  return content;
}

std::string message_of(const std::string& path, ErrorCode code) {
  try {
    read_all(path, 4096);
  } catch (const Error& error) {
    CHECK(error.code() == code);
    return error.what();
  }
  return "no error";
}

std::string random_text(std::size_t size) {
  std::mt19937 random(7);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>("abcdefgh,\n"[random() % 10]);
  return text;
}

}  // namespace

TEST_CASE("plain and compressed files read the same, in any steps", "[ingest]") {
  const std::string text = random_text(700000);
  const ScratchFile plain(text);
  const ScratchFile one(gzip(text), ".csv.gz");
  const ScratchFile many(gzip(text.substr(0, 1)) + gzip("") + gzip(text.substr(1, 300000)) +
                         gzip(text.substr(300001)));
  const ScratchFile padded(gzip(text) + std::string(1000, '\0'));
  for (const std::size_t step : {997U, 65536U, 1U << 20}) {
    CHECK(read_all(plain.path(), step) == text);
    CHECK(read_all(one.path(), step) == text);
    CHECK(read_all(many.path(), step) == text);
    CHECK(read_all(padded.path(), step) == text);
  }
  CHECK(InputFile(one.path()).is_gzip());
  CHECK_FALSE(InputFile(plain.path()).is_gzip());
}

TEST_CASE("small and empty files are read", "[ingest]") {
  for (const char* text : {"", "a", "abcde", "abcdef", "abcdefg"}) {
    CHECK(read_all(ScratchFile(text).path(), 3) == text);
    CHECK(read_all(ScratchFile(gzip(text)).path(), 3) == text);
  }
}

TEST_CASE("progress counts compressed bytes", "[ingest]") {
  const ScratchFile file(gzip(random_text(3000000)));
  InputFile input(file.path());
  CHECK(input.bytes_consumed() == 0);
  std::string some(1000000, '\0');
  input.read(some.data(), some.size());
  CHECK(input.bytes_consumed() > input.size() / 4);
  CHECK(input.bytes_consumed() < input.size() / 2);
}

TEST_CASE("files that cannot be read are named with the reason", "[ingest]") {
  CHECK(message_of("/nowhere/at/all.csv", ErrorCode::kIo) ==
        "cannot open file: /nowhere/at/all.csv: No such file or directory");
  const std::string folder = std::filesystem::temp_directory_path().string();
  CHECK(message_of(folder, ErrorCode::kInput) == "a file is expected, not a directory: " + folder);
  if (::geteuid() != 0) {
    const ScratchFile closed("a");
    std::filesystem::permissions(closed.path(), std::filesystem::perms::none);
    CHECK(message_of(closed.path(), ErrorCode::kIo) ==
          "cannot open file: " + closed.path() + ": Permission denied");
  }
  const ScratchFile zip(std::string_view("PK\x03\x04rest", 8));
  CHECK(message_of(zip.path(), ErrorCode::kInput) ==
        "only plain and gzip files can be read; decompress the file first: " + zip.path() +
            ": is a zip file");
}

TEST_CASE("damaged compressed files are errors at every cut", "[ingest]") {
  const std::string text = random_text(2000);
  const std::string whole = gzip(text);
  for (std::size_t length = 2; length < whole.size(); ++length) {
    const ScratchFile cut(whole.substr(0, length));
    const std::string message = message_of(cut.path(), ErrorCode::kInput);
    if (message != "compressed file ends too early; was its transfer complete?: " + cut.path() +
                       ": after " + std::to_string(length) + " bytes") {
      FAIL("cut at " << length << ": " << message);
    }
  }
  std::string flipped = whole;
  flipped[whole.size() - 6] = static_cast<char>(flipped[whole.size() - 6] ^ 1);  // the checksum
  const ScratchFile damaged(flipped);
  CHECK(message_of(damaged.path(), ErrorCode::kInput) ==
        "compressed data is damaged: " + damaged.path() + ": before byte " +
            std::to_string(whole.size() - 4) + ": incorrect data check");
  const ScratchFile followed(whole + "rubbish");
  CHECK(message_of(followed.path(), ErrorCode::kInput) ==
        "compressed file goes on with something that is not gzip: " + followed.path() +
            ": before byte " + std::to_string(whole.size()));
}
