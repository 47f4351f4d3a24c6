// SPDX-License-Identifier: Apache-2.0
// What an event is made of: domains, columns, and the attributes that every store knows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "storage/column_page.h"

namespace anam {

/// Days since 1970-01-01, negative before.
using Day = std::int32_t;

/// Dense number of a (vocabulary, code) in the store's code table; append-only. 0 is "no code".
using CodeId = std::uint32_t;
inline constexpr CodeId kNoCode = 0;

/// What kind of fact an event is. On-disk ids, and the order of domains on a timeline: never
/// renumber.
enum class Domain : std::uint8_t {
  kNone = 0,
  kCondition = 1,
  kDrug = 2,
  kProcedure = 3,
  kMeasurement = 4,
  kObservation = 5,
  kDevice = 6,
  kSpecimen = 7,
  kVisit = 8,
  kVisitDetail = 9,
  kDeath = 10,
  kEnrollment = 11,  // observation period: a span in which the person's care would be seen
  kPayerPlan = 12,
  kConditionEra = 13,
  kDrugEra = 14,
  kDoseEra = 15,
  kLocation = 16,  // a span of living somewhere
  kCost = 17,      // money that belongs to no other event
  kPerson = 255,   // not on the timeline: a row about the person (while loading only)
};

/// "condition", "visit_detail", ... as written in the text language, in CSV and in output.
std::string_view domain_name(Domain domain);
std::optional<Domain> find_domain(std::string_view name);
/// All domains of a timeline, in their order.
std::span<const Domain> all_domains();

/// Which column of events (or of persons) is meant. On-disk ids: never renumber. Ids below 64 are
/// the event's own fields, those from 64 on are attributes (see attributes.h), those from
/// kFirstLocalColumn on are attributes that a store's catalog names.
using ColumnId = std::uint16_t;

namespace column {

// Stored with every chunk of a timeline.
inline constexpr ColumnId kCounts = 1;     // events of each patient in the chunk
inline constexpr ColumnId kDay = 2;        // start day
inline constexpr ColumnId kSecond = 3;     // start, second of the day; null = only the day is known
inline constexpr ColumnId kEndDay = 4;     // inclusive; null = the source gave none
inline constexpr ColumnId kEndSecond = 5;  // null = only the day is known
inline constexpr ColumnId kCode = 6;  // domain << 32 | code id (0 = no code): one column, since the
                                      // code nearly decides the domain
inline constexpr ColumnId kSourceCode = 7;    // code id in the source's own vocabulary; null = none
inline constexpr ColumnId kSource = 8;        // source id (catalog)
inline constexpr ColumnId kVisit = 9;         // number of the visit within the patient, from 1
inline constexpr ColumnId kVisitDetail = 10;  // the same for details of visits
inline constexpr ColumnId kClaim = 11;        // the same for claims
inline constexpr ColumnId kRecord =
    12;  // the source's own record number, kept where it declares that it corrects
inline constexpr ColumnId kBorn = 13;  // release that brought the event; null = the file's own
inline constexpr ColumnId kRetired =
    14;  // release from which on the event no longer holds; null = it holds

inline constexpr ColumnId kOrdinal =
    15;  // of each patient in the chunk, as the distance from the one before; absent = all 1
inline constexpr ColumnId kDomains =
    16;  // stored beside kCode: domains of codes in the order of first appearance
inline constexpr ColumnId kRowDomains =
    17;  // ... or of each row, in a chunk where a code has several

// Never stored: an event's place among those of the patient, for who asks.
inline constexpr ColumnId kPlace = 18;

// Stored with rows about persons.
inline constexpr ColumnId kVisits = 20;        // visits numbered so far
inline constexpr ColumnId kVisitDetails = 21;  // details of visits numbered so far
inline constexpr ColumnId kClaims = 22;        // claims numbered so far
inline constexpr ColumnId kKnown = 23;  // 1 = a row about the person was loaded, not just events

// Stored with postings.
inline constexpr ColumnId kEntryCode = 24;      // code id of each entry of the page
inline constexpr ColumnId kEntryEvents = 25;    // events of each entry on the page
inline constexpr ColumnId kEntryPatients = 26;  // patients of each entry that begin on the page
inline constexpr ColumnId kPosted = 27;         // patient ordinals, as distances within an entry
inline constexpr ColumnId kDayGap =
    28;  // days since the same patient's event before, for all but the first

// Only on the way into the store.
inline constexpr ColumnId kPatient = 32;      // integer patient id; null = see kPatientText
inline constexpr ColumnId kPatientText = 33;  // patient id that is no plain integer
inline constexpr ColumnId kDomain = 34;       // Domain
inline constexpr ColumnId kVisitKey =
    35;  // outside id of the visit: the same key, the same visit (within the patient)
inline constexpr ColumnId kVisitDetailKey = 36;  // the same for details of visits
inline constexpr ColumnId kClaimKey = 37;        // the same for claims
inline constexpr ColumnId kRecordKey = 38;       // what rows with kAmends name
inline constexpr ColumnId kAmends =
    39;  // Domain of the event whose attributes this row completes; it is no event itself

inline constexpr ColumnId kSequence = 40;  // the source's number of the row, any domain: orders a day

inline constexpr ColumnId kFirstAttribute = 64;
inline constexpr ColumnId kFirstLocalColumn = 512;

}  // namespace column

/// The cell of column::kCode.
constexpr std::int64_t domain_code(Domain domain, CodeId code) {
  return static_cast<std::int64_t>(domain) << 32 | code;
}
constexpr Domain domain_of(std::int64_t cell) { return static_cast<Domain>(cell >> 32); }
constexpr CodeId code_of(std::int64_t cell) { return static_cast<CodeId>(cell & 0xFFFFFFFF); }

}  // namespace anam
