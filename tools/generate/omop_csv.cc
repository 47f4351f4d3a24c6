// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/omop_csv.h"

#include "storage/error.h"
#include "tools/generate/row.h"

namespace anam::generate {
namespace {

std::int64_t location_id(std::size_t state, std::uint16_t zip) {
  return static_cast<std::int64_t>(state) * 1000 + zip + 1;
}

}  // namespace

OmopCsvSink::OmopCsvSink(const Model& model, const Settings& settings, CsvFolder& folder)
    : model_(model), settings_(settings), folder_(folder) {
  const auto event = [&](const std::string& table, const std::string& prefix,
                         const std::string& start, const std::string& rest) {
    folder.header(table, table + "_id,person_id," + prefix + "_concept_id," + start + "," + prefix +
                             "_type_concept_id," + prefix + "_source_concept_id," + rest);
  };
  folder.header("person",
                "person_id,gender_concept_id,year_of_birth,race_concept_id,"
                "ethnicity_concept_id,location_id");
  folder.header("observation_period",
                "observation_period_id,person_id,observation_period_start_date,"
                "observation_period_end_date,period_type_concept_id");
  folder.header("payer_plan_period",
                "payer_plan_period_id,person_id,payer_plan_period_start_date,"
                "payer_plan_period_end_date,payer_concept_id,plan_source_value");
  folder.header("death", "person_id,death_date,death_type_concept_id");
  event("visit_occurrence", "visit", "visit_start_date,visit_end_date", "visit_source_value");
  event("condition_occurrence", "condition", "condition_start_date",
        "visit_occurrence_id,condition_status_concept_id");
  event("drug_exposure", "drug", "drug_exposure_start_date,drug_exposure_end_date",
        "days_supply,quantity,refills");
  event("procedure_occurrence", "procedure", "procedure_date", "visit_occurrence_id");
  event("measurement", "measurement", "measurement_date",
        "visit_occurrence_id,value_as_number,value_as_concept_id,unit_concept_id");
  folder.header("cost",
                "cost_id,cost_event_id,cost_domain_id,total_charge,amount_allowed,total_paid,"
                "drg_concept_id");
}

void OmopCsvSink::add_cost(std::string& text, const Event& event, std::int64_t id,
                           const char* domain) const {
  const auto cents = [](CsvText& row, std::int32_t cell) {
    cell != kNoNumber ? row.decimal(cell, 2) : row.empty();
  };
  CsvText row(text);
  row.cell(event.patient * 100'000 + event.number).cell(id).cell(domain);
  cents(row, settings_.preset.all_money ? event.charged : kNoNumber);
  cents(row, settings_.preset.all_money ? event.allowed : kNoNumber);
  cents(row, event.paid);
  const CodeIndex drg = event.domain == Domain::kVisit ? event.detail : 0;
  drg != 0 ? row.cell(std::int64_t{model_.book[drg].id}) : row.empty();
  row.end_line();
}

void OmopCsvSink::add(CsvFolder::Texts& texts, const std::string& year, const Event& event) const {
  const RowCodes codes = row_codes(model_, settings_.preset, event);
  std::int64_t id = event.patient * 100'000 + event.number;
  const auto concept_id = [&](CsvText& row, CodeIndex index) {
    index != 0 ? row.cell(std::int64_t{model_.book[index].id}) : row.empty();
  };
  const auto number = [](CsvText& row, std::int64_t cell) {
    cell != 0 ? row.cell(cell) : row.empty();
  };
  const auto end = [&](CsvText& row) {
    event.end != kNoNumber ? row.date(event.end) : row.empty();
  };
  const auto begin = [&](const char* table) { return CsvText(texts[table + year]); };
  // What tables of events begin with.
  const auto common = [&](CsvText& row, bool has_end) {
    row.cell(id).cell(event.patient);
    concept_id(row, codes.code);
    row.date(event.day);
    if (has_end) end(row);
    concept_id(row, codes.type);
    concept_id(row, codes.source_code);
  };
  const auto visit = [&](CsvText& row) { number(row, event.visit != 0 ? visit_id(event) : 0); };
  const char* cost_domain = nullptr;
  switch (event.domain) {
    case Domain::kEnrollment: {
      CsvText row = begin("observation_period/");
      row.cell(id).cell(event.patient).date(event.day);
      end(row);
      concept_id(row, codes.code);
      row.end_line();
      break;
    }
    case Domain::kPayerPlan: {
      CsvText row = begin("payer_plan_period/");
      row.cell(id).cell(event.patient).date(event.day);
      end(row);
      concept_id(row, codes.code);
      row.cell(plan_name(event)).end_line();
      break;
    }
    case Domain::kDeath: {
      CsvText row = begin("death/");
      row.cell(event.patient).date(event.day);
      concept_id(row, codes.type);
      row.end_line();
      break;
    }
    case Domain::kVisit: {
      id = visit_id(event);
      CsvText row = begin("visit_occurrence/");
      common(row, true);
      row.empty().end_line();
      cost_domain = "Visit";
      break;
    }
    case Domain::kCondition: {
      CsvText row = begin("condition_occurrence/");
      common(row, false);
      visit(row);
      concept_id(row, codes.status);
      row.end_line();
      cost_domain = "Condition";
      break;
    }
    case Domain::kDrug: {
      CsvText row = begin("drug_exposure/");
      common(row, true);
      number(row, event.days_supply);
      number(row, event.quantity);
      number(row, event.refills);
      row.end_line();
      cost_domain = "Drug";
      break;
    }
    case Domain::kProcedure: {
      CsvText row = begin("procedure_occurrence/");
      common(row, false);
      visit(row);
      row.end_line();
      cost_domain = "Procedure";
      break;
    }
    case Domain::kMeasurement: {
      CsvText row = begin("measurement/");
      common(row, false);
      visit(row);
      event.value != kNoNumber ? row.decimal(event.value, event.scale) : row.empty();
      concept_id(row, codes.value_code);
      concept_id(row, event.unit);
      row.end_line();
      cost_domain = "Measurement";
      break;
    }
    default:
      fail(ErrorCode::kUsage, "the model made an event that has no OMOP table",
           domain_name(event.domain));
  }
  if (cost_domain != nullptr && event.paid != kNoNumber)
    add_cost(texts["cost/" + year], event, id, cost_domain);
}

void OmopCsvSink::take(Window& window) {
  CsvFolder::Texts texts;
  std::string& people = texts["person"];
  for (std::size_t i = 0; i < window.people.size(); ++i) {
    const Person& person = window.people[i];
    CsvText row(people);
    row.cell(window.patients[i])
        .cell(std::int64_t{model_.book[person.female ? model_.female : model_.male].id})
        .cell(person.birth_year);
    const CodeIndex race = model_.races[person.race];
    race != 0 ? row.cell(std::int64_t{model_.book[race].id}) : row.empty();
    row.empty().cell(location_id(person.state, person.zip)).end_line();
  }
  for (std::size_t feed = 0; feed < kFeeds; ++feed) {
    for (std::size_t year = 0; year < kYears; ++year) {
      const std::string name =
          feed == 0 ? "all" : std::to_string(kFirstYear + static_cast<int>(year));
      for (const Event& event : window.file(static_cast<Feed>(feed), year)) {
        add(texts, name, event);
      }
    }
  }
  folder_.append(window.number, std::move(texts));
}

void OmopCsvSink::write_locations() {
  std::string text = "location_id,state,zip\n";
  for (std::size_t i = 0; i < states().size(); ++i) {
    const State& state = states()[i];
    for (std::uint16_t zip = state.first_zip; zip <= state.last_zip; ++zip) {
      CsvText(text).cell(location_id(i, zip)).cell(state.code).cell(zip_text(zip)).end_line();
    }
  }
  folder_.write("location", text);
}

void OmopCsvSink::write_vocabulary() {
  std::string concepts =
      "concept_id,concept_name,domain_id,vocabulary_id,concept_class_id,standard_concept,"
      "concept_code,valid_start_date,valid_end_date,invalid_reason\n";
  std::string relations =
      "concept_id_1,concept_id_2,relationship_id,valid_start_date,valid_end_date,invalid_reason\n";
  for (const Concept& entry : model_.book.concepts()) {
    if (entry.id == 0) continue;
    CsvText(concepts)
        .cell(std::int64_t{entry.id})
        .cell(entry.name)
        .cell(entry.domain)
        .cell(entry.vocabulary)
        .cell(entry.concept_class)
        .cell(entry.is_standard ? "S" : "")
        .cell(entry.code)
        .cell("19700101")
        .cell("20991231")
        .empty()
        .end_line();
    if (entry.standard != 0) {
      CsvText(relations)
          .cell(std::int64_t{entry.id})
          .cell(std::int64_t{model_.book[entry.standard].id})
          .cell("Maps to")
          .cell("19700101")
          .cell("20991231")
          .empty()
          .end_line();
    }
  }
  std::string ancestors = "ancestor_concept_id,descendant_concept_id\n";
  for (const auto& [ancestor, descendant] : model_.book.ancestry()) {
    CsvText(ancestors)
        .cell(std::int64_t{model_.book[ancestor].id})
        .cell(std::int64_t{model_.book[descendant].id})
        .end_line();
  }
  folder_.write("concept", concepts);
  folder_.write("concept_relationship", relations);
  folder_.write("concept_ancestor", ancestors);
}

}  // namespace anam::generate
