// SPDX-License-Identifier: Apache-2.0
#include "ingest/pair_sorter.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <queue>

#include "storage/error.h"

namespace anam {
namespace {

constexpr std::size_t kPairsInMemory = std::size_t{4} << 20;
constexpr std::size_t kPairsAtOnce = 16384;  // of each run while merging

/// One sorted run, read a part at a time.
class Run {
 public:
  explicit Run(const std::filesystem::path& path) : path_(path), in_(path, std::ios::binary) {
    refill();
  }
  bool done() const { return at_ == part_.size(); }
  std::uint64_t head() const { return part_[at_]; }
  void pop() {
    if (++at_ == part_.size()) refill();
  }

 private:
  void refill() {
    part_.resize(kPairsAtOnce);
    in_.read(reinterpret_cast<char*>(part_.data()),
             static_cast<std::streamsize>(part_.size() * sizeof(part_[0])));
    if (in_.bad()) fail(ErrorCode::kIo, "cannot read the load's scratch file", path_.native());
    part_.resize(static_cast<std::size_t>(in_.gcount()) / sizeof(part_[0]));
    at_ = 0;
  }

  std::filesystem::path path_;
  std::ifstream in_;
  std::vector<std::uint64_t> part_;
  std::size_t at_ = 0;
};

void sort_unique(std::vector<std::uint64_t>& pairs) {
  std::ranges::sort(pairs);
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
}

}  // namespace

PairSorter::PairSorter(std::filesystem::path directory, std::string prefix)
    : directory_(std::move(directory)), prefix_(std::move(prefix)) {}

PairSorter::~PairSorter() {
  std::error_code ignored;
  for (const auto& run : runs_) std::filesystem::remove(run, ignored);
}

void PairSorter::add(CodeId first, CodeId second) {
  pairs_.push_back(std::uint64_t{first} << 32 | second);
  if (pairs_.size() >= kPairsInMemory) write_run();
}

void PairSorter::write_run() {
  sort_unique(pairs_);
  const std::filesystem::path path = directory_ / (prefix_ + std::to_string(runs_.size()));
  runs_.push_back(path);
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(pairs_.data()),
            static_cast<std::streamsize>(pairs_.size() * sizeof(pairs_[0])));
  out.flush();
  if (!out)
    fail(ErrorCode::kIo, "cannot write the load's scratch file (is the disk full?)", path.native());
  pairs_.clear();
}

void PairSorter::drain(const std::function<void(CodeId, CodeId)>& f) {
  const auto give = [&f](std::uint64_t pair) {
    f(static_cast<CodeId>(pair >> 32), static_cast<CodeId>(pair));
  };
  if (runs_.empty()) {
    sort_unique(pairs_);
    for (const std::uint64_t pair : pairs_) give(pair);
    pairs_.clear();
    return;
  }
  if (!pairs_.empty()) write_run();
  std::vector<std::unique_ptr<Run>> runs;
  for (const auto& path : runs_) runs.push_back(std::make_unique<Run>(path));
  const auto later = [](const Run* a, const Run* b) { return a->head() > b->head(); };
  std::priority_queue<Run*, std::vector<Run*>, decltype(later)> queue(later);
  for (const auto& run : runs) {
    if (!run->done()) queue.push(run.get());
  }
  std::uint64_t last = ~std::uint64_t{0};
  while (!queue.empty()) {
    Run* run = queue.top();
    queue.pop();
    if (run->head() != last) give(last = run->head());
    run->pop();
    if (!run->done()) queue.push(run);
  }
}

}  // namespace anam
