// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/subcommand.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "storage/calendar.h"
#include "storage/error.h"
#include "storage/store.h"
#include "tools/anam/command_line.h"

namespace anam::cli {
namespace {

[[noreturn]] void wrong_value(std::string_view option, std::string_view expected,
                              std::string_view value) {
  fail(ErrorCode::kUsage, "--" + std::string(option) + " must be " + std::string(expected),
       "'" + std::string(value) + "'");
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

}  // namespace

std::optional<std::string> Arguments::value(std::string_view option) const {
  const auto at = options_.find(option);
  if (at == options_.end() || at->second.empty()) return std::nullopt;
  return at->second.front();
}

std::vector<std::string> Arguments::values(std::string_view option) const {
  const auto at = options_.find(option);
  return at == options_.end() ? std::vector<std::string>{} : at->second;
}

std::optional<std::uint64_t> Arguments::number(std::string_view option, std::uint64_t least,
                                               std::uint64_t most) const {
  const auto text = value(option);
  if (!text) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size() || number < least ||
      number > most) {
    std::string range = "a whole number";
    if (most == std::numeric_limits<std::uint64_t>::max()) {
      if (least > 0) range += " of at least " + std::to_string(least);
    } else {
      range += " from " + std::to_string(least) + " to " + std::to_string(most);
    }
    wrong_value(option, range, *text);
  }
  return number;
}

std::optional<std::uint64_t> Arguments::bytes(std::string_view option) const {
  const auto text = value(option);
  if (!text) return std::nullopt;
  constexpr std::string_view kExpected = "a number of bytes, such as 64M or 4GiB";
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{}) wrong_value(option, kExpected, *text);
  std::string unit = lower({end, static_cast<std::size_t>(text->data() + text->size() - end)});
  int shift = 0;
  if (!unit.empty() && unit != "b") {
    const std::size_t power = std::string_view("kmgt").find(unit[0]);
    const std::string_view rest = std::string_view(unit).substr(1);
    if (power == std::string_view::npos || !(rest.empty() || rest == "b" || rest == "ib"))
      wrong_value(option, kExpected, *text);
    shift = 10 * (static_cast<int>(power) + 1);
  }
  if (number == 0 || number > (std::numeric_limits<std::uint64_t>::max() >> shift))
    wrong_value(option, kExpected, *text);
  return number << shift;
}

std::optional<std::chrono::milliseconds> Arguments::seconds(std::string_view option) const {
  const auto text = value(option);
  if (!text) return std::nullopt;
  constexpr double kYear = 366.0 * 86400;
  double seconds = 0;
  const auto [end, error] =
      std::from_chars(text->data(), text->data() + text->size(), seconds, std::chars_format::fixed);
  if (error != std::errc{} || end != text->data() + text->size() || !(seconds > 0) ||
      seconds > kYear)
    wrong_value(option, "a number of seconds", *text);
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

std::string Arguments::choice(std::string_view option,
                              std::initializer_list<std::string_view> choices) const {
  const auto text = value(option);
  if (!text) return std::string(*choices.begin());
  if (std::ranges::find(choices, *text) != choices.end()) return *text;
  std::string expected = "one of";
  const char* separator = " ";
  for (const std::string_view choice : choices) {
    expected.append(separator).append(choice);
    separator = ", ";
  }
  const std::string best = nearest(*text, std::vector<std::string>(choices.begin(), choices.end()));
  fail(ErrorCode::kUsage, "--" + std::string(option) + " must be " + expected,
       "'" + *text + "'" + (best.empty() ? "" : "; did you mean " + best + "?"));
}

std::vector<Subcommand> subcommands() {
  return {load_subcommand(),     generate_subcommand(), info_subcommand(),    codes_subcommand(),
          timeline_subcommand(), cohort_subcommand(),   cohorts_subcommand(), releases_subcommand(),
          sources_subcommand(),  verify_subcommand(),   backup_subcommand()};
}

Option release_option() {
  return {"release", "N", "answer from this release, or the newest of a day (YYYY-MM-DD)"};
}

std::optional<std::uint32_t> release_of(const Arguments& arguments,
                                        const std::filesystem::path& store) {
  const auto text = arguments.value("release");
  if (!text) return std::nullopt;
  const auto day = text->size() == 10 ? parse_day(*text) : std::nullopt;
  if (!day) {
    if (text->find_first_not_of("0123456789") != std::string::npos)
      wrong_value("release", "the number of a release or a day (YYYY-MM-DD)", *text);
    return static_cast<std::uint32_t>(
        arguments.number("release", 1, std::numeric_limits<std::uint32_t>::max()).value());
  }
  constexpr std::int64_t kDaySeconds = 86400;
  std::optional<std::uint32_t> newest;
  const Store opened = Store::open(store);
  for (const Release& release : opened.catalog().releases) {
    if (release.time < (*day + std::int64_t{1}) * kDaySeconds) newest = release.number;
  }
  if (!newest) {
    fail(ErrorCode::kUsage, "the store had no release yet (anam releases lists them) on",
         *text + ": " + store.native());
  }
  return newest;
}

}  // namespace anam::cli
