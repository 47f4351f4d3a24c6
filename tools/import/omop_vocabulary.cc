// SPDX-License-Identifier: Apache-2.0
#include "tools/import/omop_vocabulary.h"

#include <algorithm>
#include <string>

#include "tools/import/omop_row_reader.h"
#include "tools/import/partitioned_rows.h"

namespace anam {
namespace {

constexpr std::size_t kLongestCode = 255;                 // of a load
constexpr std::uint64_t kConceptsPerPartition = 1 << 18;  // about 100 MiB with names and synonyms
constexpr std::size_t kRowsPerBlock = 1024;

/// One vocabulary file: fields by column name, and the accounts.
class VocabularyFile {
 public:
  VocabularyFile(OmopRun& run, const OmopFile& file)
      : run_(run),
        path_(file.path),
        csv_(open_omop_table(file)),
        binding_(bind_omop_columns(file, csv_.lower_names(), {})) {
    std::vector<std::size_t> selected;
    for (const OmopBinding::Column& column : binding_.columns) selected.push_back(column.index);
    csv_.select(std::move(selected));
    report.file = file.path;
    report.ignored_columns = binding_.ignored;
  }

  /// The number to ask field() for. Past the last one if the file lacks the column.
  std::size_t slot(std::string_view name) const {
    const auto at = std::ranges::find(binding_.columns, name, &OmopBinding::Column::name);
    return static_cast<std::size_t>(at - binding_.columns.begin());
  }

  bool next() {
    ++at_;
    while (at_ >= batch_.rows()) {
      const bool more = csv_.next(batch_);
      at_ = 0;
      run_.advance(csv_.bytes_consumed() - consumed_);
      consumed_ = csv_.bytes_consumed();
      for (const CsvBadRow& row : batch_.bad_rows()) {
        run_.bad_rows().add(path_, row.line, "", row.text,
                            describe_bad_row(row, csv_.names().size()));
        ++report.bad;
      }
      report.rows += batch_.rows() + batch_.bad_rows().size();
      if (!more) return false;
    }
    return true;
  }

  std::string_view field(std::size_t slot) const {
    if (slot >= binding_.columns.size()) return {};
    const std::string_view text = trim_blanks(batch_.column(slot)[at_]);
    return text == "\\N" ? std::string_view() : text;
  }

  /// A required id. Empty when the row is bad, which is accounted then.
  std::optional<std::int64_t> id(std::size_t slot) {
    const std::string_view text = field(slot);
    const auto number = parse_omop_integer(text);
    if (!number) {
      run_.bad_rows().add(path_, batch_.line(at_), binding_.columns[slot].name, text,
                          text.empty() ? "no concept id" : "not an integer");
      ++report.bad;
    }
    return number;
  }

  FileReport report;

 private:
  OmopRun& run_;
  std::string path_;
  CsvReader csv_;
  OmopBinding binding_;
  CsvBatch batch_;
  std::size_t at_ = 0;
  std::uint64_t consumed_ = 0;
};

bool can_be_code(std::string_view text) {
  return !text.empty() && text.size() <= kLongestCode && std::ranges::none_of(text, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
}

/// Concepts and their synonyms, scattered by concept id.
class Concepts {
 public:
  Concepts(OmopRun& run, std::uint64_t rows)
      : run_(run),
        concepts_(run.sink.scratch(), kConceptTypes, partitions(rows), kRowsPerBlock),
        synonyms_(run.sink.scratch(), {ColumnType::kInt, ColumnType::kText}, partitions(rows),
                  kRowsPerBlock) {}

  FileReport read_concepts(const OmopFile& path) {
    VocabularyFile file(run_, path);
    const std::size_t id = file.slot("concept_id");
    const std::size_t standard = file.slot("standard_concept");
    const std::size_t invalid = file.slot("invalid_reason");
    std::size_t texts[kTexts];
    std::ranges::transform(kTextNames, texts, [&](auto name) { return file.slot(name); });
    std::int64_t cells[kCells + kTexts];
    TextPool pool;
    while (file.next()) {
      const auto number = file.id(id);
      if (!number) continue;
      pool.clear();
      cells[0] = *number;
      cells[1] = file.field(standard) == "S" ? 1 : 0;
      cells[2] = file.field(invalid).empty() || file.field(invalid) == "NULL" ? 0 : 1;
      for (std::size_t i = 0; i < kTexts; ++i) cells[kCells + i] = pool.add(file.field(texts[i]));
      concepts_.add(scatter(static_cast<std::uint64_t>(*number)), cells, &pool);
      ++file.report.loaded;
    }
    return file.report;
  }

  FileReport read_synonyms(const OmopFile& path) {
    VocabularyFile file(run_, path);
    const std::size_t id = file.slot("concept_id");
    const std::size_t name = file.slot("concept_synonym_name");
    TextPool pool;
    while (file.next()) {
      const auto number = file.id(id);
      if (!number) continue;
      pool.clear();
      const std::int64_t cells[] = {*number, pool.add(file.field(name))};
      synonyms_.add(scatter(static_cast<std::uint64_t>(*number)), cells, &pool);
      ++file.report.loaded;
    }
    return file.report;
  }

  /// Defines all concepts. Returns how many synonyms belong to no concept.
  std::uint64_t define() {
    std::uint64_t orphans = 0;
    for (std::size_t i = 0; i < concepts_.partitions(); ++i) orphans += define(i);
    return orphans;
  }

 private:
  static constexpr std::string_view kTextNames[] = {"concept_name", "domain_id", "concept_class_id",
                                                    "vocabulary_id", "concept_code"};
  static constexpr std::size_t kTexts = std::size(kTextNames);
  static constexpr std::size_t kCells = 3;  // id, standard, invalid; then the texts
  inline static const std::vector<ColumnType> kConceptTypes = {
      ColumnType::kInt,  ColumnType::kInt,  ColumnType::kInt,  ColumnType::kText,
      ColumnType::kText, ColumnType::kText, ColumnType::kText, ColumnType::kText};

  static std::size_t partitions(std::uint64_t rows) {
    return std::clamp<std::uint64_t>(rows / kConceptsPerPartition, 1, 256);
  }

  std::uint64_t define(std::size_t partition) {
    IdMap<std::uint32_t> index;
    std::vector<std::vector<std::string>> names;
    synonyms_.read(partition, [&](const PartitionedRows::Block& block) {
      for (std::size_t row = 0; row < block.rows; ++row) {
        const auto [at, fresh] =
            index.insert(block.columns[0][row], static_cast<std::uint32_t>(names.size()));
        if (fresh) names.emplace_back();
        names[at].emplace_back(block.texts.at(block.columns[1][row]));
      }
    });
    std::uint64_t orphans = 0;
    std::vector<bool> used(names.size());
    OmopConcepts codes(run_.sink);
    concepts_.read(partition, [&](const PartitionedRows::Block& block) {
      run_.advance(0);
      for (std::size_t row = 0; row < block.rows; ++row) {
        const std::int64_t id = block.columns[0][row];
        const auto text = [&](std::size_t i) {
          return std::string(block.texts.at(block.columns[kCells + i][row]));
        };
        CodeDefinition definition;
        definition.name = text(0);
        definition.domain = text(1);
        definition.concept_class = text(2);
        definition.alias_vocabulary = text(3);
        definition.alias_code = text(4);
        if (!can_be_code(definition.alias_vocabulary) || !can_be_code(definition.alias_code)) {
          definition.alias_vocabulary.clear();
          definition.alias_code.clear();
        }
        definition.standard = block.columns[1][row] != 0;
        definition.invalid = block.columns[2][row] != 0;
        if (const std::uint32_t* at = index.find(id)) {
          used[*at] = true;
          definition.synonyms = lines(names[*at], definition.name);
        }
        run_.sink.define(codes.lookup(id), std::move(definition));
      }
    });
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!used[i]) orphans += names[i].size();
    }
    return orphans;
  }

  /// One a line, sorted, without those that are the name itself.
  static std::string lines(std::vector<std::string> names, const std::string& but) {
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::string text;
    for (std::string& name : names) {
      if (name.empty() || name == but) continue;
      std::ranges::replace(name, '\n', ' ');
      text += (text.empty() ? "" : "\n") + name;
    }
    return text;
  }

  OmopRun& run_;
  PartitionedRows concepts_;
  PartitionedRows synonyms_;
};

FileReport read_ancestors(OmopRun& run, const OmopFile& path, bool& replaced) {
  VocabularyFile file(run, path);
  OmopConcepts codes(run.sink);
  const std::size_t ancestor = file.slot("ancestor_concept_id");
  const std::size_t descendant = file.slot("descendant_concept_id");
  while (file.next()) {
    const auto above = file.id(ancestor);
    const auto below = above ? file.id(descendant) : std::nullopt;
    if (!below) continue;
    if (!replaced) run.sink.replace_hierarchy();  // not for a table without rows
    replaced = true;
    run.sink.add_descendant(codes.code(*above), codes.code(*below));
    ++file.report.loaded;
  }
  return file.report;
}

FileReport read_relationships(OmopRun& run, const OmopFile& path) {
  VocabularyFile file(run, path);
  OmopConcepts codes(run.sink);
  const std::size_t from = file.slot("concept_id_1");
  const std::size_t to = file.slot("concept_id_2");
  const std::size_t relationship = file.slot("relationship_id");
  const std::size_t invalid = file.slot("invalid_reason");
  std::uint64_t others = 0;
  std::uint64_t invalid_ones = 0;
  while (file.next()) {
    if (file.field(relationship) != "Maps to") {
      ++others;
      continue;
    }
    if (!file.field(invalid).empty() && file.field(invalid) != "NULL") {
      ++invalid_ones;
      continue;
    }
    const auto source = file.id(from);
    const auto standard = source ? file.id(to) : std::nullopt;
    if (!standard) continue;
    run.sink.add_mapping(codes.code(*source), codes.code(*standard));
    ++file.report.loaded;
  }
  if (others != 0) file.report.skipped["relationship other than 'Maps to'"] = others;
  if (invalid_ones != 0) file.report.skipped["invalid 'Maps to'"] = invalid_ones;
  return file.report;
}

}  // namespace

std::vector<FileReport> read_omop_vocabulary(OmopRun& run, std::span<const OmopFile> files) {
  const auto each = [&](std::string_view table, const auto& use) {
    for (const OmopFile& file : files) {
      if (file.table->name == table) use(file);
    }
  };
  std::vector<FileReport> reports;
  std::uint64_t rows = 0;
  each("concept", [&](const OmopFile& file) { rows += 1 + estimate_omop_rows(file); });
  each("concept_synonym", [&](const OmopFile& file) { rows += 1 + estimate_omop_rows(file); });
  if (rows != 0) {
    Concepts concepts(run, rows);
    each("concept", [&](const OmopFile& file) { reports.push_back(concepts.read_concepts(file)); });
    std::uint64_t read = 0;
    each("concept_synonym", [&](const OmopFile& file) {
      reports.push_back(concepts.read_synonyms(file));
      read += reports.back().loaded;
    });
    const std::uint64_t orphans = concepts.define();
    if (orphans != 0 && read != 0) {
      reports.back().noted["synonym of a concept that is not in the concept table"] = orphans;
    }
  }
  bool replaced = false;
  each("concept_ancestor",
       [&](const OmopFile& file) { reports.push_back(read_ancestors(run, file, replaced)); });
  each("concept_relationship",
       [&](const OmopFile& file) { reports.push_back(read_relationships(run, file)); });
  return reports;
}

}  // namespace anam
