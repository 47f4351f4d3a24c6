// SPDX-License-Identifier: Apache-2.0
// Tests of an event or a person as the fields of Circe's criteria.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "query/circe/concept_writer.h"
#include "query/circe/criteria_types.h"
#include "query/circe/json_text.h"
#include "query/definition.h"

namespace anam::circe {

/// Finds a field for each test. Used for one object.
class TestWriter {
 public:
  TestWriter(std::span<const Field> fields, ConceptWriter& concepts)
      : fields_(fields), concepts_(concepts) {}

  /// Adds tests that must all hold. What no field can hold is refused, with the place `where`.
  void hold(const std::vector<EventTest>& tests, const std::string& where);

  /// Tests that came when all fields for them were taken.
  const std::vector<EventTest>& rest() const { return rest_; }

  /// Adds what belongs to a field; the forms that are no tests (kCodes, kFirst, ...) are not among
  /// it.
  void write(const Field& field, JsonText& object);

 private:
  // A field is up to three: NAME for a value or a list, and NAME + "CS".
  enum class Part : std::uint8_t { kValue, kList, kSelection };
  struct Place {
    std::size_t field = 0;
    Part part = Part::kValue;
    bool operator==(const Place&) const = default;
  };
  struct Held {
    Place place;
    EventTest test;
  };

  std::vector<Place> places_for(const EventTest& test, const std::vector<EventTest>& all);
  void places_for_codes(std::size_t field, const EventTest& test, std::vector<Place>& places);
  bool is_abnormal(const EventTest& test) const;
  bool is_list(const EventTest& test) const;  // asks for one of a list of concept ids
  [[noreturn]] void refuse(const EventTest& test, const std::string& where);
  JsonText json(const EventTest& test, const Place& place);

  std::span<const Field> fields_;
  ConceptWriter& concepts_;
  std::vector<Held> held_;
  std::vector<EventTest> rest_;
  bool care_site_ = false;  // the care site must be there
};

/// Throws the Error for what Circe cannot say: what, what to do, and where.
[[noreturn]] void refuse_circe(std::string_view what, std::string_view advice,
                               const std::string& where);

}  // namespace anam::circe
