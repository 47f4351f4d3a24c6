// SPDX-License-Identifier: Apache-2.0
// A directory of small OMOP tables, written by a test, and the import of it.
#pragma once

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>

#include "storage/error.h"
#include "tests/tools/import/recording_sink.h"
#include "tools/import/omop_import.h"

namespace anam::test {

class OmopDirectory {
 public:
  OmopDirectory() {
    static std::atomic<int> number = 0;
    path = std::filesystem::temp_directory_path() /
           ("anam_omop_" + std::to_string(::getpid()) + "_" + std::to_string(number++));
    std::filesystem::create_directories(path);
  }
  ~OmopDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  OmopDirectory(const OmopDirectory&) = delete;
  OmopDirectory& operator=(const OmopDirectory&) = delete;

  OmopDirectory& write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << text;
    return *this;
  }

  /// Persons 1 and 2, and nothing about them.
  OmopDirectory& write_persons() {
    return write("person.csv", "person_id,year_of_birth\n1,1950\n2,1960\n");
  }

  std::filesystem::path path;
};

/// An import of a directory into a sink that records.
struct OmopRecording {
  explicit OmopRecording(const std::filesystem::path& path, ImportOptions options = {})
      : sink(std::filesystem::temp_directory_path()) {
    options.paths = {path};
    OmopImport import(std::move(options));
    report = import.run(sink);
  }

  /// The accounts of a file, by its name.
  const FileReport& file(const std::string& name) const {
    for (const FileReport& found : report.files) {
      if (std::filesystem::path(found.file).filename() == name) return found;
    }
    throw std::out_of_range("no report of " + name);
  }

  RecordingSink sink;
  ImportReport report;
};

/// The message of the Error that `action` throws; empty when it throws none.
template <class Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace anam::test
