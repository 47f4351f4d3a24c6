// SPDX-License-Identifier: Apache-2.0
// Where results go: standard output, or a file that is there whole or not at all.
#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace anam::cli {

/// Whoever read standard output has seen enough. No error, but there is nothing left to do.
class ClosedOutput : public std::exception {};

/// Buffered. One thread at a time. Throws Error(kIo) or Error(kFull) when bytes cannot be written,
/// ClosedOutput when nobody reads them.
class Output {
 public:
  /// Standard output, or a file, which appears under its name when finish() has all of it.
  explicit Output(const std::optional<std::string>& file = std::nullopt);
  /// What finish() has not completed is removed, or not printed.
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(std::string_view text) {
    buffer_.append(text);
    if (buffer_.size() >= kBuffer) flush();
  }
  void flush();
  void finish();

 private:
  static constexpr std::size_t kBuffer = std::size_t{1} << 18;

  std::string buffer_;
  std::filesystem::path file_;       // empty: standard output
  std::filesystem::path temporary_;  // empty: written in place
  int fd_;
};

/// To be called first: a standard descriptor that is closed must not become the number of a file
/// that is opened later.
void guard_standard_descriptors();

}  // namespace anam::cli
