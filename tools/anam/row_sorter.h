// SPDX-License-Identifier: Apache-2.0
// Cohort rows from all shards, put in order within a given memory.
#pragma once

#include <compare>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/event.h"

namespace anam::cli {

/// A row of a cohort for output. Patients whose ids are integers come first, in the order of
/// numbers.
struct OutputRow {
  std::uint32_t definition = 0;  // in the order of output
  bool text = false;             // the patient's id is no integer
  std::int64_t number = 0;       // unless text
  std::string id;                // if text
  Day start = 0;
  Day end = 0;
  std::uint64_t number_added = 0;  // rows that are equal stay in the order of add()
  auto operator<=>(const OutputRow&) const = default;
};

/// Takes rows in any order and gives them sorted. What exceeds the memory goes to temporary files,
/// which nobody else sees; each takes a buffer of 4 KiB. One thread at a time.
class RowSorter {
 public:
  explicit RowSorter(std::uint64_t memory) : memory_(memory) {}

  /// `attached` is given back with the row.
  void add(std::uint32_t definition, std::string_view patient, Day start, Day end,
           std::string_view attached = {});
  /// Once, after the last add(). What is attached is valid until `f` returns.
  void for_each(const std::function<void(const OutputRow&, std::string_view attached)>& f);

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, CloseFile>;

  /// A run's first row that was not given yet.
  struct Head {
    OutputRow row;
    std::string attached;
  };

  /// Rows in order, in a temporary file. `level`: how often they were merged.
  struct Run {
    File file;
    int level = 0;
  };
  using TakeRow = std::function<void(const OutputRow&, std::string_view attached)>;

  static File open_temporary();
  void spill();
  void merge_last();
  /// Gives the rows of runs in order.
  static void merge(std::span<Run> runs, const TakeRow& f);
  std::string_view attached_to(const OutputRow& row) const;
  static bool read(std::FILE* file, Head& head);

  std::uint64_t memory_;
  std::uint64_t bytes_ = 0;
  std::uint64_t added_ = 0;
  std::vector<OutputRow> rows_;
  std::string attached_;  // of rows_, in the order of add(); where any has some
  std::vector<std::size_t> attached_ends_;
  std::vector<Run> runs_;  // levels descend
};

}  // namespace anam::cli
