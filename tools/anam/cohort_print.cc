// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/cohort_print.h"

#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "query/circe/circe_writer.h"
#include "query/language/definition_writer.h"
#include "query/read/store_reader.h"
#include "storage/error.h"
#include "tools/anam/definition_file.h"
#include "tools/anam/record_writer.h"

namespace anam::cli {
namespace {

bool is_directory(const std::string& path) {
  std::error_code none;
  return std::filesystem::is_directory(path, none);
}

/// Names of codes and attributes as the store knows them.
TextOptions text_options(const StoreReader* reader) {
  TextOptions options;
  if (reader == nullptr) return options;
  options.code_name = [reader](std::string_view vocabulary, std::string_view code) {
    std::string name;
    if (vocabulary.empty() || code.find_first_of("*?") != std::string_view::npos) return name;
    const CodeTable& codes = reader->codes();
    codes.match(vocabulary, code, true, [&](CodeId id) {
      if (name.empty()) name = codes.record(id).name;
    });
    return name;
  };
  options.attribute_name = [reader](ColumnId column) {
    const auto found = reader->find_attribute(column);
    return found ? found->name : std::string();
  };
  return options;
}

}  // namespace

int print_definitions(const Arguments& arguments) {
  const bool json = arguments.choice("print", {"text", "json"}) == "json";
  for (const char* option : {"count", "rows", "attrition", "reasons", "format"}) {
    if (arguments.has(option))
      fail(ErrorCode::kUsage, "--print evaluates nothing and goes without this option",
           "--" + std::string(option));
  }
  const std::vector<std::string>& words = arguments.positional();
  const bool with_store = is_directory(words[0]);
  if (with_store && words.size() < 2)
    fail(ErrorCode::kUsage, "anam cohort needs", "DEFINITION (see anam cohort --help)");
  std::optional<StoreReader> reader;
  if (with_store) reader.emplace(words[0], release_of(arguments, words[0]));
  const StoreReader* store = reader ? &*reader : nullptr;
  if (json && store == nullptr)
    fail(ErrorCode::kUsage, "--print json needs the store, which knows the concepts", words[0]);
  const TextOptions options = text_options(store);

  DefinitionFiles files = store ? DefinitionFiles(*store) : DefinitionFiles();
  Output output(arguments.value("output"));
  int code = 0;
  bool first = true;
  for (std::size_t i = with_store ? 1 : 0; i < words.size(); ++i) {
    try {
      const std::shared_ptr<const CohortDefinition> read = files.read(words[i]);
      const std::string text = json ? write_circe(*read, *store) : to_text(*read, options);
      if (!json && words.size() > (with_store ? 2U : 1U)) {
        output.write(first ? "# " : "\n# ");
        output.write(words[i]);
        output.write("\n");
      }
      output.write(text);
      first = false;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kIo) throw;
      std::string message = error.what();
      if (message.find(words[i]) == std::string::npos) message.insert(0, words[i] + ": ");
      std::cerr << "anam: " << message << '\n';
      code = 1;
    }
  }
  output.finish();
  return code;
}

}  // namespace anam::cli
