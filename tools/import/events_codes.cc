// SPDX-License-Identifier: Apache-2.0
// Files of the `events` format that say something about codes.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "storage/error.h"
#include "tools/import/events_files.h"

namespace anam {
namespace {

/// "1", "true", "yes", "y", "S" (OMOP's mark of standard concepts).
bool is_yes(std::string_view text) {
  return text == "1" || text == "true" || text == "TRUE" || text == "yes" || text == "y" ||
         text == "Y" || text == "S";
}

/// Synonyms are written "one|two" and kept one a line.
std::string lines_of(std::string_view text) {
  std::string lines(text);
  std::replace(lines.begin(), lines.end(), '|', '\n');
  return lines;
}

/// Reads pairs of codes and hands them to `pair(first, second, text of the first)`.
template <typename Pair>
FileReport read_pairs(ImportRun& run, const std::filesystem::path& file, ImportSink& sink,
                      std::string_view first_name, std::string_view second_name, Pair pair) {
  InputTable table(run, file);
  const std::size_t first = table.need(first_name);
  const std::size_t second = table.need(second_name);
  table.report_ignored_columns();
  CodeCache codes(sink, {});
  while (table.next()) {
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const CodeId a = codes.id_of_reference(table.cell(first, row));
      const CodeId b = codes.id_of_reference(table.cell(second, row));
      if (a == kNoCode || b == kNoCode) {
        table.reject(row, a == kNoCode ? first : second, "not a code; write VOCABULARY:CODE");
        continue;
      }
      pair(a, b, table.cell(first, row));
      ++table.report().loaded;
    }
  }
  return table.report();
}

}  // namespace

FileReport read_codes(ImportRun& run, const std::filesystem::path& file, ImportSink& sink) {
  InputTable table(run, file);
  const std::size_t code_column = table.need("code");
  const std::size_t name = table.need("name");
  const auto vocabulary = table.want("vocabulary");
  const auto synonyms = table.want("synonyms");
  const auto standard = table.want("standard");
  const auto concept_class = table.want("class");
  const auto domain = table.want("domain");
  const auto alias = table.want("alias");
  table.report_ignored_columns();
  while (table.next()) {
    for (std::size_t row = 0; row < table.rows(); ++row) {
      std::string_view in = table.cell(vocabulary, row);
      std::string_view code = table.cell(code_column, row);
      const std::size_t colon = code.find(':');
      if (in.empty() && colon != std::string_view::npos) {
        in = code.substr(0, colon);
        code.remove_prefix(colon + 1);
      }
      if (in.empty() || code.empty()) {
        table.reject(row, code_column,
                     "not a code; fill vocabulary and code, or write VOCABULARY:CODE");
        continue;
      }
      CodeDefinition definition;
      definition.name = table.cell(name, row);
      definition.synonyms = lines_of(table.cell(synonyms, row));
      definition.domain = table.cell(domain, row);
      definition.concept_class = table.cell(concept_class, row);
      definition.standard = is_yes(table.cell(standard, row));
      const std::string_view other = table.cell(alias, row);
      if (const std::size_t split = other.find(':'); split != std::string_view::npos) {
        definition.alias_vocabulary = other.substr(0, split);
        definition.alias_code = other.substr(split + 1);
      } else if (!other.empty()) {
        table.reject(row, *alias, "not a code; write VOCABULARY:CODE");
        continue;
      }
      sink.define(sink.code(in, code), std::move(definition));
      ++table.report().loaded;
    }
  }
  return table.report();
}

FileReport read_hierarchy(ImportRun& run, const std::filesystem::path& file, ImportSink& sink) {
  return read_pairs(run, file, sink, "ancestor", "descendant",
                    [&sink](CodeId a, CodeId b, std::string_view) { sink.add_descendant(a, b); });
}

FileReport read_children(ImportRun& run, const std::filesystem::path& file, ImportSink& sink,
                         ParentChild& tree) {
  return read_pairs(run, file, sink, "parent", "child",
                    [&tree](CodeId parent, CodeId child, std::string_view name) {
                      tree.children[parent].push_back(child);
                      tree.names.try_emplace(parent, name);
                    });
}

FileReport read_mappings(ImportRun& run, const std::filesystem::path& file, ImportSink& sink) {
  return read_pairs(run, file, sink, "source", "standard",
                    [&sink](CodeId a, CodeId b, std::string_view) { sink.add_mapping(a, b); });
}

void add_descendants_of(const ParentChild& tree, ImportSink& sink) {
  std::unordered_map<CodeId, CodeId> met;  // code -> the ancestor whose walk met it last
  std::vector<CodeId> open;
  for (const auto& [ancestor, children] : tree.children) {
    open = children;
    while (!open.empty()) {
      const CodeId code = open.back();
      open.pop_back();
      if (code == ancestor) {
        fail(ErrorCode::kInput, "the hierarchy goes in a circle: a code is below itself",
             tree.names.at(code));
      }
      CodeId& last = met[code];
      if (last == ancestor) continue;
      last = ancestor;
      sink.add_descendant(ancestor, code);
      if (const auto found = tree.children.find(code); found != tree.children.end()) {
        open.insert(open.end(), found->second.begin(), found->second.end());
      }
    }
  }
}

}  // namespace anam
