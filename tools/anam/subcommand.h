// SPDX-License-Identifier: Apache-2.0
// What the subcommands of anam are made of: what each takes, and what the user gave.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace anam::cli {

/// An option of a subcommand, written --name.
struct Option {
  std::string name;
  std::string value;  // what its value is called in --help; empty for a switch
  std::string help;
  bool repeated = false;
  // The value stands behind '=' only, and where it is absent it is the first of those in `value`
  // ("text|json").
  bool value_optional = false;
};

/// What the user gave. All functions that read a value throw Error(kUsage) for one that is wrong.
class Arguments {
 public:
  Arguments(std::vector<std::string> positional,
            std::map<std::string, std::vector<std::string>, std::less<>> options)
      : positional_(std::move(positional)), options_(std::move(options)) {}

  const std::vector<std::string>& positional() const { return positional_; }
  bool has(std::string_view option) const { return options_.contains(option); }
  std::optional<std::string> value(std::string_view option) const;
  std::vector<std::string> values(std::string_view option) const;
  /// A whole number from `least` to `most`.
  std::optional<std::uint64_t> number(std::string_view option, std::uint64_t least,
                                      std::uint64_t most) const;
  /// Bytes: 4096, 64K, 512M, 4GiB.
  std::optional<std::uint64_t> bytes(std::string_view option) const;
  /// More than nothing and at most a year, such as 90 or 0.5.
  std::optional<std::chrono::milliseconds> seconds(std::string_view option) const;
  /// One of `choices`; the first one when the option was not given.
  std::string choice(std::string_view option,
                     std::initializer_list<std::string_view> choices) const;

 private:
  std::vector<std::string> positional_;
  std::map<std::string, std::vector<std::string>, std::less<>> options_;
};

/// One subcommand.
struct Subcommand {
  std::string name;
  std::string summary;                  // one line
  std::vector<std::string> synopsis;    // what follows the name, one line a form
  std::string details;                  // paragraphs, for --help
  std::string example;                  // command lines that work, for --help
  std::vector<std::string> positional;  // names of what must be given, in order
  bool more = false;                    // further ones may follow the last
  std::vector<Option> options;
  int (*run)(const Arguments& arguments) = nullptr;  // returns the exit code
  std::size_t optional = 0;  // how many of `positional`, from the end, may be absent
};

Subcommand load_subcommand();
Subcommand generate_subcommand();
Subcommand info_subcommand();
Subcommand codes_subcommand();
Subcommand timeline_subcommand();
Subcommand cohort_subcommand();
Subcommand cohorts_subcommand();
Subcommand backup_subcommand();
Subcommand releases_subcommand();
Subcommand sources_subcommand();
Subcommand verify_subcommand();

/// All of them, in the order of --help.
std::vector<Subcommand> subcommands();

/// The option that most subcommands share.
Option release_option();
std::optional<std::uint32_t> release_of(const Arguments& arguments,
                                        const std::filesystem::path& store);

}  // namespace anam::cli
