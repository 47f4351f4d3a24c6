// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/events_csv.h"

#include <array>

#include "tools/generate/row.h"

namespace anam::generate {
namespace {

constexpr std::array<const char*, kFeeds> kFeedNames = {"members", "medical", "pharmacy",
                                                        "laboratory", "records"};

}  // namespace

EventsCsvSink::EventsCsvSink(const Model& model, const Settings& settings, CsvFolder& folder)
    : model_(model), settings_(settings), folder_(folder) {
  const Preset& preset = settings.preset;
  const std::string start = "patient_id,start,end,domain,code";
  const std::string source = preset.standard_codes ? ",source_code,type" : "";
  const std::string money = preset.all_money ? ",charged,allowed,paid" : ",paid";
  folder.header("patients", "patient_id,sex,birth_year,race,state,zip");
  folder.header("members", start + source + ",plan_source");
  folder.header("medical", start + source + (preset.standard_codes ? ",status" : "") +
                               ",visit,drg,value_code" + money);
  folder.header("pharmacy", start + source + ",days_supply,quantity" + money);
  folder.header("laboratory", start + source + ",value,unit");
  folder.header("records",
                start + source + ",visit,value,unit,value_code,days_supply,quantity,refills");
}

std::string EventsCsvSink::code(CodeIndex index) const {
  return index == 0 ? "" : "OMOP:" + std::to_string(model_.book[index].id);
}

void EventsCsvSink::add(std::string& text, const Event& event) const {
  const RowCodes codes = row_codes(model_, settings_.preset, event);
  CsvText row(text);
  const auto number = [&row](std::int64_t cell) { cell != 0 ? row.cell(cell) : row.empty(); };
  const auto cents = [&row](std::int32_t cell) {
    cell != kNoNumber ? row.decimal(cell, 2) : row.empty();
  };
  const auto visit = [&] { event.visit != 0 ? row.cell(visit_id(event)) : row.empty(); };
  const auto value = [&] {
    event.value != kNoNumber ? row.decimal(event.value, event.scale) : row.empty();
    row.cell(code(event.unit));
  };
  const auto money = [&] {
    if (settings_.preset.all_money) {
      cents(event.charged);
      cents(event.allowed);
    }
    cents(event.paid);
  };
  row.cell(event.patient).date(event.day);
  event.end != kNoNumber ? row.date(event.end) : row.empty();
  row.cell(domain_name(event.domain)).cell(code(codes.code));
  if (settings_.preset.standard_codes) row.cell(code(codes.source_code)).cell(code(codes.type));
  switch (event.feed) {
    case Feed::kMembers:
      event.domain == Domain::kPayerPlan ? row.cell(plan_name(event)) : row.empty();
      break;
    case Feed::kMedical:
      if (settings_.preset.standard_codes) row.cell(code(codes.status));
      visit();
      row.cell(code(codes.drg)).cell(code(codes.value_code));
      money();
      break;
    case Feed::kPharmacy:
      number(event.days_supply);
      number(event.quantity);
      money();
      break;
    case Feed::kLaboratory:
      value();
      break;
    case Feed::kRecords:
      visit();
      value();
      row.cell(code(codes.value_code));
      number(event.days_supply);
      number(event.quantity);
      number(event.refills);
      break;
  }
  row.end_line();
}

void EventsCsvSink::take(Window& window) {
  CsvFolder::Texts texts;
  std::string& people = texts["patients"];
  for (std::size_t i = 0; i < window.people.size(); ++i) {
    const Person& person = window.people[i];
    CsvText(people)
        .cell(window.patients[i])
        .cell(code(person.female ? model_.female : model_.male))
        .cell(person.birth_year)
        .cell(code(model_.races[person.race]))
        .cell(states()[person.state].code)
        .cell(zip_text(person.zip))
        .end_line();
  }
  for (std::size_t feed = 0; feed < kFeeds; ++feed) {
    for (std::size_t year = 0; year < kYears; ++year) {
      const std::vector<Event>& events = window.file(static_cast<Feed>(feed), year);
      if (events.empty()) continue;
      std::string name = kFeedNames[feed];
      if (feed != 0) name += "-" + std::to_string(kFirstYear + static_cast<int>(year));
      std::string& text = texts[name];
      text.reserve(events.size() * 64);
      for (const Event& event : events) add(text, event);
    }
  }
  folder_.append(window.number, std::move(texts));
}

void EventsCsvSink::write_codes() {
  std::string codes = "vocabulary,code,name,standard,class,domain,alias\n";
  std::string mappings = "source,standard\n";
  for (const Concept& entry : model_.book.concepts()) {
    if (entry.id == 0) continue;
    CsvText(codes)
        .cell("OMOP")
        .cell(std::int64_t{entry.id})
        .cell(entry.name)
        .cell(entry.is_standard ? "S" : "")
        .cell(entry.concept_class)
        .cell(entry.domain)
        .cell(entry.vocabulary + ":" + entry.code)
        .end_line();
    if (entry.standard != 0) {
      CsvText(mappings)
          .cell("OMOP:" + std::to_string(entry.id))
          .cell(code(entry.standard))
          .end_line();
    }
  }
  std::string hierarchy = "ancestor,descendant\n";
  for (const auto& [ancestor, descendant] : model_.book.ancestry()) {
    CsvText(hierarchy).cell(code(ancestor)).cell(code(descendant)).end_line();
  }
  folder_.write("codes", codes);
  folder_.write("hierarchy", hierarchy);
  folder_.write("mappings", mappings);
}

}  // namespace anam::generate
