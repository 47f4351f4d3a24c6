// SPDX-License-Identifier: Apache-2.0
#include "tools/import/events_files.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/csv/csv_reader.h"
#include "ingest/csv/field.h"
#include "storage/attributes.h"
#include "storage/error.h"

namespace anam {
namespace {

/// The columns of a file that fill attributes: built-in ones by name, and those that the user
/// wants kept.
template <typename Wanted>
std::vector<AttributeColumn> attribute_columns(InputTable& table,
                                               const std::vector<KeptColumn>& keep,
                                               ImportSink& sink, Wanted wanted) {
  std::vector<AttributeColumn> columns;
  for (std::size_t i = 0; i < table.lower_names().size(); ++i) {
    const std::string& name = table.lower_names()[i];
    const AttributeInfo* info = find_builtin_attribute(name);
    if (info != nullptr && info->id >= column::kFirstAttribute && wanted(*info)) {
      columns.emplace_back(table.want_at(i), info->id, info->type, info->vocabulary, sink,
                           info->id == column::kVerbatimEnd);
      continue;
    }
    const auto kept = std::ranges::find(keep, name, &KeptColumn::name);
    if (kept != keep.end()) {
      columns.emplace_back(table.want_at(i), sink.attribute(name, kept->type), kept->type, name,
                           sink);
    }
  }
  return columns;
}

/// Parses all attribute cells of a row. False, with the row rejected, when one is bad.
bool parse_attributes(InputTable& table, std::size_t row, std::vector<AttributeColumn>& columns) {
  for (AttributeColumn& column : columns) {
    const char* wrong = column.parse(table.cell(column.input(), row), table.report());
    if (wrong != nullptr) {
      table.reject(row, column.input(), wrong);
      return false;
    }
  }
  return true;
}

/// Attributes whose cells here are the ids of visits, as in the columns `visit` and `visit_detail`.
constexpr ColumnId kVisitReferences[] = {column::kPrecedingVisit, column::kPrecedingVisitDetail,
                                         column::kParentVisitDetail};

bool is_visit_reference(const AttributeInfo& info) {
  return std::ranges::find(kVisitReferences, info.id) != std::end(kVisitReferences);
}

bool is_person_attribute(const AttributeInfo& info) {
  return info.id >= column::kSex && info.id <= column::kBirthSecond;
}

/// The columns of a file of events that are fields of the event itself.
struct EventColumns {
  std::size_t patient, start, domain;
  std::optional<std::size_t> code, vocabulary, end, source_code, source_vocabulary;
  std::optional<std::size_t> visit, visit_detail, claim, record;
  std::vector<std::pair<ColumnId, std::size_t>> visit_references;

  explicit EventColumns(InputTable& table)
      : patient(table.need("patient_id")),
        start(table.need("start")),
        domain(table.need("domain")),
        code(table.want("code")),
        vocabulary(table.want("vocabulary")),
        end(table.want("end")),
        source_code(table.want("source_code")),
        source_vocabulary(table.want("source_vocabulary")),
        visit(table.want("visit")),
        visit_detail(table.want("visit_detail")),
        claim(table.want("claim")),
        record(table.want("record")) {
    for (const ColumnId id : kVisitReferences) {
      const auto input = table.want(find_builtin_attribute(id)->name);
      if (input) visit_references.emplace_back(id, *input);
    }
  }
};

/// A code from a cell of codes and, where the file has one and it is filled, a cell of
/// vocabularies.
class CodeReader {
 public:
  explicit CodeReader(ImportSink& sink) : sink_(sink), references_(sink, {}) {}

  /// kNoCode for an empty code; empty when the text is no code.
  std::optional<CodeId> read(std::string_view vocabulary, std::string_view code) {
    if (code.empty()) return kNoCode;
    if (vocabulary.empty()) {
      const CodeId id = references_.id_of_reference(code);
      return id == kNoCode ? std::nullopt : std::optional<CodeId>(id);
    }
    if (last_ == nullptr || vocabulary != last_name_) {
      auto found = by_vocabulary_.find(std::string(vocabulary));
      if (found == by_vocabulary_.end()) {
        found = by_vocabulary_
                    .try_emplace(std::string(vocabulary),
                                 std::make_unique<CodeCache>(sink_, std::string(vocabulary)))
                    .first;
      }
      last_ = found->second.get();
      last_name_ = found->first;
    }
    return last_->id(code);
  }

 private:
  ImportSink& sink_;
  CodeCache references_;
  std::map<std::string, std::unique_ptr<CodeCache>> by_vocabulary_;
  CodeCache* last_ = nullptr;
  std::string_view last_name_;
};

class EventReader {
 public:
  EventReader(ImportRun& run, const std::shared_ptr<CsvReader>& csv,
              const std::vector<KeptColumn>& keep, ImportSink& sink)
      : table_(run, csv),
        columns_(table_),
        attributes_(attribute_columns(table_, keep, sink,
                                      [](const AttributeInfo& info) {
                                        return !is_person_attribute(info) &&
                                               !is_visit_reference(info);
                                      })),
        codes_(sink),
        source_codes_(sink),
        out_(sink) {
    table_.report_ignored_columns();
  }

  FileReport read() {
    while (table_.next()) {
      for (std::size_t row = 0; row < table_.rows(); ++row) {
        if (read_row(row)) ++table_.report().loaded;
      }
    }
    out_.finish();
    return table_.report();
  }

 private:
  bool reject(std::size_t row, std::size_t column, std::string_view reason) {
    table_.reject(row, column, reason);
    return false;
  }

  bool read_row(std::size_t row) {
    const std::string_view patient = table_.cell(columns_.patient, row);
    if (patient.empty()) return reject(row, columns_.patient, "the patient is missing");
    const std::optional<Domain> domain = find_domain_again(table_.cell(columns_.domain, row));
    if (!domain) {
      return reject(row, columns_.domain, "not a domain (condition, drug, procedure, visit, ...)");
    }
    const std::optional<DayTime> start = parse_day_time(table_.cell(columns_.start, row));
    if (!start) return reject(row, columns_.start, "not a date (YYYY-MM-DD, or with HH:MM:SS)");
    std::optional<DayTime> end;
    if (const std::string_view text = table_.cell(columns_.end, row); !text.empty()) {
      end = parse_day_time(text);
      if (!end) return reject(row, *columns_.end, "not a date (YYYY-MM-DD, or with HH:MM:SS)");
      if (end->day < start->day) ++table_.report().noted["end before start"];
    }
    const std::optional<CodeId> code =
        codes_.read(table_.cell(columns_.vocabulary, row), table_.cell(columns_.code, row));
    if (!code) return reject(row, *columns_.code, kNotACode);
    const std::optional<CodeId> source_code = source_codes_.read(
        table_.cell(columns_.source_vocabulary, row), table_.cell(columns_.source_code, row));
    if (!source_code) return reject(row, *columns_.source_code, kNotACode);
    if (!parse_attributes(table_, row, attributes_)) return false;

    EventBatch& batch = out_.next();
    batch.begin(patient, *domain, *code, start->day);
    if (start->second >= 0) batch.set(column::kSecond, start->second);
    if (end) {
      batch.set(column::kEndDay, end->day);
      if (end->second >= 0) batch.set(column::kEndSecond, end->second);
    }
    if (*source_code != kNoCode) batch.set(column::kSourceCode, *source_code);
    set_key(batch, column::kVisitKey, columns_.visit, row);
    set_key(batch, column::kVisitDetailKey, columns_.visit_detail, row);
    set_key(batch, column::kClaimKey, columns_.claim, row);
    set_key(batch, column::kRecordKey, columns_.record, row);
    for (const auto& [id, input] : columns_.visit_references)
      batch.set_key(id, table_.cell(input, row));
    for (const AttributeColumn& attribute : attributes_) attribute.set(batch);
    return true;
  }

  void set_key(EventBatch& batch, ColumnId id, const std::optional<std::size_t>& input,
               std::size_t row) {
    if (input) batch.set_key(id, table_.cell(*input, row));
  }

  /// find_domain(); neighbouring rows often have the same.
  std::optional<Domain> find_domain_again(std::string_view name) {
    if (name != last_name_ || !last_domain_) {
      last_name_ = name;
      last_domain_ = find_domain(name);
    }
    return last_domain_;
  }

  static constexpr std::string_view kNotACode =
      "not a code; write VOCABULARY:CODE, or fill the vocabulary's column";

  InputTable table_;
  EventColumns columns_;
  std::vector<AttributeColumn> attributes_;
  CodeReader codes_;
  CodeReader source_codes_;
  RowWriter out_;
  std::string last_name_;
  std::optional<Domain> last_domain_;
};

/// "F", "female": the code of sex that a text means. The text itself where that is not
/// known.
std::string_view sex_code(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (lower == "f" || lower == "female" || lower == "woman") return "F";
  if (lower == "m" || lower == "male" || lower == "man") return "M";
  return text;
}

}  // namespace

EventsFileKind kind_of_events_file(const std::filesystem::path& file) {
  const CsvReader csv(file.string());
  const auto has = [&csv](std::string_view name) { return csv.find(name).has_value(); };
  if (has("patient_id")) return has("start") ? EventsFileKind::kEvents : EventsFileKind::kPatients;
  if (has("ancestor") && has("descendant")) return EventsFileKind::kHierarchy;
  if (has("parent") && has("child")) return EventsFileKind::kChildren;
  if (has("source") && has("standard")) return EventsFileKind::kMappings;
  if (has("code") && has("name")) return EventsFileKind::kCodes;
  fail(
      ErrorCode::kInput,
      "the header is of none of the known kinds: events (patient_id, start, domain, code, ...), "
      "patients (patient_id, sex, birth_date, ...), codes (vocabulary, code, name, ...), hierarchy "
      "(ancestor, descendant or parent, child), mappings (source, standard)",
      file.string());
}

FileReport read_events(ImportRun& run, const std::shared_ptr<CsvReader>& csv,
                       const std::vector<KeptColumn>& keep, ImportSink& sink) {
  return EventReader(run, csv, keep, sink).read();
}

FileReport read_patients(ImportRun& run, const std::shared_ptr<CsvReader>& csv,
                         const std::vector<KeptColumn>& keep, ImportSink& sink) {
  InputTable table(run, csv);
  const std::size_t patient_column = table.need("patient_id");
  const auto birth_date = table.want("birth_date");
  const auto sex = table.want("sex");
  std::vector<AttributeColumn> attributes =
      attribute_columns(table, keep, sink, [&](const AttributeInfo& info) {
        const bool of_birth_date = birth_date && info.id >= column::kBirthYear &&
                                   info.id <= column::kBirthDay;  // the date says it already
        return is_person_attribute(info) && info.id != column::kSex && !of_birth_date;
      });
  table.report_ignored_columns();
  CodeCache sexes(sink, "Gender");
  RowWriter out(sink);
  while (table.next()) {
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const std::string_view patient = table.cell(patient_column, row);
      if (patient.empty()) {
        table.reject(row, patient_column, "the patient is missing");
        continue;
      }
      std::optional<std::int32_t> born;
      if (const std::string_view text = table.cell(birth_date, row); !text.empty()) {
        born = parse_day(text);
        if (!born) {
          table.reject(row, *birth_date, "not a date (YYYY-MM-DD)");
          continue;
        }
      }
      if (!parse_attributes(table, row, attributes)) continue;
      EventBatch& batch = out.next();
      batch.begin(patient, Domain::kPerson, kNoCode, kNull);
      if (const std::string_view text = table.cell(sex, row); !text.empty()) {
        const CodeId code = sexes.id_of_reference(sex_code(text));
        if (code != kNoCode) batch.set(column::kSex, code);
      }
      if (born) {
        const Civil date = civil_of(*born);
        batch.set(column::kBirthYear, date.year);
        batch.set(column::kBirthMonth, date.month);
        batch.set(column::kBirthDay, date.day);
      }
      for (const AttributeColumn& attribute : attributes) attribute.set(batch);
      ++table.report().loaded;
    }
  }
  out.finish();
  return table.report();
}

ImportReport read_events_files(ImportRun& run, const std::vector<std::filesystem::path>& files,
                               const std::vector<EventsFileKind>& kinds,
                               const std::vector<KeptColumn>& keep, ImportSink& sink) {
  ImportReport report;
  report.files.resize(files.size());
  define_code(sink, "Gender", "F", "FEMALE", "Gender");
  define_code(sink, "Gender", "M", "MALE", "Gender");
  ParentChild tree;
  std::vector<std::size_t> rest;
  for (std::size_t i = 0; i < files.size(); ++i) {
    switch (kinds[i]) {
      case EventsFileKind::kCodes:
        report.files[i] = read_codes(run, files[i], sink);
        break;
      case EventsFileKind::kHierarchy:
        report.files[i] = read_hierarchy(run, files[i], sink);
        break;
      case EventsFileKind::kChildren:
        report.files[i] = read_children(run, files[i], sink, tree);
        break;
      case EventsFileKind::kMappings:
        report.files[i] = read_mappings(run, files[i], sink);
        break;
      case EventsFileKind::kEvents:
      case EventsFileKind::kPatients:
        rest.push_back(i);
        break;
    }
  }
  add_descendants_of(tree, sink);
  std::vector<std::filesystem::path> paths;
  for (const std::size_t i : rest) paths.push_back(files[i]);
  std::vector<FileReport> reports = run.read_files(
      paths, [&](std::size_t k) { return std::make_shared<CsvReader>(paths[k].string()); },
      [&](std::size_t k, const std::shared_ptr<CsvReader>& csv) {
        return kinds[rest[k]] == EventsFileKind::kEvents ? read_events(run, csv, keep, sink)
                                                         : read_patients(run, csv, keep, sink);
      });
  for (std::size_t k = 0; k < rest.size(); ++k) report.files[rest[k]] = std::move(reports[k]);
  return report;
}

}  // namespace anam
