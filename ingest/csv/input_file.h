// SPDX-License-Identifier: Apache-2.0
// Reads a file from front to back, plain or gzip.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace anam {

/// Reads a plain or gzip file (told by its first bytes; several gzip members follow one another) as
/// one stream of bytes. One thread at a time; separate objects are independent. All errors name the
/// file: Error(kIo) when the system refuses, Error(kInput) when the compressed data is cut short,
/// damaged, followed by something else, or compressed by another program than gzip.
class InputFile {
 public:
  /// Opens the file. Throws when it is missing, unreadable or a directory.
  explicit InputFile(const std::string& path);
  ~InputFile();
  InputFile(InputFile&&) noexcept;
  InputFile& operator=(InputFile&&) noexcept;

  /// Fills up to `capacity` bytes with the (decompressed) content and returns how many; less than
  /// `capacity` only at the end.
  std::size_t read(char* to, std::size_t capacity);

  const std::string& path() const;
  bool is_gzip() const;

  /// Progress: bytes taken from the file (compressed ones if it is), and the file's size when
  /// opened (0 for a pipe).
  std::uint64_t bytes_consumed() const;
  std::uint64_t size() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace anam
