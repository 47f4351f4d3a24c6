// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/held_memory.h"

#include <algorithm>
#include <vector>

#include "storage/attributes.h"

namespace anam::evaluation {

namespace {

// Bytes an event, of vectors that hold one element for each.
constexpr std::uint64_t kStreamRow = 12;  // patient, start, end
constexpr std::uint64_t kCell = 8;        // of a further column
constexpr std::uint64_t kText = 24;       // of a text, as far as texts are alike
constexpr std::uint64_t kListRow = 20;    // a selector's own patient, start, end and row; verdict
constexpr std::uint64_t kIndexRow = 64;   // of Anchors, all columns
constexpr std::uint64_t kVisitRow = 24;   // of the VisitIndex
constexpr std::uint64_t kWhileReading = 24;  // keys and orders of a stream that is put in order

bool asks_for_visits(const CompiledTest& test) {
  return test.kind == CompiledTest::Kind::kVisit ||
         std::ranges::any_of(test.parts, asks_for_visits);
}

std::uint64_t bytes_of(const StreamRequest& request) {
  std::uint64_t bytes = kStreamRow;
  for (const ColumnId id : request.columns) {
    const AttributeInfo* info = find_builtin_attribute(id);
    const bool text = info != nullptr && info->type == ColumnType::kText;
    bytes += kCell + (text ? kText : 0);
  }
  return bytes;
}

// Bytes that an event of each stream takes in all that is made of it; 0: the stream is not read.
std::vector<std::uint64_t> bytes_by_stream(const Plan& plan) {
  std::vector<std::uint64_t> bytes(plan.streams.size(), 0);
  const auto add = [&](std::size_t stream, std::uint64_t more) {
    if (bytes[stream] == 0) bytes[stream] = bytes_of(plan.streams[stream]);
    bytes[stream] += more;
  };
  add(Plan::kPeriods, kListRow);
  for (const Selector& selector : plan.selectors) {
    add(selector.stream, selector.nested ? kListRow + kIndexRow : kListRow);
    if (std::ranges::any_of(selector.tests, asks_for_visits)) add(Plan::kVisits, 0);
  }
  if (bytes[Plan::kVisits] != 0) add(Plan::kVisits, kVisitRow);
  for (const std::size_t selector : plan.index) add(plan.selectors[selector].stream, kIndexRow);
  return bytes;
}

// `count(stream)` says how many events count.
template <typename Count>
std::uint64_t sum_up(ShardReader& reader, Count count) {
  const Plan& plan = reader.plan();
  const std::vector<std::uint64_t> bytes = bytes_by_stream(plan);
  std::uint64_t sum = 0;
  std::uint64_t reading = 0;
  for (std::size_t stream = 0; stream < plan.streams.size(); ++stream) {
    if (bytes[stream] == 0) continue;
    const StreamRequest& request = plan.streams[stream];
    const bool none = request.codes != nullptr && request.codes->empty();
    const std::uint64_t events = none ? 0 : count(stream);
    sum += events * bytes[stream];
    reading = std::max(reading, events * (bytes_of(request) + kWhileReading));
  }
  return sum + reading;
}

}  // namespace

bool fits_in_memory(ShardReader& reader, std::uint64_t memory) {
  const auto fits = [&](bool by_domain) {
    return sum_up(reader, [&](std::size_t stream) {
             StreamRequest request = reader.plan().streams[stream];
             if (by_domain) request.codes = nullptr;
             return reader.shard().most_events(request);
           }) <= memory;
  };
  return fits(true) || fits(false);
}

std::uint64_t held_memory(ShardReader& reader, const PatientSet& patients) {
  const std::uint64_t wanted = patients.count();
  return sum_up(reader, [&](std::size_t stream) {
    const std::uint64_t events = reader.shard().most_events(reader.plan().streams[stream]);
    std::uint64_t all = reader.shard().patients();
    std::uint64_t some = wanted;
    // Whose rows another cohort has, only its evaluation tells.
    if (reader.plan().streams[stream].cohort == nullptr) {
      PatientSet both = reader.patients_with(stream);
      all = both.count();
      both.intersect(patients);
      some = both.count();
    }
    const double share = all == 0 ? 1 : static_cast<double>(some) / static_cast<double>(all);
    return static_cast<std::uint64_t>(share * static_cast<double>(events)) + 1;
  });
}

PatientParts::PatientParts(PatientSet patients, std::uint64_t parts)
    : left_(std::move(patients)), size_(0), parts_(parts) {
  const std::uint64_t count = left_.count();
  size_ = std::max<std::uint64_t>((count + parts - 1) / parts, 1);
  parts_ = std::max<std::uint64_t>((count + size_ - 1) / size_, 1);
}

std::optional<PatientSet> PatientParts::next() {
  if (parts_ == 0) return std::nullopt;
  if (--parts_ == 0) return std::move(left_);
  PatientSet part(left_.patients());
  for (std::uint64_t n = 0; n < size_; ++ordinal_) {
    if (!left_.contains(ordinal_)) continue;
    left_.remove(ordinal_);
    part.add(ordinal_);
    ++n;
  }
  return part;
}

}  // namespace anam::evaluation
