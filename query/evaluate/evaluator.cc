// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/evaluator.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <tuple>

#include "query/evaluate/candidates.h"
#include "query/evaluate/exits.h"
#include "query/evaluate/explain.h"
#include "query/evaluate/group_count.h"
#include "query/evaluate/held_memory.h"
#include "query/evaluate/plan.h"
#include "query/evaluate/shard_reader.h"

namespace anam {

namespace {

using evaluation::Anchors;
using evaluation::CompiledGroup;
using evaluation::CompiledRule;
using evaluation::EventList;
using evaluation::Plan;
using evaluation::ShardReader;
using evaluation::StreamPatients;

using Verdicts = std::vector<std::uint8_t>;

// Of the memory that a patient takes whatever the events: a cell of a column about persons.
constexpr std::uint64_t kBytesOfPatient = 8;

// Index events of one shard, on their way through the steps of a definition.
class ShardRun {
 public:
  ShardRun(const Plan& plan, bool attrition, ShardData& shard, const PatientSet* among = nullptr)
      : plan_(plan),
        attrition_(attrition),
        among_(among),
        with_origins_(chooses_events(plan)),
        reader_(plan, shard) {}
  /// Of candidates that are known already.
  ShardRun(const Plan& plan, bool attrition, ShardData& shard, PatientSet candidates,
           StreamPatients known)
      : plan_(plan),
        attrition_(attrition),
        with_origins_(chooses_events(plan)),
        candidates_(std::move(candidates)),
        reader_(plan, shard, std::move(known)) {}

  ShardResult run();
  ShardResult explain(ShardData& details, const ReasonOptions& options, const TakeReasons& take);
  std::vector<RowReasons> explain_patient(ShardData& shard, std::uint32_t ordinal,
                                          const ReasonOptions& options);

 private:
  static bool chooses_events(const Plan& plan) {
    return plan.index_limit != Limit::kAll || plan.qualified_limit != Limit::kAll ||
           plan.included_limit != Limit::kAll;
  }
  void select();
  void make_rows();
  void read_index_events();
  void append(const EventList& list, std::size_t i);
  void keep_in_period();
  void limit(Limit limit, bool by_sort_day);
  bool alike(std::size_t a, std::size_t b) const;
  std::vector<std::int64_t> find_places(std::span<const std::size_t> events);
  void keep_group(const CompiledGroup& group, bool negated);
  void keep_rules();
  void count_rules();
  void count_best_events(const std::vector<std::uint64_t>& masks, std::size_t words);
  void narrow();
  void step(const std::string& name);

  const Plan& plan_;
  const bool attrition_;
  const PatientSet* among_ = nullptr;
  bool with_origins_;
  std::optional<PatientSet> candidates_;  // if known before
  ShardReader reader_;
  Anchors events_;
  ShardResult result_;
};

PatientSet candidates_among(ShardReader& reader, const PatientSet* among, bool attrition) {
  if (among != nullptr) reader.narrow(*among);
  PatientSet candidates = evaluation::find_candidates(reader, attrition);
  if (among != nullptr) candidates.intersect(*among);
  return candidates;
}

std::uint64_t count_patients(std::span<const std::uint32_t> ordinals) {
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < ordinals.size(); ++i) {
    n += i == 0 || ordinals[i] != ordinals[i - 1] ? 1 : 0;
  }
  return n;
}

std::uint64_t count_patients(const std::vector<CohortRow>& rows) {
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    n += i == 0 || rows[i].ordinal != rows[i - 1].ordinal ? 1 : 0;
  }
  return n;
}

void ShardRun::step(const std::string& name) {
  if (!attrition_) return;
  result_.attrition.steps.push_back({name, events_.size(), count_patients(events_.patient)});
}

// Events are read from now on for the patients that are left.
void ShardRun::narrow() {
  PatientSet left(reader_.candidates().patients());
  for (const std::uint32_t patient : events_.patient) left.add(patient);
  reader_.narrow(std::move(left));
}

void ShardRun::append(const EventList& list, std::size_t i) {
  events_.patient.push_back(list.patient[i]);
  events_.start.push_back(list.start[i]);
  events_.sort_day.push_back(list.sort_day.empty() ? list.start[i] : list.sort_day[i]);
  const auto& needs = plan_.index_needs;
  if (needs.end) events_.end.push_back(list.end[i]);
  if (needs.second) events_.second.push_back(list.cell(list.second, i));
  if (needs.end_second) events_.end_second.push_back(list.cell(list.end_second, i));
  if (needs.visit) events_.visit.push_back(list.cell(list.visit, i));
  if (needs.claim) events_.claim.push_back(list.cell(list.claim, i));
}

void ShardRun::read_index_events() {
  std::vector<const EventList*> lists;
  for (const std::size_t selector : plan_.index) lists.push_back(&reader_.events(selector));
  // Patients of all lists in order; within a patient one list after the other.
  std::vector<std::size_t> at(lists.size(), 0);
  const PatientSet& candidates = reader_.candidates();
  for (;;) {
    std::uint32_t patient = std::numeric_limits<std::uint32_t>::max();
    for (std::size_t l = 0; l < lists.size(); ++l) {
      if (at[l] < lists[l]->size()) patient = std::min(patient, lists[l]->patient[at[l]]);
    }
    if (patient == std::numeric_limits<std::uint32_t>::max()) return;
    const bool wanted = candidates.contains(patient);
    for (std::size_t l = 0; l < lists.size(); ++l) {
      const EventList& list = *lists[l];
      for (; at[l] < list.size() && list.patient[at[l]] == patient; ++at[l]) {
        if (!wanted) continue;
        append(list, at[l]);
        if (with_origins_) events_.origin.push_back(Anchors::origin_of(l, at[l]));
      }
    }
  }
}

void ShardRun::keep_in_period() {
  reader_.find_periods(events_, plan_.days_before, plan_.days_after);
  if (!plan_.index_in_period) return;
  Verdicts kept(events_.size());
  for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = events_.in_period(i) ? 1 : 0;
  events_.keep(kept);
}

// Ties go to the event that its source numbered first.
void ShardRun::limit(Limit limit, bool by_sort_day) {
  if (limit == Limit::kAll) return;
  const std::vector<Day>& days = by_sort_day ? events_.sort_day : events_.start;
  Verdicts kept(events_.size(), 0);
  std::vector<std::size_t> tied;  // events of one day, unlike each other, by patient
  for (std::size_t i = 0; i < events_.size();) {
    std::size_t best = i;
    const std::size_t begin = i;
    const std::uint32_t patient = events_.patient[i];
    for (; i < events_.size() && events_.patient[i] == patient; ++i) {
      if (limit == Limit::kFirst ? days[i] < days[best] : days[i] > days[best]) best = i;
    }
    const std::size_t before = tied.size();
    bool differ = false;
    for (std::size_t k = begin; k < i; ++k) {
      if (days[k] != days[best]) continue;
      tied.push_back(k);
      differ = differ || !alike(k, best);
    }
    if (differ) continue;
    tied.resize(before);
    kept[best] = 1;
  }
  const std::vector<std::int64_t> places = find_places(tied);
  for (std::size_t i = 0; i < tied.size();) {
    std::size_t least = i;
    const std::uint32_t patient = events_.patient[tied[i]];
    for (; i < tied.size() && events_.patient[tied[i]] == patient; ++i) {
      if (places[i] < places[least]) least = i;
    }
    kept[tied[least]] = 1;
  }
  events_.keep(kept);
}

// Whether nothing that follows can tell two events apart.
bool ShardRun::alike(std::size_t a, std::size_t b) const {
  const auto equal = [a, b](const auto& column) {
    return column.empty() || column[a] == column[b];
  };
  return equal(events_.start) && equal(events_.end) && equal(events_.second) &&
         equal(events_.end_second) && equal(events_.visit) && equal(events_.claim);
}

std::vector<std::int64_t> ShardRun::find_places(std::span<const std::size_t> events) {
  std::vector<std::int64_t> places(events.size());
  for (std::size_t alternative = 0; alternative < plan_.index.size(); ++alternative) {
    const std::size_t selector = plan_.index[alternative];
    std::vector<std::size_t> own;  // positions in `events`
    std::vector<std::uint32_t> rows;
    for (std::size_t i = 0; i < events.size(); ++i) {
      const std::uint64_t origin = events_.origin[events[i]];
      if (Anchors::alternative_of(origin) != alternative) continue;
      own.push_back(i);
      const EventList& list = reader_.events(selector);
      rows.push_back(static_cast<std::uint32_t>(list.row(Anchors::position_of(origin))));
    }
    if (rows.empty()) continue;
    const std::vector<std::int64_t> found = reader_.places(selector, rows);
    for (std::size_t i = 0; i < own.size(); ++i) places[own[i]] = found[i];
  }
  return places;
}

void ShardRun::keep_group(const CompiledGroup& group, bool negated) {
  const Verdicts todo(events_.size(), 1);
  Verdicts met(events_.size());
  evaluation::evaluate(group, events_, reader_, todo, met);
  if (negated) {
    for (std::uint8_t& verdict : met) verdict ^= 1;
  }
  events_.keep(met);
  narrow();
}

// The cheapest rule first, each on what the ones before it left.
void ShardRun::keep_rules() {
  std::vector<const CompiledRule*> left;
  for (const CompiledRule& rule : plan_.rules) left.push_back(&rule);
  while (!left.empty() && events_.size() > 0) {
    auto cheapest = left.begin();
    if (left.size() > 1) {
      std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
      for (auto at = left.begin(); at != left.end(); ++at) {
        const std::uint64_t cost = reader_.cost((*at)->group);
        if (cost < least) {
          least = cost;
          cheapest = at;
        }
      }
    }
    keep_group((*cheapest)->group, (*cheapest)->negated);
    left.erase(cheapest);
  }
}

// All rules on all events.
void ShardRun::count_rules() {
  Attrition& attrition = result_.attrition;
  const std::size_t n = events_.size();
  const std::size_t words = (plan_.rules.size() + 63) / 64;
  std::vector<std::uint64_t> masks(n * words, 0);
  const Verdicts todo(n, 1);
  Verdicts met(n);
  Verdicts kept(n, 1);
  for (std::size_t rule = 0; rule < plan_.rules.size(); ++rule) {
    evaluation::evaluate(plan_.rules[rule].group, events_, reader_, todo, met);
    AttritionStep counted{plan_.rules[rule].name, 0, 0};
    for (std::size_t i = 0, last = n; i < n; ++i) {
      const bool holds = (met[i] != 0) != plan_.rules[rule].negated;
      if (holds) masks[i * words + rule / 64] |= std::uint64_t{1} << (rule % 64);
      kept[i] &= holds ? 1 : 0;
      if (kept[i] == 0) continue;
      ++counted.events;
      if (last == n || events_.patient[last] != events_.patient[i]) ++counted.patients;
      last = i;
    }
    attrition.steps.push_back(counted);
  }
  if (words > 0) {
    RuleMask mask(words);
    for (std::size_t i = 0; i < n; ++i) {
      std::copy_n(masks.begin() + static_cast<std::ptrdiff_t>(i * words), words, mask.begin());
      ++attrition.masks[0][mask];
    }
    count_best_events(masks, words);
  }
  events_.keep(kept);
  narrow();
}

void ShardRun::count_best_events(const std::vector<std::uint64_t>& masks, std::size_t words) {
  const auto mask = [&](std::size_t i) { return std::span(masks).subspan(i * words, words); };
  // Less is better: rules not met, the lowest rule met (0 where none is), the start.
  const auto rank = [&](std::size_t i) {
    int count = 0;
    std::size_t lowest = 0;
    for (std::size_t word = words; word-- > 0;) {
      count += std::popcount(mask(i)[word]);
      if (mask(i)[word] != 0) {
        lowest = word * 64 + static_cast<std::size_t>(std::countr_zero(mask(i)[word]));
      }
    }
    return std::tuple(-count, lowest, events_.start[i]);
  };
  for (std::size_t i = 0; i < events_.size();) {
    std::size_t best = i;
    auto least = rank(i);
    const std::uint32_t patient = events_.patient[i];
    for (++i; i < events_.size() && events_.patient[i] == patient; ++i) {
      const auto other = rank(i);
      if (other < least) {
        best = i;
        least = other;
      }
    }
    ++result_.attrition.masks[1][RuleMask(mask(best).begin(), mask(best).end())];
  }
}

// The index events that become rows.
void ShardRun::select() {
  if (!candidates_) candidates_ = candidates_among(reader_, among_, attrition_);
  reader_.narrow(std::move(*candidates_));
  read_index_events();
  step("index events");
  narrow();
  keep_in_period();
  if (plan_.index_in_period) step("observed around the index");
  if (plan_.index_limit != Limit::kAll) {
    limit(plan_.index_limit, true);
    step(plan_.index_limit == Limit::kFirst ? "first of the patient" : "last of the patient");
  }
  narrow();
  if (plan_.additional) {
    keep_group(*plan_.additional, false);
    step("additional criteria");
    if (plan_.qualified_limit != Limit::kAll) {
      limit(plan_.qualified_limit, false);
      step(plan_.qualified_limit == Limit::kFirst ? "first that qualifies" : "last that qualifies");
    }
  }
  if (attrition_) {
    result_.attrition.rules = plan_.rules.size();
    count_rules();
  } else {
    keep_rules();
  }
  if (plan_.included_limit != Limit::kAll) {
    limit(plan_.included_limit, false);
    step(plan_.included_limit == Limit::kFirst ? "first included" : "last included");
  }
}

void ShardRun::make_rows() {
  std::vector<CohortRow>& rows = result_.rows;
  rows = evaluation::rows_with_exits(events_, reader_);
  evaluation::join_rows(rows, plan_.era_pad);
  Attrition& attrition = result_.attrition;
  const std::uint64_t before = attrition_ ? count_patients(rows) : 0;
  if (plan_.censor_from || plan_.censor_to) {
    evaluation::cut_rows(rows, plan_.censor_from, plan_.censor_to);
  }
  if (attrition_) {
    const std::uint64_t patients = count_patients(rows);
    attrition.censor_window = plan_.censor_from || plan_.censor_to;
    attrition.lost_to_censor_window = before - patients;
    attrition.steps.push_back({"cohort", rows.size(), patients});
  }
}

ShardResult ShardRun::run() {
  select();
  make_rows();
  return std::move(result_);
}

ShardResult ShardRun::explain(ShardData& details, const ReasonOptions& options,
                              const TakeReasons& take) {
  with_origins_ = true;
  select();
  make_rows();
  evaluation::Explainer(reader_, details, options).explain_rows(events_, take);
  return std::move(result_);
}

// As select(), rule by rule, and nobody is forgotten.
std::vector<RowReasons> ShardRun::explain_patient(ShardData& shard, std::uint32_t ordinal,
                                                  const ReasonOptions& options) {
  with_origins_ = true;
  PatientSet one(shard.patients());
  one.add(ordinal);
  reader_.narrow(one);
  read_index_events();
  reader_.find_periods(events_, plan_.days_before, plan_.days_after);
  const Anchors all = events_;
  std::vector<evaluation::Verdict> verdicts(all.size());
  const auto note = [&](Fate fate, std::size_t rule) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (verdicts[i].fate == Fate::kMember &&
          !std::ranges::binary_search(events_.origin, all.origin[i])) {
        verdicts[i] = {fate, rule};
      }
    }
  };
  keep_in_period();
  note(Fate::kNotObserved, 0);
  limit(plan_.index_limit, true);
  note(Fate::kNotChosen, 0);
  if (plan_.additional) {
    keep_group(*plan_.additional, false);
    note(Fate::kNotRestricted, 0);
    limit(plan_.qualified_limit, false);
    note(Fate::kNotQualified, 0);
  }
  for (std::size_t rule = 0; rule < plan_.rules.size(); ++rule) {
    keep_group(plan_.rules[rule].group, plan_.rules[rule].negated);
    note(Fate::kRule, rule);
  }
  limit(plan_.included_limit, false);
  note(Fate::kNotKept, 0);
  reader_.narrow(std::move(one));  // what was not read yet is read for the patient
  return evaluation::Explainer(reader_, shard, options).explain_events(ordinal, all, verdicts);
}

}  // namespace

class Evaluator::Impl {
 public:
  Impl(const CohortDefinition& definition, const std::vector<CodeIds>& codes,
       const EvaluatorOptions& options, const CohortLookup& cohorts)
      : plan(definition, codes, cohorts), attrition(options.attrition), memory(options.memory) {
    // The other cohorts are evaluated while this one's events are held.
    if (!plan.cohorts.empty()) memory = (memory + 1) / 2;
  }

  /// Calls run_part(ShardRun&) for patients of whom enough fits into memory, until all had their
  /// turn, and puts together what it returns.
  template <typename RunPart>
  ShardResult run_parts(ShardData& shard, const PatientSet* among, RunPart run_part) const;

  Plan plan;
  bool attrition;
  std::uint64_t memory;
};

template <typename RunPart>
ShardResult Evaluator::Impl::run_parts(ShardData& shard, const PatientSet* among,
                                       RunPart run_part) const {
  const std::uint64_t most = std::max(memory, std::uint64_t{shard.patients()} * kBytesOfPatient);
  std::optional<evaluation::PatientParts> parts;
  StreamPatients known;
  if (memory != 0) {
    ShardReader reader(plan, shard);
    if (!evaluation::fits_in_memory(reader, most)) {
      PatientSet candidates = candidates_among(reader, among, attrition);
      const std::uint64_t held = evaluation::held_memory(reader, candidates);
      known = reader.known_patients();
      parts.emplace(std::move(candidates), held / most + 1);
    }
  }
  if (!parts) {
    ShardRun whole(plan, attrition, shard, among);
    return run_part(whole);
  }
  ShardResult result;
  while (std::optional<PatientSet> part = parts->next()) {
    ShardRun run(plan, attrition, shard, std::move(*part), known);
    const ShardResult some = run_part(run);
    result.rows.insert(result.rows.end(), some.rows.begin(), some.rows.end());
    result.attrition.merge(some.attrition);
  }
  return result;
}

Evaluator::Evaluator(const CohortDefinition& definition, const std::vector<CodeIds>& codes,
                     const EvaluatorOptions& options, const CohortLookup& cohorts)
    : impl_(std::make_unique<const Impl>(definition, codes, options, cohorts)) {}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator&&) noexcept = default;

ShardResult Evaluator::run(ShardData& shard, const PatientSet* among) const {
  return impl_->run_parts(shard, among, [](ShardRun& part) { return part.run(); });
}

std::uint64_t Evaluator::most_rows(ShardData& shard) const {
  std::uint64_t rows = 0;
  for (const std::size_t selector : impl_->plan.index) {
    const StreamRequest& request = impl_->plan.streams[impl_->plan.selectors[selector].stream];
    const bool none = request.codes != nullptr && request.codes->empty();
    rows += none ? 0 : shard.most_events(request);
  }
  return rows;
}

ShardResult Evaluator::explain(ShardData& shard, ShardData& details, const ReasonOptions& options,
                               const TakeReasons& take) const {
  return impl_->run_parts(shard, nullptr,
                          [&](ShardRun& part) { return part.explain(details, options, take); });
}

std::vector<RowReasons> Evaluator::explain_patient(ShardData& shard, std::uint32_t ordinal,
                                                   const ReasonOptions& options) const {
  return ShardRun(impl_->plan, false, shard).explain_patient(shard, ordinal, options);
}

}  // namespace anam
