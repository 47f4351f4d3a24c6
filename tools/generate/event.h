// SPDX-License-Identifier: Apache-2.0
// An event as the model makes it.
#pragma once

#include <cstdint>
#include <limits>

#include "storage/event.h"
#include "tools/generate/code_book.h"

namespace anam::generate {

/// Which of a payer's or provider's files an event comes in. Files are delivered apart.
enum class Feed : std::uint8_t { kMembers, kMedical, kPharmacy, kLaboratory, kRecords };
inline constexpr std::size_t kFeeds = 5;

inline constexpr std::int32_t kNoNumber = std::numeric_limits<std::int32_t>::min();

struct Event {
  std::int64_t patient = 0;  // the id outside
  std::uint32_t number = 0;  // among the events that a source has of the patient
  Day day = 0;
  Day end = kNoNumber;               // inclusive
  CodeIndex code = 0;                // as the source has it
  CodeIndex unit = 0;                // of the value
  CodeIndex detail = 0;              // DRG of a visit, coded result of a test
  std::int32_t value = kNoNumber;    // times 10^scale
  std::int32_t charged = kNoNumber;  // cents
  std::int32_t allowed = kNoNumber;  // cents
  std::int32_t paid = kNoNumber;     // cents
  std::uint16_t visit = 0;           // number within the patient; 0 = none
  std::uint16_t days_supply = 0;     // 0 = none
  std::uint16_t quantity = 0;        // 0 = none
  std::uint16_t refills = 0;         // 0 = none
  Domain domain = Domain::kNone;
  Feed feed = Feed::kMedical;
  std::uint8_t scale = 0;
  bool principal = false;  // of the diagnoses of a visit
  bool drug_plan = false;  // of payer plans
};

}  // namespace anam::generate
