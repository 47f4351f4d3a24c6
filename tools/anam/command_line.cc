// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/command_line.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <iterator>
#include <numeric>

#include "storage/error.h"

namespace anam::cli {
namespace {

namespace po = boost::program_options;

constexpr const char* kPositional = "positional words";  // no option can be called that

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string best = nearest(word.substr(0, word.find('=')), candidates);
  return best.empty() ? "" : "; did you mean " + best + "?";
}

std::string see_help(const Subcommand& subcommand) {
  return " (see anam " + subcommand.name + " --help)";
}

const Subcommand* find(const std::vector<Subcommand>& known, std::string_view name) {
  const auto at = std::ranges::find(known, name, &Subcommand::name);
  return at == known.end() ? nullptr : &*at;
}

// True when the word is an option of some subcommand that takes the next word as its value.
bool takes_next(std::string_view word, const std::vector<Subcommand>& known) {
  if (!word.starts_with("--") || word.find('=') != word.npos) return false;
  for (const Subcommand& subcommand : known) {
    for (const Option& option : subcommand.options) {
      if (option.name == word.substr(2)) return !option.value.empty() && !option.value_optional;
    }
  }
  return false;
}

// Where the name of the subcommand stands: the first word that is no option and no option's value.
std::size_t find_name(const std::vector<std::string>& words, const std::vector<Subcommand>& known) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--") break;
    if (!words[i].starts_with('-')) return i;
    if (takes_next(words[i], known)) ++i;
  }
  return words.size();
}

std::vector<std::string> list_options(const Subcommand& subcommand) {
  std::vector<std::string> names;
  for (const Option& option : subcommand.options) names.push_back("--" + option.name);
  names.emplace_back("--help");
  return names;
}

// The library would take the next word, whatever it is.
void add_absent_values(const Subcommand& subcommand, std::vector<std::string>& words) {
  for (std::string& word : words) {
    if (word == "--") return;
    for (const Option& option : subcommand.options) {
      if (option.value_optional && word == "--" + option.name)
        word += '=' + option.value.substr(0, option.value.find('|'));
    }
  }
}

po::options_description describe(const Subcommand& subcommand) {
  po::options_description description;
  auto add = description.add_options();
  add("help,h", "");
  add("version", "");
  for (const Option& option : subcommand.options) {
    if (option.value.empty()) {
      add(option.name.c_str(), "");
    } else {
      add(option.name.c_str(), po::value<std::vector<std::string>>(), "");
    }
  }
  add(kPositional, po::value<std::vector<std::string>>(), "");
  return description;
}

po::parsed_options parse(const Subcommand& subcommand, const std::vector<std::string>& words,
                         const po::options_description& description) {
  po::positional_options_description positional;
  positional.add(kPositional, -1);
  using namespace po::command_line_style;
  const int style = allow_long | long_allow_adjacent | long_allow_next | allow_short |
                    short_allow_adjacent | short_allow_next | allow_dash_for_short;
  try {
    return po::command_line_parser(words)
        .options(description)
        .positional(positional)
        .style(style)
        .run();
  } catch (const po::unknown_option& e) {
    std::string name = e.get_option_name();
    if (!name.starts_with('-')) name.insert(0, "--");
    fail(ErrorCode::kUsage, "anam " + subcommand.name + " has no such option",
         name + did_you_mean(name, list_options(subcommand)) + see_help(subcommand));
  } catch (const po::error_with_option_name& e) {
    fail(ErrorCode::kUsage, std::string(e.what()) + see_help(subcommand));
  } catch (const po::error& e) {
    fail(ErrorCode::kUsage, std::string(e.what()) + see_help(subcommand));
  }
}

void check_positional(const Subcommand& subcommand, const std::vector<std::string>& words) {
  const std::vector<std::string>& names = subcommand.positional;
  if (words.size() + subcommand.optional < names.size()) {
    fail(ErrorCode::kUsage, "anam " + subcommand.name + " needs",
         names[words.size()] + see_help(subcommand));
  }
  if (words.size() > names.size() && !subcommand.more) {
    fail(ErrorCode::kUsage, "anam " + subcommand.name + " does not know what to do with",
         words[names.size()] + see_help(subcommand));
  }
}

void wrap(std::string& out, std::size_t column, std::size_t indent, std::string_view text) {
  constexpr std::size_t kWidth = 96;
  std::size_t begin = 0;
  bool first = true;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    if (!first && column + 1 + word.size() > kWidth) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    first = false;
    begin = end + 1;
  }
  out += '\n';
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    // Edit distance where swapped neighbours count once.
    const std::size_t n = candidate.size();
    std::vector<std::size_t> before(n + 1);
    std::vector<std::size_t> last(n + 1);
    std::vector<std::size_t> row(n + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= word.size(); ++i) {
      row[0] = i;
      for (std::size_t j = 1; j <= n; ++j) {
        row[j] = std::min({last[j] + 1, row[j - 1] + 1,
                           last[j - 1] + (word[i - 1] == candidate[j - 1] ? 0U : 1U)});
        if (i > 1 && j > 1 && word[i - 1] == candidate[j - 2] && word[i - 2] == candidate[j - 1])
          row[j] = std::min(row[j], before[j - 2] + 1);
      }
      before.swap(last);
      last.swap(row);
    }
    // A beginning is as good as one letter off.
    const std::size_t distance = word.size() >= 2 && candidate.starts_with(word)
                                     ? std::min<std::size_t>(last[n], 1)
                                     : last[n];
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

Invocation read_command_line(const std::vector<std::string>& words,
                             const std::vector<Subcommand>& known) {
  std::vector<std::string> names = {"help"};
  std::ranges::transform(known, std::back_inserter(names), &Subcommand::name);

  Invocation invocation;
  const std::size_t at = find_name(words, known);
  if (at == words.size()) {
    for (const std::string& word : words) {
      if (word == "--help" || word == "-h") invocation.kind = Invocation::Kind::kHelp;
      if (word == "--version") invocation.kind = Invocation::Kind::kVersion;
      if (invocation.kind != Invocation::Kind::kRun) return invocation;
    }
    if (!words.empty()) {
      fail(ErrorCode::kUsage, "anam has no such option",
           words[0] + did_you_mean(words[0], {"--help", "--version"}) +
               "; a subcommand is needed (see anam --help)");
    }
    return invocation;
  }
  if (words[at] == "help") {
    invocation.kind = Invocation::Kind::kHelp;
    if (at + 1 >= words.size()) return invocation;
    invocation.subcommand = find(known, words[at + 1]);
    if (invocation.subcommand != nullptr) return invocation;
    fail(ErrorCode::kUsage, "anam has no such subcommand",
         words[at + 1] + did_you_mean(words[at + 1], names));
  }
  invocation.subcommand = find(known, words[at]);
  if (invocation.subcommand == nullptr) {
    // What seems to be a subcommand may be the value of a misspelled option.
    std::vector<std::string> options = {"--help", "--version"};
    for (const Subcommand& subcommand : known) {
      for (const Option& option : subcommand.options) options.push_back("--" + option.name);
    }
    for (std::size_t i = 0; i < at; ++i) {
      const std::string name = words[i].substr(0, words[i].find('='));
      if (name.starts_with("--") && std::ranges::find(options, name) == options.end())
        fail(ErrorCode::kUsage, "anam has no such option", name + did_you_mean(name, options));
    }
    fail(ErrorCode::kUsage, "anam has no such subcommand",
         words[at] + did_you_mean(words[at], names) + " (see anam --help)");
  }
  const Subcommand& subcommand = *invocation.subcommand;

  std::vector<std::string> rest = words;
  rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(at));
  add_absent_values(subcommand, rest);
  const po::options_description description = describe(subcommand);
  const po::parsed_options parsed = parse(subcommand, rest, description);
  std::vector<std::string> positional;
  std::map<std::string, std::vector<std::string>, std::less<>> options;
  for (const po::option& option : parsed.options) {
    if (option.string_key == "help") invocation.kind = Invocation::Kind::kHelp;
    if (option.string_key == "version") invocation.kind = Invocation::Kind::kVersion;
    if (option.string_key == kPositional) {
      positional.insert(positional.end(), option.value.begin(), option.value.end());
      continue;
    }
    std::vector<std::string>& values = options[option.string_key];
    const auto declared = std::ranges::find(subcommand.options, option.string_key, &Option::name);
    if (declared != subcommand.options.end() && !declared->value.empty()) {
      if (option.value.empty()) {
        fail(ErrorCode::kUsage, "option needs a value",
             "--" + option.string_key + " " + declared->value + see_help(subcommand));
      }
      if (!values.empty() && !declared->repeated) {
        fail(ErrorCode::kUsage, "option is given twice",
             "--" + option.string_key + see_help(subcommand));
      }
    }
    values.insert(values.end(), option.value.begin(), option.value.end());
  }
  if (invocation.kind == Invocation::Kind::kRun) check_positional(subcommand, positional);
  invocation.arguments = Arguments(std::move(positional), std::move(options));
  return invocation;
}

std::string help_text(const std::vector<Subcommand>& known) {
  std::string text =
      "anam keeps patients' timelines in a store and answers cohort and timeline queries.\n\n"
      "Usage: anam SUBCOMMAND ...\n\n";
  for (const Subcommand& subcommand : known) {
    text += "  " + subcommand.name + std::string(10 - subcommand.name.size(), ' ') +
            subcommand.summary + "\n";
  }
  text +=
      "\n  --help      this, or with a subcommand its options and an example\n"
      "  --version   the program's version\n\n"
      "Exit codes: 0 done, 1 the data or the store is at fault, 2 the command line is at fault.\n";
  return text;
}

std::string help_text(const Subcommand& subcommand) {
  std::string text = subcommand.summary + "\n\n";
  std::string lead = "Usage: ";
  for (const std::string& form : subcommand.synopsis) {
    text += lead + "anam " + subcommand.name + " ";
    wrap(text, lead.size() + 6 + subcommand.name.size(), 12, form);
    lead = "       ";
  }
  text += '\n';
  text += subcommand.details;
  text += "\nOptions:\n";
  std::vector<Option> options = subcommand.options;
  options.push_back({"help", "", "this"});
  for (const Option& option : options) {
    std::string left = "  --" + option.name;
    if (option.value_optional) {
      left += "[=" + option.value + "]";
    } else if (!option.value.empty()) {
      left += " " + option.value;
    }
    constexpr std::size_t kColumn = 26;
    if (left.size() + 2 > kColumn) {
      text += left + "\n" + std::string(kColumn, ' ');
    } else {
      left.resize(kColumn, ' ');
      text += left;
    }
    wrap(text, kColumn, kColumn, option.help);
  }
  text += "\nExample:\n" + subcommand.example;
  return text;
}

}  // namespace anam::cli
