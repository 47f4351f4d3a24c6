// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/person.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "storage/calendar.h"

namespace anam::generate {
namespace {

constexpr State kStates[] = {
    {"AL", 350, 369, 5024},  {"AK", 995, 999, 733},   {"AZ", 850, 865, 7152},
    {"AR", 716, 729, 3012},  {"CA", 900, 961, 39538}, {"CO", 800, 816, 5774},
    {"CT", 60, 69, 3606},    {"DE", 197, 199, 990},   {"DC", 200, 205, 690},
    {"FL", 320, 349, 21538}, {"GA", 300, 319, 10712}, {"HI", 967, 968, 1455},
    {"ID", 832, 838, 1839},  {"IL", 600, 629, 12813}, {"IN", 460, 479, 6786},
    {"IA", 500, 528, 3190},  {"KS", 660, 679, 2938},  {"KY", 400, 427, 4506},
    {"LA", 700, 714, 4658},  {"ME", 39, 49, 1362},    {"MD", 206, 219, 6177},
    {"MA", 10, 27, 7030},    {"MI", 480, 499, 10077}, {"MN", 550, 567, 5706},
    {"MS", 386, 397, 2961},  {"MO", 630, 658, 6155},  {"MT", 590, 599, 1084},
    {"NE", 680, 693, 1962},  {"NV", 889, 898, 3105},  {"NH", 30, 38, 1378},
    {"NJ", 70, 89, 9289},    {"NM", 870, 884, 2118},  {"NY", 100, 149, 20201},
    {"NC", 270, 289, 10439}, {"ND", 580, 588, 779},   {"OH", 430, 459, 11799},
    {"OK", 730, 749, 3959},  {"OR", 970, 979, 4237},  {"PA", 150, 196, 13003},
    {"RI", 28, 29, 1097},    {"SC", 290, 299, 5118},  {"SD", 570, 577, 887},
    {"TN", 370, 385, 6911},  {"TX", 750, 799, 29146}, {"UT", 840, 847, 3272},
    {"VT", 50, 59, 643},     {"VA", 220, 246, 8631},  {"WA", 980, 994, 7705},
    {"WV", 247, 268, 1794},  {"WI", 530, 549, 5894},  {"WY", 820, 831, 577},
};

// Ages at the first enrolment: share of each band, and how the last one ends.
constexpr std::array<double, kAgeBands> kAges = {0.215, 0.245, 0.135, 0.13,
                                                 0.115, 0.1,   0.048, 0.012};
constexpr int kOldest = 96;
constexpr int kMonths = 12 * kYears;

Day first_of_month(int month) { return *day_of(kFirstYear + month / 12, month % 12 + 1, 1); }

}  // namespace

std::span<const State> states() { return kStates; }

std::span<const Day> year_starts() {
  static const auto kStarts = [] {
    std::array<Day, kYears + 1> days;
    for (int i = 0; i <= kYears; ++i) days[static_cast<std::size_t>(i)] = first_of_month(12 * i);
    return days;
  }();
  return kStarts;
}

bool Person::insured(Day day) const {
  return std::ranges::any_of(covered(), [day](const Coverage& c) { return c.medical.has(day); });
}

bool Person::has_drug_plan(Day day) const {
  return std::ranges::any_of(covered(), [day](const Coverage& c) { return c.drugs.has(day); });
}

std::size_t Person::band(Day day) const {
  const int years = static_cast<int>(age(day));
  std::size_t band = 0;
  while (band + 1 < kAgeBands && years >= kBandAges[band + 1]) ++band;
  return band;
}

std::uint64_t Person::conditions_at(Day day) const {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < onset.size(); ++i) bits |= std::uint64_t{onset[i] <= day} << i;
  return bits;
}

PersonMaker::PersonMaker(const Model& model, std::uint64_t seed) : model_(model), seed_(seed) {
  for (int month = 0; month <= kMonths; ++month) months_.push_back(first_of_month(month));
  double total = 0;
  for (const State& state : kStates) total += state.people;
  double sum = 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < std::size(kStates); ++i) {
    sum += kStates[i].people;
    for (; at < static_cast<std::size_t>(std::lround(sum / total * 1024)); ++at) {
      state_of_[at] = static_cast<std::uint8_t>(i);
    }
  }
}

Person PersonMaker::make(std::uint64_t number) const {
  Person person;
  person.number = number;
  enroll(person);
  fall_ill(person);
  die(person);
  return person;
}

void PersonMaker::enroll(Person& person) const {
  Stream draw(seed_, person.number, Purpose::kEnrollment);
  // Many begin in January; at the model's start many are insured already.
  int month = 0;
  const double begun = draw.uniform();
  if (begun < 0.14) {
    month = 0;
  } else if (begun < 0.62) {
    month = 12 * static_cast<int>(draw.below(kYears));
  } else {
    month = static_cast<int>(draw.below(kMonths));
  }
  double age = draw.uniform();
  std::size_t band = 0;
  while (band + 1 < kAgeBands && age >= kAges[band]) age -= kAges[band++];
  const int youngest = kBandAges[band];
  const int oldest = band + 1 == kAgeBands ? kOldest : kBandAges[band + 1];
  const double years = youngest + draw.uniform() * (oldest - youngest);
  const bool senior = years >= 65;

  double spells = draw.uniform();
  const int wanted = spells < 0.74 ? 1 : spells < 0.93 ? 2 : 3;
  person.spells = 0;
  const double kind = draw.uniform();  // of drug coverage
  while (person.spells < wanted && month < kMonths) {
    const double mean = senior ? 50 : 37;
    int length = 1 + static_cast<int>(draw.exponential() * mean / (wanted > 1 ? 1.25 : 1));
    if (draw.chance(0.45)) length += 11 - (month + length - 1) % 12;  // to the end of a year
    const int end = std::min(kMonths, month + length);
    Coverage& coverage = person.coverage[static_cast<std::size_t>(person.spells++)];
    coverage.medical = {months_[static_cast<std::size_t>(month)],
                        months_[static_cast<std::size_t>(end)] - 1};
    if (kind < 0.8) {
      coverage.drugs = coverage.medical;
    } else if (kind < 0.9) {  // from some later month on, or until some earlier one
      const int cut = month + static_cast<int>(draw.below(static_cast<std::uint32_t>(end - month)));
      const Day day = months_[static_cast<std::size_t>(cut)];
      coverage.drugs = draw.chance(0.5) ? Span{day, coverage.medical.last}
                                        : Span{coverage.medical.first, day - 1};
    }
    month = end + 2 + static_cast<int>(draw.exponential() * 14);
  }

  Stream who(seed_, person.number, Purpose::kPerson);
  person.birth = person.coverage[0].medical.first - static_cast<Day>(years * 365.25);
  person.birth_year = civil_of(person.birth).year;
  person.senior_plan = senior;
  person.female = who.chance(years < 18 ? 0.488 : years < 65 ? 0.508 : 0.56);
  person.state = state_of_[who.next() >> 54];
  const State& state = kStates[person.state];
  person.zip = static_cast<std::uint16_t>(
      state.first_zip +
      who.below(static_cast<std::uint32_t>(state.last_zip - state.first_zip + 1)));
  const double race = who.uniform();
  person.race = race < 0.62 ? 0 : race < 0.73 ? 1 : race < 0.785 ? 2 : race < 0.795 ? 3 : 4;
  person.need = std::clamp(who.skewed(), 0.08, 8.0);
  person.clinical = who.chance(0.05);
  if (person.clinical) {
    // Fifteen years of records; about half of the people came to the provider at some later time.
    const Day from = year_starts()[kYears - 15];
    const Day window = kLastDayOfModel - from + 1;
    Day first = who.chance(0.5)
                    ? from
                    : from + static_cast<Day>(who.below(static_cast<std::uint32_t>(window - 365)));
    first = std::max(first, person.birth);
    const Day length = 365 + static_cast<Day>(who.exponential() * 2200);
    person.provider = {first, std::min(kLastDayOfModel, first + length)};
    if (person.provider.days() < 180) {
      person.provider.first = std::max(person.birth, kLastDayOfModel - 180);
    }
  }
}

void PersonMaker::fall_ill(Person& person) const {
  Stream draw(seed_, person.number, Purpose::kHistory);
  const std::size_t sex = person.female ? 1 : 0;
  Day horizon = person.coverage[static_cast<std::size_t>(person.spells) - 1].medical.last;
  if (person.clinical) horizon = std::max(horizon, person.provider.last);
  const double end = std::clamp((horizon + 1 - person.birth) / 365.25, 0.0, 121.0);
  const auto cases_until = [](const std::array<float, 123>& cumulative, double age) {
    const auto whole = static_cast<std::size_t>(age);
    return cumulative[whole] +
           (cumulative[whole + 1] - cumulative[whole]) * (age - static_cast<double>(whole));
  };
  std::uint64_t present = 0;
  std::array<double, kChronicConditions> ages;
  for (std::size_t id = 0; id < kChronicConditions; ++id) {
    const ConditionModel& condition = model_.conditions[id];
    const std::array<float, 123>& cumulative = condition.cumulative[sex];
    person.onset[id] = kNever;
    const double wanted = draw.exponential();
    // The hazard is multiplied from each cause's onset on.
    std::array<std::pair<double, double>, 4> causes;  // age, factor
    std::size_t count = 0;
    if ((condition.causes & present) != 0) {
      for (const Cause& cause : condition.row->causes) {
        if (cause.condition < kChronicConditions && cause.factor != 1 &&
            (present >> cause.condition & 1) != 0) {
          causes[count++] = {ages[cause.condition], cause.factor};
        }
      }
      std::sort(causes.begin(), causes.begin() + static_cast<std::ptrdiff_t>(count));
    }
    double reached = 0;  // hazard so far
    double from = 0;     // age
    double factor = 1;
    double met = -1;  // cumulative[] at the onset
    for (std::size_t i = 0; i <= count; ++i) {
      const double to = i < count ? causes[i].first : end;
      const double base = cases_until(cumulative, from);
      const double gain = (cases_until(cumulative, to) - base) * factor;
      if (reached + gain > wanted) {
        met = base + (wanted - reached) / factor;
        break;
      }
      reached += gain;
      from = to;
      if (i < count) factor *= causes[i].second;
    }
    if (met < 0) continue;
    auto above = std::upper_bound(cumulative.begin(), cumulative.end(), static_cast<float>(met));
    above = std::clamp(above, cumulative.begin() + 1, cumulative.end() - 1);
    const double low = *(above - 1);
    const double within = *above > low ? (met - low) / (*above - low) : 0;
    ages[id] = std::min(end, static_cast<double>(above - 1 - cumulative.begin()) + within);
    person.onset[id] = person.birth + static_cast<Day>(ages[id] * 365.25);
    present |= std::uint64_t{1} << id;
  }
}

void PersonMaker::die(Person& person) const {
  Stream draw(seed_, person.number, Purpose::kDeath);
  // Gompertz, of people without any of the conditions; these multiply it.
  const double base = person.female ? 2.8e-4 : 4.0e-4;
  double left = draw.exponential();
  const Day first = person.coverage[0].medical.first;
  const Day last = person.coverage[static_cast<std::size_t>(person.spells) - 1].medical.last;
  for (Day day = first; day <= last; day += 365) {
    double factor = 1;
    for (std::uint64_t bits = person.conditions_at(day); bits != 0; bits &= bits - 1) {
      factor *= model_.conditions[static_cast<std::size_t>(std::countr_zero(bits))].row->mortality;
    }
    const double rate = base * std::exp(0.042 * person.age(day)) *
                        (person.age(day) < 18 ? 0.4 : 1) * std::min(factor, 25.0);
    if (left < rate) {
      const Day death = day + static_cast<Day>(left / rate * 365);
      int kept = 0;
      for (Coverage& coverage : person.coverage) {
        if (kept == person.spells || coverage.medical.first > death) break;
        if (coverage.medical.has(death)) {
          person.death = death;
          coverage.medical.last = death;
          coverage.drugs.last = std::min(coverage.drugs.last, death);
        }
        ++kept;
      }
      person.spells = std::max(1, kept);
      if (person.clinical) person.provider.last = std::min(person.provider.last, death);
      return;
    }
    left -= rate;
  }
}

}  // namespace anam::generate
