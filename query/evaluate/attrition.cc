// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/attrition.h"

#include <algorithm>

namespace anam {

namespace {

bool holds(const RuleMask& mask, std::size_t rule) { return (mask[rule / 64] >> (rule % 64)) & 1; }

RuleMask full_mask(std::size_t rules) {
  RuleMask mask((rules + 63) / 64, 0);
  for (std::size_t rule = 0; rule < rules; ++rule) {
    mask[rule / 64] |= std::uint64_t{1} << (rule % 64);
  }
  return mask;
}

// As a number: the highest word first.
bool below(const RuleMask& a, const RuleMask& b) {
  return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
}

std::string lost(std::uint64_t before, std::uint64_t after) {
  return std::to_string(before > after ? before - after : 0);
}

}  // namespace

std::string mask_text(const RuleMask& mask) {
  // Long division by 10^9 of 32-bit halves, the highest first.
  std::vector<std::uint64_t> halves;
  for (auto word = mask.rbegin(); word != mask.rend(); ++word) {
    halves.push_back(*word >> 32);
    halves.push_back(*word & 0xFFFFFFFF);
  }
  std::string text;
  while (std::ranges::any_of(halves, [](std::uint64_t half) { return half != 0; })) {
    std::uint64_t rest = 0;
    for (std::uint64_t& half : halves) {
      const std::uint64_t value = (rest << 32) | half;
      half = value / 1000000000;
      rest = value % 1000000000;
    }
    std::string digits = std::to_string(rest);
    text.insert(0, std::string(9 - digits.size(), '0') + digits);
  }
  const std::size_t digit = text.find_first_not_of('0');
  return digit == std::string::npos ? "0" : text.substr(digit);
}

void Attrition::merge(const Attrition& other) {
  rules = std::max(rules, other.rules);
  for (std::size_t mode = 0; mode < kModes; ++mode) {
    for (const auto& [mask, count] : other.masks[mode]) masks[mode][mask] += count;
  }
  censor_window |= other.censor_window;
  lost_to_censor_window += other.lost_to_censor_window;
  if (steps.empty()) {
    steps = other.steps;
    return;
  }
  for (std::size_t i = 0; i < std::min(steps.size(), other.steps.size()); ++i) {
    steps[i].events += other.steps[i].events;
    steps[i].patients += other.steps[i].patients;
  }
}

std::uint64_t Attrition::base_count(int mode) const {
  std::uint64_t sum = 0;
  for (const auto& [mask, count] : masks[static_cast<std::size_t>(mode)]) sum += count;
  return sum;
}

std::uint64_t Attrition::final_count(int mode) const {
  const auto& counts = masks[static_cast<std::size_t>(mode)];
  const auto at = counts.find(full_mask(rules));
  return at == counts.end() ? 0 : at->second;
}

std::uint64_t Attrition::met_count(int mode, std::size_t rule) const {
  std::uint64_t sum = 0;
  for (const auto& [mask, count] : masks[static_cast<std::size_t>(mode)]) {
    if (holds(mask, rule)) sum += count;
  }
  return sum;
}

std::uint64_t Attrition::gain_count(int mode, std::size_t rule) const {
  RuleMask mask = full_mask(rules);
  mask[rule / 64] ^= std::uint64_t{1} << (rule % 64);
  const auto& counts = masks[static_cast<std::size_t>(mode)];
  const auto at = counts.find(mask);
  return at == counts.end() ? 0 : at->second;
}

std::vector<AttritionRow> Attrition::circe_rows() const {
  std::vector<AttritionRow> rows;
  if (rules > 0) {
    for (int mode = 0; mode < kModes; ++mode) {
      const auto& counts = masks[static_cast<std::size_t>(mode)];
      std::vector<std::pair<RuleMask, std::uint64_t>> ordered(counts.begin(), counts.end());
      std::ranges::sort(ordered,
                        [](const auto& a, const auto& b) { return below(a.first, b.first); });
      for (const auto& [mask, count] : ordered) {
        AttritionRow& row = rows.emplace_back();
        row.kind = "mask";
        row.mode_id = mode;
        row.inclusion_rule_mask = mask_text(mask);
        row.person_count = count;
      }
    }
    for (int mode = 0; mode < kModes; ++mode) {
      for (std::size_t rule = 0; rule < rules; ++rule) {
        AttritionRow& row = rows.emplace_back();
        row.kind = "rule";
        row.mode_id = mode;
        row.rule_sequence = rule;
        row.person_count = met_count(mode, rule);
        row.gain_count = gain_count(mode, rule);
        row.person_total = base_count(mode);
      }
    }
    for (int mode = 0; mode < kModes; ++mode) {
      AttritionRow& row = rows.emplace_back();
      row.kind = "summary";
      row.mode_id = mode;
      row.base_count = base_count(mode);
      row.final_count = final_count(mode);
    }
  }
  if (censor_window) {
    AttritionRow& row = rows.emplace_back();
    row.kind = "censor";
    row.lost_count = lost_to_censor_window;
  }
  return rows;
}

std::string Attrition::table() const {
  std::vector<std::array<std::string, 4>> cells = {{"step", "events", "patients", "lost"}};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const AttritionStep& step = steps[i];
    cells.push_back({step.name, std::to_string(step.events), std::to_string(step.patients),
                     i == 0 ? "" : lost(steps[i - 1].patients, step.patients)});
  }
  std::array<std::size_t, 4> widths{};
  for (const auto& row : cells) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : cells) {
    text += row[0];
    std::size_t pad = widths[0] - row[0].size();
    for (std::size_t i = 1; i < row.size(); ++i) {
      text.append(pad + 2 + widths[i] - row[i].size(), ' ');
      text += row[i];
      pad = 0;
    }
    while (text.back() == ' ') text.pop_back();
    text += '\n';
  }
  return text;
}

}  // namespace anam
