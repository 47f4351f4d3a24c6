// SPDX-License-Identifier: Apache-2.0
#include "query/read/verify.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>

#include "query/read/verify_shard.h"
#include "storage/catalog.h"
#include "storage/checked_value.h"
#include "storage/error.h"
#include "storage/format.h"

namespace anam {
namespace {

using verification::PatientKeys;

/// What a shard file turned out to hold.
struct FileFacts {
  bool sound = false;
  std::map<std::uint32_t, ShardHeader> headers;
};

class Verification {
 public:
  Verification(const std::filesystem::path& path, const VerifyOptions& options)
      : path_(path), options_(options) {
    const auto catalog_file = path / file_name::kCatalog;
    std::error_code none;
    if (!std::filesystem::exists(catalog_file, none))
      fail(ErrorCode::kUsage, "there is no such store", path.string());
    catalog_ = read_catalog(*SealedFile::open(catalog_file, std::nullopt));
    for (const Release& release : catalog_.releases) {
      if (!options.release || release.number == *options.release) releases_.push_back(&release);
    }
    if (options.release && releases_.empty())
      fail(ErrorCode::kUsage, "the store has no such release", std::to_string(*options.release));
  }

  VerifyReport run() {
    collect_files();
    // Codes first: the others name them.
    for (auto& entry : files_) {
      File& file = entry.second;
      if (file.stored->kind == StoreFile::Kind::kCodes)
        guarded(entry.first, [&] { check_codes(file); });
    }
    check_shard_files();
    for (const Release* release : releases_) {
      guarded(file_name::kCatalog, [&] { check_release(*release); });
    }
    report_.releases = releases_.size();
    report_.files = files_.size() + 1;
    if (!releases_.empty()) report_.patients = releases_.back()->patients;
    return report_;
  }

 private:
  struct File {
    const StoreFile* stored = nullptr;
    const Release* release = nullptr;  // the newest that names it
    std::shared_ptr<SealedFile> file;
    std::shared_ptr<CodeTable> codes;  // of a code file
    FileFacts facts;
  };

  void problem(const std::string& what) {
    const std::scoped_lock lock(mutex_);
    ++report_.problem_count;
    if (report_.problems.size() < options_.max_problems) report_.problems.push_back(what);
  }

  void check_cancel() const {
    if (options_.cancel != nullptr && *options_.cancel)
      fail(ErrorCode::kCancelled, "the check was stopped");
  }

  // Every file is gone over twice.
  void advance(std::uint64_t bytes) {
    const std::scoped_lock lock(mutex_);
    done_ += bytes;
    if (options_.progress) options_.progress(std::min(done_, 2 * report_.bytes), 2 * report_.bytes);
  }

  /// Turns an error into a problem that names the place.
  template <typename F>
  void guarded(std::string_view place, F f) {
    try {
      f();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled) throw;
      std::string what = error.what();
      if (what.find(place) == std::string::npos) what += ": " + std::string(place);
      problem(what);
    }
  }

  void collect_files() {
    for (const Release* release : releases_) {
      for (const StoreFile& stored : release->files) {
        File& file = files_[stored.name];
        if (file.stored == nullptr) report_.bytes += stored.seal.size;
        file.stored = &stored;
        file.release = release;
      }
    }
  }

  void check_codes(File& file) {
    const auto path = path_ / file.stored->name;
    file.file = SealedFile::open(path, file.stored->seal, SealedFile::Access::kSequential);
    file.codes = std::make_shared<CodeTable>(file.file);
    const CodeTable& codes = *file.codes;
    const auto known = [&](CodeId id) {
      if (id == kNoCode || id > codes.size())
        fail(ErrorCode::kCorrupt, "a code that is not in the code table", std::to_string(id));
    };
    std::uint64_t values = 0;
    CodeId last = 0;
    codes.for_each_record([&](CodeId id, const CodeRecord&) {
      if (id != last + 1) fail(ErrorCode::kCorrupt, "ids of codes have a gap", std::to_string(id));
      last = id;
      if (++values % 4096 == 0) check_cancel();
    });
    if (last != codes.size())
      fail(ErrorCode::kCorrupt, "code table has fewer records than it says", std::to_string(last));
    codes.for_each_text([&](std::string_view, std::string_view, CodeId id, bool) { known(id); });
    codes.for_each_descendant([&](CodeId above, CodeId below) {
      known(above);
      known(below);
    });
    codes.for_each_mapped([&](CodeId standard, CodeId source) {
      known(standard);
      known(source);
    });
    file.facts.sound = true;
    advance(2 * file.stored->seal.size);
  }

  void check_shard_files() {
    std::vector<File*> todo;
    for (auto& [name, file] : files_) {
      if (file.stored->kind == StoreFile::Kind::kShards) todo.push_back(&file);
    }
    std::atomic<std::size_t> next = 0;
    std::exception_ptr error;
    const auto work = [&] {
      try {
        for (std::size_t i = next++; i < todo.size(); i = next++) {
          guarded(todo[i]->stored->name, [&] { check_shard_file(*todo[i]); });
        }
      } catch (...) {
        const std::scoped_lock lock(mutex_);
        if (!error) error = std::current_exception();
        next = todo.size();
      }
    };
    {
      std::vector<std::jthread> workers;
      for (std::size_t i = 1; i < std::min<std::size_t>(options_.threads, todo.size()); ++i)
        workers.emplace_back(work);
      work();
    }
    if (error) std::rethrow_exception(error);
  }

  void check_shard_file(File& file) {
    const auto codes = files_.find(file.release->codes_file);
    if (codes == files_.end() || !codes->second.codes) {
      problem("cannot check a file without its codes: " + file.stored->name);
      return;
    }
    const CodeTable& table = *codes->second.codes;
    const auto path = path_ / file.stored->name;
    file.file = SealedFile::open(path, file.stored->seal, SealedFile::Access::kSequential);
    const bool sound = check_values(file, table.size());
    if (!sound) return;  // what follows would tell the same again
    for (const std::uint32_t shard : file.stored->shards) {
      check_cancel();
      guarded(file.stored->name + ", shard " + std::to_string(shard), [&] {
        const ShardHeader header = read_shard_header(*file.file, shard);
        verification::check_shard(file.file, header, catalog_.shard_bits, table,
                                  [this](const std::string& what) { problem(what); });
        const std::scoped_lock lock(mutex_);
        report_.events += header.events;
        file.facts.headers.emplace(shard, header);
      });
      advance(file.stored->seal.size / file.stored->shards.size());
    }
    file.facts.sound = file.facts.headers.size() == file.stored->shards.size();
  }

  bool check_values(const File& file, CodeId last_code) {
    bool sound = true;
    std::uint64_t values = 0;
    std::uint64_t pages = 0;
    std::uint64_t bytes = 0;
    SealedFile::Cursor cursor = file.file->cursor();
    while (cursor.next()) {
      check_cancel();
      const ByteSpan key = cursor.key();
      ++values;
      bytes += cursor.value().size();
      guarded("key " + to_hex(key), [&] {
        try {
          pages += verification::check_value(*file.file, key, cursor.value(), last_code);
        } catch (const Error& error) {
          sound = false;
          std::string what = error.what();
          if (what.find(file.stored->name) == std::string::npos) what += ": " + file.stored->name;
          throw Error(error.code(), what);
        }
      });
      if (bytes >= kProgressBytes) {
        advance(bytes);
        bytes = 0;
      }
    }
    advance(bytes);
    const std::scoped_lock lock(mutex_);
    report_.values += values;
    report_.pages += pages;
    return sound;
  }

  void check_release(const Release& release) {
    std::uint64_t events = 0;
    std::uint64_t patients = 0;
    std::map<Domain, std::uint64_t> domains;
    std::map<std::uint32_t, std::vector<const File*>> shards;
    for (const StoreFile& stored : release.files) {
      if (stored.kind == StoreFile::Kind::kCodes) continue;
      const File& file = files_.at(stored.name);
      if (!file.facts.sound) return;  // is reported already
      for (const auto& [shard, header] : file.facts.headers) {
        events += header.events;
        patients += header.patients - header.first_new;
        for (const auto& [domain, summary] : header.domains) domains[domain] += summary.events;
        shards[shard].push_back(&file);
      }
    }
    const std::string place = ", release " + std::to_string(release.number);
    const auto compare = [&](const std::string& what, std::uint64_t said, std::uint64_t found) {
      if (said != found) {
        problem("catalog says " + std::to_string(said) + " " + what + place + ", files have " +
                std::to_string(found));
      }
    };
    compare("events", release.events, events);
    compare("patients", release.patients, patients);
    for (const DomainCount& count : release.domains)
      compare("events of " + std::string(domain_name(count.domain)), count.events,
              domains[count.domain]);
    if (&release != releases_.back()) return;  // its files are among those of the newest
    for (auto& [shard, files] : shards) check_patients_across(shard, files);
  }

  // Each patient is new in one file only, and ordinals go on from file to file.
  void check_patients_across(std::uint32_t shard, std::vector<const File*>& files) {
    check_cancel();
    std::ranges::sort(files, {}, [shard](const File* file) {
      const ShardHeader& header = file->facts.headers.at(shard);
      return std::pair(header.first_new, header.patients);
    });
    std::uint32_t next = 0;
    std::map<std::uint64_t, std::string> seen;
    for (const File* file : files) {
      const ShardHeader& header = file->facts.headers.at(shard);
      if (header.first_new != next) {
        problem("ordinals of patients have a gap or overlap: " + file->stored->name + ", shard " +
                std::to_string(shard));
        return;
      }
      next = header.patients;
      if (files.size() == 1) return;  // the order of hashes is checked already
      const PatientKeys keys = verification::read_patient_keys(file->file, header);
      for (std::size_t i = 0; i < keys.hashes.size(); ++i) {
        const auto [at, fresh] = seen.emplace(keys.hashes[i], keys.texts[i]);
        if (!fresh && at->second == keys.texts[i]) {
          problem("patient " + keys.texts[i] + " is there twice: " + file->stored->name +
                  ", shard " + std::to_string(shard));
          return;
        }
      }
    }
  }

  static constexpr std::uint64_t kProgressBytes = std::uint64_t{8} << 20;

  std::filesystem::path path_;
  const VerifyOptions& options_;
  Catalog catalog_;
  std::vector<const Release*> releases_;
  std::map<std::string, File, std::less<>> files_;
  std::mutex mutex_;
  std::uint64_t done_ = 0;
  VerifyReport report_;
};

}  // namespace

VerifyReport verify_store(const std::filesystem::path& path, const VerifyOptions& options) {
  return Verification(path, options).run();
}

}  // namespace anam
