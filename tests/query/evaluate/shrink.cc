// SPDX-License-Identifier: Apache-2.0
#include "tests/query/evaluate/shrink.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace anam::test {

namespace {

// smaller(x) are all that x can be made into by one step, the long steps first.
std::vector<EventTest> smaller(const EventTest& from);
std::vector<EventQuery> smaller(const EventQuery& from);
std::vector<Window> smaller(const Window& from);
std::vector<CountedQuery> smaller(const CountedQuery& from);
std::vector<Demographic> smaller(const Demographic& from);
std::vector<Group> smaller(const Group& from);
std::vector<Rule> smaller(const Rule& from);
std::vector<Exit> smaller(const Exit& from);
std::vector<CohortDefinition> smaller(const CohortDefinition& from);

template <typename T>
std::vector<std::vector<T>> smaller_list(const std::vector<T>& from, std::size_t least) {
  std::vector<std::vector<T>> all;
  for (std::size_t i = 0; i < from.size() && from.size() > least; ++i) {
    std::vector<T> fewer = from;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    all.push_back(std::move(fewer));
  }
  for (std::size_t i = 0; i < from.size(); ++i) {
    for (T& part : smaller(from[i])) {
      std::vector<T> other = from;
      other[i] = std::move(part);
      all.push_back(std::move(other));
    }
  }
  return all;
}

// Collects what a value can be made into.
template <typename T>
class Steps {
 public:
  explicit Steps(const T& from) : from_(from) {}

  void add(T whole) { all_.push_back(std::move(whole)); }

  template <typename Member>
  void set(Member T::*member, Member value) {
    all_.push_back(from_);
    all_.back().*member = std::move(value);
  }
  /// To what it is in a new one, or the value.
  template <typename Member>
  void plain(Member T::*member, Member value = {}) {
    if (from_.*member != value) set(member, value);
  }
  template <typename Member>
  void without(std::optional<Member> T::*member) {
    if (from_.*member) set(member, std::optional<Member>());
  }
  template <typename Member>
  void list(std::vector<Member> T::*member, std::size_t least = 0) {
    if ((from_.*member).size() > least + 2) {
      const auto middle = static_cast<std::ptrdiff_t>((from_.*member).size() / 2);
      set(member, std::vector<Member>((from_.*member).begin(), (from_.*member).begin() + middle));
      set(member, std::vector<Member>((from_.*member).begin() + middle, (from_.*member).end()));
    }
    for (auto& fewer : smaller_list(from_.*member, least)) set(member, std::move(fewer));
  }
  template <typename Member>
  void part(Member T::*member) {
    for (Member& one : smaller(from_.*member)) set(member, std::move(one));
  }

  std::vector<T> take() { return std::move(all_); }

 private:
  const T& from_;
  std::vector<T> all_;
};

template <typename Tests>
std::vector<EventTest> smaller_tests(const Tests& from) {
  std::vector<EventTest> all = from.tests;
  for (auto& fewer : smaller_list(from.tests, 0)) all.emplace_back(Tests{std::move(fewer)});
  return all;
}

std::vector<EventTest> smaller(const EventTest& from) {
  if (const auto* any = std::get_if<AnyOfTests>(&from)) return smaller_tests(*any);
  if (const auto* every = std::get_if<AllOfTests>(&from)) return smaller_tests(*every);
  return {};
}

std::vector<EventQuery> smaller(const EventQuery& from) {
  Steps<EventQuery> steps(from);
  steps.without(&EventQuery::cohort);
  if (from.cohort && from.cohort->definition != nullptr) {
    for (CohortDefinition& one : smaller(*from.cohort->definition)) {
      CohortReference reference = *from.cohort;
      reference.definition = std::make_shared<const CohortDefinition>(std::move(one));
      steps.set(&EventQuery::cohort, std::optional(std::move(reference)));
    }
  }
  steps.list(&EventQuery::nested);
  steps.list(&EventQuery::tests);
  steps.plain(&EventQuery::first);
  steps.without(&EventQuery::adjustment);
  steps.without(&EventQuery::source_codes);
  steps.without(&EventQuery::contains_start);
  steps.without(&EventQuery::contains_end);
  steps.without(&EventQuery::codes);
  steps.plain(&EventQuery::role, Role::kEither);
  return steps.take();
}

std::vector<Window> smaller(const Window& from) {
  Steps<Window> steps(from);
  if (from.from.offset || from.from.opposite) steps.set(&Window::from, WindowEdge());
  if (from.to.offset || from.to.opposite) steps.set(&Window::to, WindowEdge());
  steps.plain(&Window::anchor);
  steps.plain(&Window::event);
  return steps.take();
}

std::vector<CountedQuery> smaller(const CountedQuery& from) {
  Steps<CountedQuery> steps(from);
  steps.part(&CountedQuery::query);
  steps.list(&CountedQuery::windows);
  steps.plain(&CountedQuery::same_visit);
  steps.plain(&CountedQuery::same_claim);
  steps.plain(&CountedQuery::within_period);
  const Occurrence& occurrence = from.occurrence;
  if (occurrence.distinct) {
    steps.set(&CountedQuery::occurrence, Occurrence{occurrence.kind, occurrence.count});
  } else if (occurrence.kind != Occurrence::Kind::kAtLeast || occurrence.count != 1) {
    steps.set(&CountedQuery::occurrence, Occurrence());
  }
  return steps.take();
}

std::vector<Demographic> smaller(const Demographic& from) {
  Steps<Demographic> steps(from);
  steps.list(&Demographic::tests);
  return steps.take();
}

std::vector<Group> smaller(const Group& from) {
  Steps<Group> steps(from);
  for (const Group& inner : from.groups) steps.add(inner);
  for (const CountedQuery& counted : from.counts) {
    for (const Group& nested : counted.query.nested) steps.add(nested);
  }
  steps.list(&Group::groups);
  steps.list(&Group::counts);
  steps.list(&Group::demographics);
  steps.plain(&Group::kind);
  return steps.take();
}

std::vector<Rule> smaller(const Rule& from) {
  Steps<Rule> steps(from);
  steps.part(&Rule::group);
  steps.plain(&Rule::negated);
  steps.plain(&Rule::name);
  steps.plain(&Rule::description);
  return steps.take();
}

std::vector<Exit> smaller(const Exit& from) {
  if (const auto* after = std::get_if<ExitAfter>(&from)) {
    if (after->days != 0) return {ExitAfter{after->from, 0}};
  }
  return {};
}

std::vector<CohortDefinition> smaller(const CohortDefinition& from) {
  using Definition = CohortDefinition;
  Steps<Definition> steps(from);
  steps.list(&Definition::rules);
  steps.list(&Definition::index, 1);
  steps.without(&Definition::additional);
  if (from.additional) {
    for (Group& one : smaller(*from.additional)) {
      steps.set(&Definition::additional, std::optional(std::move(one)));
    }
  }
  steps.list(&Definition::censoring);
  steps.list(&Definition::further_exits);
  if (!std::holds_alternative<ExitAtPeriodEnd>(from.exit)) {
    steps.set(&Definition::exit, Exit(ExitAtPeriodEnd()));
  }
  steps.part(&Definition::exit);
  steps.plain(&Definition::exit_at_death);
  steps.plain(&Definition::days_before);
  steps.plain(&Definition::days_after);
  steps.plain(&Definition::era_pad);
  steps.without(&Definition::censor_from);
  steps.without(&Definition::censor_to);
  steps.plain(&Definition::index_limit);
  steps.plain(&Definition::qualified_limit);
  steps.plain(&Definition::included_limit);
  steps.plain(&Definition::by_record);
  steps.plain(&Definition::title);
  return steps.take();
}

class Shrinker {
 public:
  Shrinker(RandomCase from, const std::function<bool(const RandomCase&)>& fails)
      : best_(std::move(from)), fails_(fails) {}

  RandomCase run() {
    do {
      shrunk_ = false;
      for (std::uint32_t patient = best_.data.patients; patient-- > 0;) drop_patient(patient);
      while (shrink_definition()) {
      }
      for (std::size_t some = best_.data.events.size(); some > 0; some /= 2) drop_events(some);
      drop_cells();
    } while (shrunk_);
    return std::move(best_);
  }

 private:
  bool attempt(RandomCase other) {
    if (!fails_(other)) return false;
    best_ = std::move(other);
    shrunk_ = true;
    return true;
  }
  template <typename Change>
  bool change(const Change& how) {
    RandomCase other = best_;
    how(other);
    return attempt(std::move(other));
  }

  bool shrink_definition() {
    std::vector<CohortDefinition> all = smaller(best_.definition);
    return std::ranges::any_of(all, [this](CohortDefinition& definition) {
      return attempt({std::move(definition), best_.codes, best_.data});
    });
  }

  // Those behind it get the numbers before theirs; where the number matters, it goes on without
  // events.
  void drop_patient(std::uint32_t patient) {
    const auto drop = [patient](RandomCase& of, bool renumber) {
      std::erase_if(of.data.events, [&](const TestEvent& e) { return e.patient == patient; });
      if (!renumber) return;
      for (TestEvent& event : of.data.events) event.patient -= event.patient > patient ? 1 : 0;
      if (patient < of.data.persons.size())
        of.data.persons.erase(of.data.persons.begin() + patient);
      --of.data.patients;
    };
    if (best_.data.patients > 1 && change([&](RandomCase& of) { drop(of, true); })) return;
    const bool has_events = std::ranges::any_of(
        best_.data.events, [&](const TestEvent& e) { return e.patient == patient; });
    if (has_events) change([&](RandomCase& of) { drop(of, false); });
  }

  void drop_events(std::size_t some) {
    for (std::size_t at = 0; at < best_.data.events.size();) {
      const bool dropped = change([&](RandomCase& of) {
        auto& events = of.data.events;
        const std::size_t end = std::min(at + some, events.size());
        events.erase(events.begin() + static_cast<std::ptrdiff_t>(at),
                     events.begin() + static_cast<std::ptrdiff_t>(end));
      });
      if (!dropped) at += some;
    }
  }

  void drop_cells() {
    for (std::size_t i = 0; i < best_.data.events.size(); ++i) {
      const TestEvent event = best_.data.events[i];
      const auto edit = [&](const auto& how) {
        change([&](RandomCase& of) { how(of.data.events[i]); });
      };
      for (const auto& cell : event.cells) edit([&](TestEvent& e) { e.cells.erase(cell.first); });
      for (const auto& text : event.texts) edit([&](TestEvent& e) { e.texts.erase(text.first); });
      if (event.end) edit([](TestEvent& e) { e.end.reset(); });
    }
    for (std::size_t i = 0; i < best_.data.persons.size(); ++i) {
      for (const auto& cell : std::map(best_.data.persons[i])) {
        change([&](RandomCase& of) { of.data.persons[i].erase(cell.first); });
      }
    }
  }

  RandomCase best_;
  const std::function<bool(const RandomCase&)>& fails_;
  bool shrunk_ = false;
};

}  // namespace

RandomCase shrink(RandomCase from, const std::function<bool(const RandomCase&)>& fails) {
  return Shrinker(std::move(from), fails).run();
}

}  // namespace anam::test
