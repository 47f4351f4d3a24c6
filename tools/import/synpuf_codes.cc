// SPDX-License-Identifier: Apache-2.0
#include "tools/import/synpuf_codes.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "ingest/csv/input_file.h"
#include "storage/error.h"

namespace anam {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool all_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }

std::string with_dot(std::string_view code, std::size_t at) {
  std::string dotted(code.substr(0, at));
  if (code.size() > at) {
    dotted += '.';
    dotted += code.substr(at);
  }
  return dotted;
}

// SSA state codes 01 to 53, in their order; 54 is what SynPUF makes of all others.
constexpr std::string_view kStates[] = {
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI",   "ID", "IL",
    "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO",   "MT", "NE",
    "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "PR",   "RI", "SC",
    "SD", "TN", "TX", "UT", "VT", "VI", "VA", "WA", "WV", "WI", "WY", "other"};

constexpr SynpufFlag kFlags[] = {
    {"bene_esrd_ind", "BENE_ESRD_IND", "End-stage renal disease in the year"},
    {"sp_alzhdmta", "SP_ALZHDMTA", "Chronic condition: Alzheimer's disease or related disorders"},
    {"sp_chf", "SP_CHF", "Chronic condition: heart failure"},
    {"sp_chrnkidn", "SP_CHRNKIDN", "Chronic condition: chronic kidney disease"},
    {"sp_cncr", "SP_CNCR", "Chronic condition: cancer"},
    {"sp_copd", "SP_COPD", "Chronic condition: chronic obstructive pulmonary disease"},
    {"sp_depressn", "SP_DEPRESSN", "Chronic condition: depression"},
    {"sp_diabetes", "SP_DIABETES", "Chronic condition: diabetes"},
    {"sp_ischmcht", "SP_ISCHMCHT", "Chronic condition: ischemic heart disease"},
    {"sp_osteoprs", "SP_OSTEOPRS", "Chronic condition: osteoporosis"},
    {"sp_ra_oa", "SP_RA_OA", "Chronic condition: rheumatoid arthritis or osteoarthritis"},
    {"sp_strketia", "SP_STRKETIA", "Chronic condition: stroke or transient ischemic attack"},
};

std::string lower_name(const std::filesystem::path& file) {
  std::string name = file.filename().string();
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

/// The descriptions are in Latin-1.
std::string utf8_of_latin1(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      result += c;
    } else {
      result += static_cast<char>(0xC0 | byte >> 6);
      result += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return result;
}

std::string read_whole(const std::filesystem::path& file, ImportRun& run) {
  constexpr std::size_t kMost = 16 << 20;  // the real ones have 1 MB
  InputFile input(file.string());
  std::string text(kMost + 1, '\0');
  text.resize(input.read(text.data(), text.size()));
  if (text.size() > kMost) {
    fail(ErrorCode::kInput, "file of code descriptions is larger than 16 MiB", file.string());
  }
  run.advance(input.bytes_consumed());
  return text;
}

}  // namespace

std::string icd9_diagnosis(std::string_view code) {
  if (code.size() < 3 || code.size() > 5) return std::string(code);
  const bool supplementary = code[0] == 'V' && all_digits(code.substr(1));
  if (supplementary || all_digits(code)) return with_dot(code, 3);
  if (code[0] == 'E' && code.size() >= 4 && all_digits(code.substr(1))) return with_dot(code, 4);
  return std::string(code);
}

std::string icd9_procedure(std::string_view code) {
  if (code.size() < 2 || code.size() > 4 || !all_digits(code)) return std::string(code);
  return with_dot(code, 2);
}

bool is_misplaced_diagnosis(std::string_view code) {
  if (code.empty()) return false;
  const bool letter = code[0] == 'V' || code[0] == 'E';
  return (letter && code.size() >= 3 && all_digits(code.substr(1))) ||
         (code.size() == 5 && all_digits(code));
}

std::string_view ssa_state(std::string_view code) {
  if (code.empty() || code.size() > 2 || !all_digits(code)) return {};
  std::size_t number = 0;
  for (const char c : code) number = number * 10 + static_cast<std::size_t>(c - '0');
  return number >= 1 && number <= std::size(kStates) ? kStates[number - 1] : std::string_view();
}

std::span<const SynpufFlag> synpuf_flags() { return kFlags; }

void define_synpuf_codes(ImportSink& sink) {
  define_code(sink, "Gender", "F", "FEMALE", "Gender");
  define_code(sink, "Gender", "M", "MALE", "Gender");
  define_code(sink, "Race", "3", "Black or African American", "Race");
  define_code(sink, "Race", "5", "White", "Race");
  define_code(sink, "Ethnicity", "Hispanic", "Hispanic or Latino", "Ethnicity");
  define_code(sink, "BENE_RACE_CD", "1", "White", "Race");
  define_code(sink, "BENE_RACE_CD", "2", "Black", "Race");
  define_code(sink, "BENE_RACE_CD", "3", "Others", "Race");
  define_code(sink, "BENE_RACE_CD", "5", "Hispanic", "Race");
  define_code(sink, "Visit", "IP", "Inpatient Visit", "Visit");
  define_code(sink, "Visit", "OP", "Outpatient Visit", "Visit");
  define_code(sink, "SynPUF", "CARRIER", "Carrier claim, place of service not known", "Visit");
  define_code(sink, "SynPUF", "PART_A", "Medicare Part A (hospital insurance)", "Plan");
  define_code(sink, "SynPUF", "PART_B", "Medicare Part B (medical insurance)", "Plan");
  define_code(sink, "SynPUF", "PART_C", "Medicare Part C (health maintenance organization)",
              "Plan");
  define_code(sink, "SynPUF", "PART_D", "Medicare Part D (prescription drugs)", "Plan");
  for (const SynpufFlag& flag : kFlags)
    define_code(sink, "SynPUF", flag.code, flag.name, "Observation");
}

bool is_description_file(const std::filesystem::path& file) {
  const std::string name = lower_name(file);
  return name.find("_desc_") != std::string::npos && name.find(".txt") != std::string::npos &&
         (name.find("_dx.") != std::string::npos || name.find("_sg.") != std::string::npos);
}

FileReport read_descriptions(ImportRun& run, const std::filesystem::path& file, ImportSink& sink) {
  FileReport report;
  report.file = file.string();
  const bool diagnoses = lower_name(file).find("_dx.") != std::string::npos;
  const std::string text = read_whole(file, run);
  std::uint64_t line = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view row = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++line;
    while (!row.empty() && (row.back() == '\r' || row.back() == ' ')) row.remove_suffix(1);
    if (row.empty()) continue;
    ++report.rows;
    const std::size_t gap = row.find(' ');
    const std::size_t name = row.find_first_not_of(' ', gap);
    if (gap == 0 || gap == std::string_view::npos || name == std::string_view::npos) {
      ++report.bad;
      run.bad_rows().add(report.file, line, {}, row, "not a code, a blank and a description");
      continue;
    }
    const std::string code =
        diagnoses ? icd9_diagnosis(row.substr(0, gap)) : icd9_procedure(row.substr(0, gap));
    define_code(sink, diagnoses ? "ICD9CM" : "ICD9Proc", code, utf8_of_latin1(row.substr(name)),
                diagnoses ? "Condition" : "Procedure");
    ++report.loaded;
  }
  return report;
}

}  // namespace anam
