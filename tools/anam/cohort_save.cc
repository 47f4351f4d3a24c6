// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/cohort_save.h"

#include "storage/error.h"

namespace anam::cli {

std::vector<Option> save_option_list() {
  return {{"save", "NAME",
           "the store keeps the rows under this name, for definitions to refer to (see anam "
           "cohorts); of several definitions, the name has a % in the place of each one's own"},
          {"replace", "", "with --save: in place of what was saved under the name before"}};
}

std::vector<std::string> names_to_save(const Arguments& arguments,
                                       const std::vector<std::string>& ids) {
  const auto pattern = arguments.value("save");
  if (!pattern) {
    if (arguments.has("replace"))
      fail(ErrorCode::kUsage, "this option goes with --save", "--replace");
    return {};
  }
  if (arguments.has("patient"))
    fail(ErrorCode::kUsage, "rows of one patient are not saved", "--save, --patient");
  const std::size_t place = pattern->find('%');
  if (place == std::string::npos && ids.size() > 1)
    fail(ErrorCode::kUsage, "several definitions are not saved under one name; write --save %",
         *pattern);
  std::vector<std::string> names;
  for (const std::string& id : ids) {
    std::string name = *pattern;
    if (place != std::string::npos) name.replace(place, 1, id);
    if (!is_cohort_name(name))
      fail(ErrorCode::kUsage, "this cannot be the name of a saved cohort",
           "'" + name + "'. " + std::string(kCohortNameRule));
    names.push_back(std::move(name));
  }
  return names;
}

void CohortSaver::finish(const std::string& title,
                         const std::vector<DefinitionFiles::Text>& texts) {
  SavedCohortFacts facts = facts_of(reader_);
  facts.program = ANAM_VERSION;
  facts.title = title;
  for (const DefinitionFiles::Text& text : texts)
    facts.definition.push_back({text.file, text.text});
  writer_.finish(std::move(facts));
}

}  // namespace anam::cli
