// SPDX-License-Identifier: Apache-2.0
// CSV files that grow window by window, the same ones whatever the threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "storage/event.h"

namespace anam::generate {

/// Appends cells to a text. Cells are plain: names are quoted where they must be.
class CsvText {
 public:
  explicit CsvText(std::string& text) : text_(text) {}

  CsvText& cell(std::string_view text);  // quoted where it must be
  CsvText& cell(std::int64_t number);
  CsvText& empty() { return comma(); }
  CsvText& date(Day day);
  /// number / 10^scale with all its decimals.
  CsvText& decimal(std::int64_t number, unsigned scale);
  void end_line() {
    text_ += '\n';
    first_ = true;
  }

 private:
  CsvText& comma() {
    if (!first_) text_ += ',';
    first_ = false;
    return *this;
  }
  std::string& text_;
  bool first_ = true;
};

/// Files of one directory. append() may be called by several threads; what windows add is written
/// in the order of their numbers.
class CsvFolder {
 public:
  /// Creates the directory; Error(kInput) when it has files already.
  CsvFolder(std::filesystem::path directory, bool compressed);

  /// The lines of one window, by file name without suffix; a name may have a directory.
  using Texts = std::map<std::string, std::string>;
  /// What a new file begins with.
  void header(const std::string& name, std::string line);
  /// REQUIRES: each number from 0 on comes once.
  void append(std::uint64_t number, Texts texts);
  /// A whole file.
  void write(const std::string& name, const std::string& text);
  /// Throws when a window is missing.
  void finish();

 private:
  std::filesystem::path path(const std::string& name) const;
  std::string packed(const std::string& text) const;
  void add(const std::string& name, const std::string& bytes);

  std::filesystem::path directory_;
  bool compressed_;
  std::map<std::string, std::string> headers_;  // packed; by the part of the name before '/' or '-'
  std::mutex mutex_;
  std::map<std::uint64_t, Texts> waiting_;  // packed
  std::uint64_t next_ = 0;
};

}  // namespace anam::generate
