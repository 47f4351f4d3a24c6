// SPDX-License-Identifier: Apache-2.0
#include "tools/import/import_run.h"

#include <algorithm>
#include <system_error>
#include <thread>

#include "storage/error.h"

namespace anam {
namespace {

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::vector<std::filesystem::path> list_directory(const std::filesystem::path& directory,
                                                  const std::vector<std::string_view>& endings) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = lower(it->path().filename().string());
    const bool wanted = std::any_of(endings.begin(), endings.end(), [&name](std::string_view e) {
      return std::string_view(name).ends_with(e);
    });
    if (wanted && !it->is_directory()) files.push_back(it->path());
  }
  if (error)
    fail(ErrorCode::kIo, "cannot list the directory: " + error.message(), directory.string());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<std::filesystem::path> list_input_files(const std::vector<std::filesystem::path>& paths,
                                                    const std::vector<std::string_view>& endings) {
  std::vector<std::filesystem::path> files;
  for (const std::filesystem::path& path : paths) {
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) {
      fail(ErrorCode::kInput, "there is no such file or directory", path.string());
    }
    if (!std::filesystem::is_directory(status)) {
      files.push_back(path);
      continue;
    }
    const std::vector<std::filesystem::path> found = list_directory(path, endings);
    if (found.empty()) {
      std::string expected;
      for (const std::string_view ending : endings) {
        expected += expected.empty() ? " (*" : ", *";
        expected += ending;
      }
      fail(ErrorCode::kInput, "the directory has no input files" + expected + ")", path.string());
    }
    files.insert(files.end(), found.begin(), found.end());
  }
  if (files.empty()) fail(ErrorCode::kUsage, "no input is named; give files or directories");
  return files;
}

std::uint64_t size_of_file(const std::filesystem::path& file) {
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(file, error);
  return error ? 0 : size;
}

std::uint64_t guess_rows(const std::filesystem::path& file, std::uint64_t bytes_per_row) {
  const bool compressed = lower(file.extension().string()) == ".gz";
  return size_of_file(file) * (compressed ? 8 : 1) / bytes_per_row;
}

void FileReport::add(const FileReport& part) {
  file = part.file;
  rows += part.rows;
  loaded += part.loaded;
  bad += part.bad;
  for (const auto& [rule, n] : part.skipped) skipped[rule] += n;
  for (const auto& [remark, n] : part.noted) noted[remark] += n;
  ignored_columns = part.ignored_columns;
}

ImportRun::ImportRun(const ImportOptions& options, std::uint64_t total)
    : options_(options), bad_rows_(options.max_bad_rows, options.bad_rows_file), total_(total) {}

void ImportRun::advance(std::uint64_t bytes) {
  if (stop_ || (options_.cancel != nullptr && *options_.cancel)) {
    fail(ErrorCode::kCancelled, "stopped while reading input");
  }
  if (bytes == 0 || !options_.progress) return;
  const std::lock_guard lock(mutex_);
  done_ += bytes;
  options_.progress(std::min(done_, total_), total_);
}

void ImportRun::for_each(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  const auto run = [&]() {
    for (std::size_t i = next++; i < count && !stop_; i = next++) {
      try {
        work(i);
      } catch (...) {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::current_exception();  // later ones follow from stop_
        stop_ = true;
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    const std::size_t wanted = std::min<std::size_t>(options_.threads, count);
    for (std::size_t t = 1; t < wanted; ++t) threads.emplace_back(run);
    run();
  }
  if (failure_) std::rethrow_exception(failure_);
}

std::size_t ImportRun::lanes(const std::filesystem::path& file) const {
  if (lower(file.extension().string()) == ".gz") return 1;
  return std::clamp<std::uint64_t>(
      size_of_file(file) / std::max<std::uint64_t>(options_.lane_bytes, 1), 1,
      std::max(1U, options_.threads));
}

std::vector<FileReport> ImportRun::read_files(
    const std::vector<std::filesystem::path>& files,
    const std::function<SharedCsv(std::size_t)>& open,
    const std::function<FileReport(std::size_t, const SharedCsv&)>& read) {
  struct Shared {
    std::mutex mutex;
    SharedCsv csv;
    std::size_t to_come = 0;  // threads that have not begun
    FileReport report;
  };
  std::vector<Shared> shared(files.size());
  std::vector<std::size_t> jobs;
  for (std::size_t i = 0; i < files.size(); ++i) {
    shared[i].to_come = lanes(files[i]);
    jobs.insert(jobs.end(), shared[i].to_come, i);
  }
  for_each(jobs.size(), [&](std::size_t job) {
    const std::size_t i = jobs[job];
    Shared& mine = shared[i];
    SharedCsv csv;
    {
      const std::lock_guard lock(mine.mutex);
      if (!mine.csv) mine.csv = open(i);
      csv = mine.csv;
      if (--mine.to_come == 0) mine.csv.reset();
    }
    const FileReport part = read(i, csv);
    const std::lock_guard lock(mine.mutex);
    mine.report.add(part);
  });
  std::vector<FileReport> reports;
  for (Shared& file : shared) reports.push_back(std::move(file.report));
  return reports;
}

}  // namespace anam
