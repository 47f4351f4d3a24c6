// SPDX-License-Identifier: Apache-2.0
// An event with the columns that its preset has: what every way out writes.
#pragma once

#include <string>

#include "tools/generate/arrival.h"

namespace anam::generate {

/// The codes of an event as they are stored; 0 = none.
struct RowCodes {
  CodeIndex code = 0;
  CodeIndex source_code = 0;
  CodeIndex type = 0;
  CodeIndex status = 0;
  CodeIndex drg = 0;
  CodeIndex value_code = 0;
};

inline RowCodes row_codes(const Model& model, const Preset& preset, const Event& event) {
  RowCodes codes;
  codes.code = event.code;
  if (event.domain == Domain::kVisit) codes.drg = event.detail;
  if (event.domain == Domain::kMeasurement) codes.value_code = event.detail;
  if (!preset.standard_codes || event.domain == Domain::kEnrollment ||
      event.domain == Domain::kPayerPlan) {
    return codes;
  }
  codes.code = model.book.standard_of(event.code);
  if (codes.code != event.code) codes.source_code = event.code;
  codes.type = event.feed == Feed::kRecords ? model.record : model.claim;
  if (event.domain == Domain::kCondition && event.feed == Feed::kMedical)
    codes.status = event.principal ? model.principal_status : model.other_status;
  return codes;
}

/// An id of the event's visit that no other visit has.
inline std::int64_t visit_id(const Event& event) { return event.patient * 100'000 + event.visit; }

/// The first three digits of a ZIP code.
inline std::string zip_text(std::uint16_t zip) {
  std::string text = std::to_string(zip);
  return text.insert(0, 3 - text.size(), '0');
}

/// The plan that a payer_plan event is about, as its plan_source.
inline const char* plan_name(const Event& event) { return event.drug_plan ? "drug" : "medical"; }

}  // namespace anam::generate
