// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/load_sink.h"

#include <utility>

#include "storage/attributes.h"
#include "tools/generate/row.h"

namespace anam::generate {

LoadWindowSink::LoadWindowSink(const Model& model, const Settings& settings, Load& load)
    : model_(model), settings_(settings), load_(load) {
  for (const Concept& entry : model.book.concepts()) {
    codes_.push_back(entry.id == 0 ? kNoCode : load.code("OMOP", std::to_string(entry.id)));
  }
}

void LoadWindowSink::define_codes() {
  const std::span<const Concept> concepts = model_.book.concepts();
  for (CodeIndex index = 1; index < concepts.size(); ++index) {
    const Concept& entry = concepts[index];
    CodeDefinition definition;
    definition.name = entry.name;
    definition.domain = entry.domain;
    definition.concept_class = entry.concept_class;
    definition.alias_vocabulary = entry.vocabulary;
    definition.alias_code = entry.code;
    definition.standard = entry.is_standard;
    load_.define(codes_[index], definition);
    if (entry.standard != 0) load_.add_mapping(codes_[index], codes_[entry.standard]);
  }
  for (const auto& [ancestor, descendant] : model_.book.ancestry()) {
    load_.add_descendant(codes_[ancestor], codes_[descendant]);
  }
}

void LoadWindowSink::take(Window& window) {
  add_people(window);
  for (const std::vector<Event>& file : window.files) add_events(file);
}

void LoadWindowSink::add_people(const Window& window) {
  EventBatch batch;
  const auto add = [&] {
    if (!batch.empty()) load_.add(std::move(batch));
    batch = EventBatch();
  };
  for (std::size_t i = 0; i < window.people.size(); ++i) {
    const Person& person = window.people[i];
    batch.begin(window.patients[i], Domain::kPerson, kNoCode, kNull);
    batch.set(column::kSex, codes_[person.female ? model_.female : model_.male]);
    batch.set(column::kBirthYear, person.birth_year);
    if (const CodeIndex race = model_.races[person.race]; race != 0) {
      batch.set(column::kRace, codes_[race]);
    }
    batch.set_text(column::kState, states()[person.state].code);
    batch.set_text(column::kZip, zip_text(person.zip));
    if (batch.rows() >= EventBatch::kFull) add();
  }
  add();
}

void LoadWindowSink::add_events(const std::vector<Event>& events) {
  EventBatch batch;
  const auto add = [&] {
    if (!batch.empty()) load_.add(std::move(batch));
    batch = EventBatch();
  };
  const auto set_code = [&](ColumnId column, CodeIndex code) {
    if (code != 0) batch.set(column, codes_[code]);
  };
  const auto set_number = [&](ColumnId column, std::int32_t number) {
    if (number != kNoNumber) batch.set(column, number);
  };
  for (const Event& event : events) {
    const RowCodes codes = row_codes(model_, settings_.preset, event);
    batch.begin(event.patient, event.domain, codes_[codes.code], event.day);
    set_number(column::kEndDay, event.end);
    set_code(column::kSourceCode, codes.source_code);
    set_code(column::kType, codes.type);
    set_code(column::kStatus, codes.status);
    set_code(column::kDrg, codes.drg);
    set_code(column::kValueCode, codes.value_code);
    set_code(column::kUnit, event.unit);
    if (event.visit != 0) batch.set(column::kVisitKey, visit_id(event));
    if (event.value != kNoNumber)
      batch.set(column::kValue, std::int64_t{event.value} * 32 + event.scale);
    if (event.days_supply != 0) batch.set(column::kDaysSupply, event.days_supply);
    if (event.quantity != 0) batch.set(column::kQuantity, std::int64_t{event.quantity} * 32);
    if (event.refills != 0) batch.set(column::kRefills, event.refills);
    set_number(column::kPaid, event.paid);
    if (settings_.preset.all_money) {
      set_number(column::kCharged, event.charged);
      set_number(column::kAllowed, event.allowed);
    }
    if (event.domain == Domain::kPayerPlan) batch.set_text(column::kPlanSource, plan_name(event));
    if (batch.rows() >= EventBatch::kFull) add();
  }
  add();
}

}  // namespace anam::generate
