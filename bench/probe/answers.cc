// SPDX-License-Identifier: Apache-2.0
#include "bench/probe/answers.h"

#include <charconv>
#include <stdexcept>

#include "query/evaluate/cohort_run.h"
#include "storage/event.h"
#include "tools/anam/definition_file.h"

namespace anam::bench {

std::int64_t row_check(std::int64_t patient, std::int64_t a, std::int64_t b) {
  constexpr std::int64_t kPrime = 1'000'000'007;
  constexpr std::int64_t kFactor = 20'011;
  return ((patient % kPrime * kFactor + a) % kPrime * kFactor + b) % kPrime;
}

std::int64_t number_of(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    throw std::runtime_error("not a number: " + text);
  return number;
}

std::vector<CohortAnswer> ask_cohorts(const StoreReader& reader,
                                      const std::vector<std::string>& files, unsigned threads) {
  cli::DefinitionFiles read(reader);
  std::vector<CohortDefinition> definitions;
  definitions.reserve(files.size());
  for (const std::string& file : files) definitions.push_back(*read.read(file));
  std::vector<CohortAnswer> answers(files.size());
  const auto take = [&](std::size_t definition, std::uint32_t /*shard*/, ShardData& data,
                        std::vector<CohortRow>&& rows) {
    for (const CohortRow& row : rows) {
      answers[definition].check +=
          row_check(number_of(data.patient_id(row.ordinal)), row.start, row.end);
    }
  };
  const std::vector<CohortOutcome> outcomes =
      run_cohorts(reader, definitions, {.threads = threads}, take);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].error) std::rethrow_exception(outcomes[i].error);
    answers[i].patients = outcomes[i].patients;
    answers[i].rows = outcomes[i].rows;
  }
  return answers;
}

TimelineBatch read_patient(const StoreReader& reader, const std::string& id) {
  const auto place = reader.find_patient(id);
  if (!place) throw std::runtime_error("the store does not know patient " + id);
  return read_timeline(reader, *place);
}

TimelineAnswer check_timeline(const StoreReader& reader, const std::string& id,
                              const TimelineBatch& timeline) {
  TimelineAnswer answer;
  answer.events = timeline.events();
  const std::int64_t patient = number_of(id);
  for (std::size_t i = 0; i < timeline.events(); ++i) {
    const CodeId code = code_of(timeline.domain_code[i]);
    const std::int64_t number = code == kNoCode ? 0 : number_of(reader.codes().record(code).code);
    answer.check += row_check(patient, timeline.day[i], number);
  }
  return answer;
}

}  // namespace anam::bench
