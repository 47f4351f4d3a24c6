// SPDX-License-Identifier: Apache-2.0
#include "tests/model/store_check.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <tuple>

#include "query/read/store_shard.h"
#include "tests/model/random_rows.h"

namespace anam::testing {
namespace {

using Random = std::mt19937_64;

/// Prints cells of a store.
class Printer {
 public:
  explicit Printer(const StoreReader& reader) {
    codes_.resize(reader.codes().size() + std::size_t{1});
    for (CodeId id = 1; id < codes_.size(); ++id) {
      const CodeRecord record = reader.codes().record(id);
      codes_[id] = {record.vocabulary, record.code};
    }
  }
  const Code& code(CodeId id) const { return codes_.at(id); }
  const std::vector<Code>& codes() const { return codes_; }
  std::string print(ColumnType type, std::int64_t cell, const TextPool& texts) const {
    if (type == ColumnType::kText) return std::string(texts.at(cell));
    if (type == ColumnType::kCode) {
      const Code& c = code(static_cast<CodeId>(cell));
      return c.vocabulary + ":" + c.code;
    }
    return std::to_string(cell);
  }

 private:
  std::vector<Code> codes_;
};

std::vector<PatientPlace> all_places(const StoreReader& reader) {
  std::vector<PatientPlace> places;
  for (std::uint32_t s = 0; s < reader.shards(); ++s) {
    const auto shard = reader.shard(s);
    for (std::uint32_t o = 0; o < shard->patients(); ++o) places.push_back({s, o});
  }
  return places;
}

std::string print(const TimelineBatch& batch, std::size_t event, const Printer& printer) {
  const std::int64_t cell = batch.domain_code[event];
  const Code& code = printer.code(code_of(cell));
  std::string line = std::to_string(batch.day[event]) + " " +
                     std::string(domain_name(domain_of(cell))) + " " + code.vocabulary + ":" +
                     code.code;
  for (const StreamColumn& column : batch.columns) {
    if (column.cells[event] != kNull)
      line += " " + std::to_string(column.id) + "=" +
              printer.print(column.type, column.cells[event], batch.texts);
  }
  return line;
}

Lines read_lines(const StoreReader& reader, const Printer& printer,
                 const std::vector<PatientPlace>& places, const TimelineOptions& options,
                 std::size_t batch_events) {
  std::map<PatientPlace, std::string> ids;
  std::optional<std::uint32_t> at;
  std::unique_ptr<ShardData> shard;
  for (const PatientPlace& place : places) {
    if (at != place.shard) shard = reader.shard(place.shard);
    at = place.shard;
    ids[place] = shard->patient_id(place.ordinal);
  }
  Lines lines;
  std::size_t next = 0;
  anam::read_timelines(
      reader, places, options,
      [&](TimelineBatch&& batch) {
        if (batch.offsets.size() != batch.patients.size() + 1 ||
            batch.offsets.back() != batch.events())
          fail(ErrorCode::kUsage, "a batch's offsets are not its patients'");
        for (std::size_t p = 0; p < batch.patients.size(); ++p) {
          if (batch.patients[p] != places.at(next++))
            fail(ErrorCode::kUsage, "a batch's patients are not those asked for");
          auto& mine = lines[ids[batch.patients[p]]];
          for (std::size_t e = batch.offsets[p]; e < batch.offsets[p + 1]; ++e)
            mine.push_back(print(batch, e, printer));
        }
      },
      batch_events, 1 + static_cast<unsigned>(batch_events % 3));
  if (next != places.size()) fail(ErrorCode::kUsage, "patients are missing from batches");
  return lines;
}

/// Events of a patient as timelines show them, of what release by release is stored.
std::vector<const Event*> ordered(const Patient& patient) {
  std::vector<const Event*> events;
  for (const Event& event : patient.events) events.push_back(&event);
  std::ranges::stable_sort(events, [](const Event* a, const Event* b) {
    const auto key = [](const Event& e) {
      const Cell* second = e.find(column::kSecond);
      return std::tuple(*e.row.day, second != nullptr ? second->number : -1, e.row.domain);
    };
    return key(*a) < key(*b);
  });
  return events;
}

/// Events of a patient by release, as they are stored.
std::vector<const Event*> stored(const Patient& patient) {
  std::vector<const Event*> events;
  for (const Event& event : patient.events) events.push_back(&event);
  return events;
}

/// A question about events: codes as texts.
struct Question {
  Domain domain = Domain::kNone;
  std::optional<std::set<Code>> codes;
  Role role = Role::kEither;

  bool asks_for(const Event& event) const {
    if (domain != Domain::kNone && event.row.domain != domain) return false;
    if (!codes) return true;
    const Cell* source = event.find(column::kSourceCode);
    const bool standard = !event.row.code.code.empty() && codes->contains(event.row.code);
    const bool by_source = source != nullptr && codes->contains(source->code);
    if (role == Role::kStandard) return standard;
    if (role == Role::kSource) return by_source;
    return standard || by_source;
  }
};

class Checker {
 public:
  Checker(const StoreReader& reader, const ModelStore& model, Random& random)
      : reader_(reader), model_(model), random_(random), printer_(reader) {
    for (const auto& [id, patient] : model_.patients) {
      CAPTURE(id);
      const auto place = reader_.find_patient(id);
      REQUIRE(place);
      REQUIRE(places_.emplace(*place, id).second);
    }
    for (std::uint32_t s = 0; s < reader_.shards(); ++s) shards_.push_back(reader_.shard(s));
    std::uint64_t patients = 0;
    for (const auto& shard : shards_) patients += shard->patients();
    REQUIRE(patients == model_.patients.size());
    for (const auto& [place, id] : places_)
      REQUIRE(shards_[place.shard]->patient_id(place.ordinal) == id);
    for (const char* absent : {"", "no such patient", "0000", "-", "99999999999"}) {
      if (!model_.patients.contains(absent)) REQUIRE_FALSE(reader_.find_patient(absent));
    }
    REQUIRE(reader_.store().release().patients == model_.patients.size());
    REQUIRE(reader_.store().release().events == model_.events());
  }

  void check_patients_with() {
    const Question question = random_question();
    const CodeIds ids = resolve(question);
    const StreamRequest request = make_request(question, ids);
    for (std::uint32_t s = 0; s < shards_.size(); ++s) {
      const PatientSet set = shards_[s]->patients_with(request);
      for (const auto& [place, id] : places_) {
        if (place.shard != s) continue;
        const auto& events = model_.patients.at(id).events;
        const bool expected =
            std::ranges::any_of(events, [&](const Event& e) { return question.asks_for(e); });
        if (set.contains(place.ordinal) != expected) {
          CAPTURE(id, expected);
          FAIL("patients_with() differs");
        }
      }
    }
  }

  void check_events() {
    const Question question = random_question();
    const CodeIds ids = resolve(question);
    StreamRequest request = make_request(question, ids);
    switch (random_() % 3) {
      case 0:
        break;
      case 1:
        request.columns = {column::kSecond};
        if (random_() % 2 == 0) request.columns.push_back(column::kValue);
        break;
      default:
        for (const ColumnId id : {column::kCode, column::kSourceCode, column::kSecond,
                                  column::kVisit, column::kClaim, column::kSource}) {
          if (random_() % 3 == 0) request.columns.push_back(id);
        }
        for (const ColumnShape& column : event_columns()) {
          if (random_() % 4 == 0) request.columns.push_back(column.id);
        }
        if (random_() % 2 == 0) request.columns.push_back(column::kPlace);
    }
    const auto one_in = 1 + random_() % (random_() % 2 == 0 ? 3 : 100);
    for (std::uint32_t s = 0; s < shards_.size(); ++s) {
      PatientSet among(shards_[s]->patients());
      for (std::uint32_t o = 0; o < among.patients(); ++o) {
        if (random_() % one_in == 0) among.add(o);
      }
      check_stream(s, question, request, random_() % 2 == 0 ? &among : nullptr);
    }
  }

  void check_counts() {
    Question question = random_question();
    if (!question.codes) return;
    question.domain = Domain::kNone;
    question.role = Role::kEither;
    std::map<std::pair<Code, Domain>, std::pair<std::uint64_t, std::set<std::string>>> expected;
    std::uint64_t events = 0;
    std::set<std::string> patients;
    for (const auto& [id, patient] : model_.patients) {
      for (const Event& event : patient.events) {
        if (!question.asks_for(event)) continue;
        ++events;
        patients.insert(id);
        std::set<Code> codes = {event.row.code};
        if (const Cell* source = event.find(column::kSourceCode)) codes.insert(source->code);
        for (const Code& code : codes) {
          if (!question.codes->contains(code)) continue;
          auto& count = expected[{code, event.row.domain}];
          ++count.first;
          count.second.insert(id);
        }
      }
    }
    const CodeCounts counts =
        count_codes(reader_, resolve(question), 1 + static_cast<unsigned>(random_() % 3));
    REQUIRE(counts.all.events == events);
    REQUIRE(counts.all.patients == patients.size());
    REQUIRE(counts.codes.size() == expected.size());
    for (const CodeCount& count : counts.codes) {
      const auto found = expected.find({printer_.code(count.code), count.domain});
      REQUIRE(found != expected.end());
      REQUIRE(count.events == found->second.first);
      REQUIRE(count.patients == found->second.second.size());
    }
  }

  void check_timelines() {
    const Question question = random_question();
    TimelineOptions options;
    CodeIds ids;
    if (question.codes) {
      ids = resolve(question);
      options.codes = &ids;
    }
    if (random_() % 2 == 0) options.from = static_cast<Day>(random_() % 2000) - 400;
    if (random_() % 2 == 0) options.to = static_cast<Day>(random_() % 2000) - 200;
    if (random_() % 2 == 0) {
      options.columns.emplace();
      for (const ColumnId id :
           {column::kEndDay, column::kSourceCode, column::kSecond, column::kSource}) {
        if (random_() % 3 == 0) options.columns->push_back(id);
      }
      for (const ColumnShape& column : event_columns()) {
        if (random_() % 4 == 0) options.columns->push_back(column.id);
      }
    }
    std::vector<PatientPlace> places;
    const auto one_in = 1 + random_() % 20;
    for (const auto& [place, id] : places_) {
      if (random_() % one_in == 0) places.push_back(place);
    }
    const Lines lines = read_lines(reader_, printer_, places, options, 1 + random_() % 3000);
    for (const PatientPlace& place : places) {
      std::vector<const Event*> events = ordered(model_.patients.at(places_.at(place)));
      std::erase_if(events, [&](const Event* e) {
        Question any_domain = question;
        any_domain.domain = Domain::kNone;
        any_domain.role = Role::kEither;
        return *e->row.day < options.from || *e->row.day > options.to || !any_domain.asks_for(*e);
      });
      CAPTURE(places_.at(place));
      compare(lines.at(places_.at(place)), events, options.columns);
      if (random_() % 50 == 0) {
        const TimelineBatch one = read_timeline(reader_, place, options);
        REQUIRE(one.patients == std::vector<PatientPlace>{place});
        std::vector<std::string> mine;
        for (std::size_t e = 0; e < one.events(); ++e) mine.push_back(print(one, e, printer_));
        REQUIRE(mine == lines.at(places_.at(place)));
      }
    }
  }

  void check_everything() {
    const Lines lines = read_timelines(reader_);
    REQUIRE(lines.size() == model_.patients.size());
    for (const auto& [id, patient] : model_.patients) {
      CAPTURE(id);
      compare(lines.at(id), ordered(patient), std::nullopt);
    }
    REQUIRE(read_persons(reader_) == persons(model_));
  }

 private:
  void compare(const std::vector<std::string>& found, const std::vector<const Event*>& events,
               const std::optional<std::vector<ColumnId>>& columns) {
    std::vector<std::string> expected;
    for (const Event* event : events) {
      Event shown = *event;
      if (columns) {
        std::erase_if(shown.row.cells, [&](const auto& cell) {
          return std::ranges::find(*columns, cell.first) == columns->end();
        });
      }
      expected.push_back(shown.print());
    }
    REQUIRE(found == expected);
  }

  void check_stream(std::uint32_t shard, const Question& question, const StreamRequest& request,
                    const PatientSet* among) {
    CAPTURE(shard, static_cast<int>(request.domain), request.columns, question.codes.has_value(),
            static_cast<int>(request.role), among != nullptr);
    const auto stream = shards_[shard]->events(request, among);
    struct Found {
      std::uint32_t patient;
      std::int64_t place;
      std::string line;
    };
    std::vector<Found> found;
    const StreamColumn* places = stream->find(column::kPlace);
    REQUIRE(stream->start.size() == stream->size());
    REQUIRE((stream->end.empty() || stream->end.size() == stream->size()));
    REQUIRE(stream->columns.size() == request.columns.size());
    const StreamColumn* seconds = stream->find(column::kSecond);
    const StreamColumn* values = stream->find(column::kValue);
    const bool from_postings = std::ranges::all_of(request.columns, [&](ColumnId id) {
      return id == column::kSecond ||
             (id == column::kValue && request.domain == Domain::kMeasurement);
    });
    for (std::size_t i = 0; i < stream->size(); ++i) {
      if (i > 0) {
        // Without further columns the order does not depend on whether postings or timelines were
        // read.
        const auto key = [&](std::size_t at) {
          return std::tuple(
              stream->patient[at], stream->start[at], seconds != nullptr ? seconds->cells[at] : 0,
              !from_postings || stream->end.empty() ? EventStream::kNoEnd : stream->end[at],
              !from_postings || values == nullptr ? 0 : values->cells[at]);
        };
        REQUIRE(key(i - 1) <= key(i));
      }
      if (among != nullptr && !among->contains(stream->patient[i])) continue;
      std::string line =
          std::to_string(stream->patient[i]) + " " + std::to_string(stream->start[i]) + " ";
      if (!stream->end.empty() && stream->end[i] != EventStream::kNoEnd)
        line += std::to_string(stream->end[i]);
      for (const StreamColumn& column : stream->columns) {
        REQUIRE(column.cells.size() == stream->size());
        if (&column == places) continue;
        const std::int64_t cell = column.cells[i];
        line += " " + std::to_string(column.id) + "=";
        if (column.id == column::kCode) {
          line += printer_.print(ColumnType::kCode, cell, stream->texts);
        } else if (cell != kNull) {
          line += printer_.print(column.type, cell, stream->texts);
        }
      }
      found.push_back({stream->patient[i], places != nullptr ? places->cells[i] : 0, line});
    }
    std::vector<Found> expected;
    for (const auto& [place, id] : places_) {
      if (place.shard != shard || (among != nullptr && !among->contains(place.ordinal))) continue;
      for (const Event* e : stored(model_.patients.at(id))) {
        const Event& event = *e;
        if (!question.asks_for(event)) continue;
        std::string line =
            std::to_string(place.ordinal) + " " + std::to_string(*event.row.day) + " ";
        if (const Cell* end = event.find(column::kEndDay)) line += end->print();
        for (const ColumnId column : request.columns) {
          if (column == column::kPlace) continue;
          line += " " + std::to_string(column) + "=";
          if (column == column::kCode) {
            line += event.row.code.vocabulary + ":" + event.row.code.code;
          } else if (const Cell* cell = event.find(column)) {
            line += cell->print();
          }
        }
        expected.push_back({place.ordinal, 0, line});
      }
    }
    // By place where that was asked for: of the day and the release, as stored.
    const auto lines = [&](std::vector<Found>& all) {
      std::ranges::stable_sort(all, {}, [&](const Found& f) {
        return std::tuple(f.patient, f.place, places == nullptr ? f.line : std::string());
      });
      std::vector<std::string> result;
      for (const Found& f : all) result.push_back(f.line);
      return result;
    };
    REQUIRE(lines(found) == lines(expected));
  }

  Question random_question() {
    Question question;
    const auto domains = all_domains();
    if (random_() % 5 != 0)
      question.domain = domains[random_() % (random_() % 2 == 0 ? 4 : domains.size())];
    question.role = static_cast<Role>(random_() % 3);
    if (random_() % 5 != 0) {
      question.codes.emplace();
      const auto& codes = printer_.codes();
      const auto one_in = 1 + random_() % 30;
      const bool all_of_vocabulary = random_() % 4 == 0;
      for (std::size_t id = 1; id < codes.size(); ++id) {
        if (all_of_vocabulary ? codes[id].vocabulary == "NDC" : random_() % one_in == 0)
          question.codes->insert(codes[id]);
      }
    }
    return question;
  }

  CodeIds resolve(const Question& question) {
    CodeIds ids;
    if (question.codes) {
      for (const Code& code : *question.codes)
        ids.push_back(reader_.codes().find(code.vocabulary, code.code).value());
    }
    std::ranges::sort(ids);
    return ids;
  }

  static StreamRequest make_request(const Question& question, const CodeIds& ids) {
    return {.domain = question.domain,
            .codes = question.codes ? &ids : nullptr,
            .role = question.role,
            .columns = {}};
  }

  const StoreReader& reader_;
  const ModelStore& model_;
  Random& random_;
  Printer printer_;
  std::map<PatientPlace, std::string> places_;
  std::vector<std::unique_ptr<ShardData>> shards_;
};

}  // namespace

Lines read_timelines(const StoreReader& reader) {
  return read_lines(reader, Printer(reader), all_places(reader), {}, 65536);
}

Lines read_persons(const StoreReader& reader) {
  const Printer printer(reader);
  Lines lines;
  for (std::uint32_t s = 0; s < reader.shards(); ++s) {
    const auto shard = reader.shard(s);
    for (std::uint32_t o = 0; o < shard->patients(); ++o) lines[shard->patient_id(o)];
    for (const ColumnShape& column : person_columns()) {
      TextPool texts;
      const auto cells = shard->person_column(column.id, &texts);
      for (std::uint32_t o = 0; o < shard->patients(); ++o) {
        if (cells[o] != kNull)
          lines[shard->patient_id(o)].push_back(std::to_string(column.id) + "=" +
                                                printer.print(column.type, cells[o], texts));
      }
    }
  }
  return lines;
}

Lines timelines(const ModelStore& model) {
  Lines lines;
  for (const auto& [id, patient] : model.patients) {
    auto& mine = lines[id];
    for (const Event* event : ordered(patient)) mine.push_back(event->print());
  }
  return lines;
}

Lines persons(const ModelStore& model) {
  Lines lines;
  for (const auto& [id, patient] : model.patients) {
    auto& mine = lines[id];
    for (const ColumnShape& column : person_columns()) {
      const auto cell = patient.cells.find(column.id);
      if (cell != patient.cells.end())
        mine.push_back(std::to_string(column.id) + "=" + cell->second.print());
    }
  }
  return lines;
}

bool same(const StoreReader& reader, const ModelStore& model) {
  const auto sorted = [](Lines lines) {
    for (auto& [id, mine] : lines) std::ranges::sort(mine);
    return lines;
  };
  return sorted(read_timelines(reader)) == sorted(timelines(model)) &&
         read_persons(reader) == persons(model);
}

void check_store(const StoreReader& reader, const ModelStore& model, Random& random, int queries) {
  Checker checker(reader, model, random);
  checker.check_everything();
  for (int i = 0; i < queries; ++i) {
    CAPTURE(i);
    checker.check_patients_with();
    checker.check_events();
    checker.check_counts();
    checker.check_timelines();
  }
}

}  // namespace anam::testing
