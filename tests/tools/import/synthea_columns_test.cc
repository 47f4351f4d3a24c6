// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "storage/error.h"
#include "tools/import/packed_fields.h"
#include "tools/import/synthea_files.h"

namespace anam {
namespace {

TEST_CASE("every column of Synthea's tables is declared once, and soundly", "[tools]") {
  for (const SyntheaTableInfo& info : synthea_tables()) {
    INFO(info.name);
    CHECK(&synthea_table(info.table) == &info);
    CHECK((info.halves.clinical || info.halves.claims));
    std::set<std::string_view> names;
    for (const SyntheaColumn& column : info.columns) {
      INFO(column.name);
      CHECK(names.insert(column.name).second);
      CHECK(std::ranges::none_of(column.name, [](char c) { return c >= 'A' && c <= 'Z'; }));
      if (!is_read(column.what)) CHECK(column.attribute.empty());
      if (column.what == SyntheaClass::kName) {
        const SyntheaColumn* code = find_synthea_column(info.table, column.attribute);
        REQUIRE(code != nullptr);
        CHECK(code->what == SyntheaClass::kCode);
      } else {
        CHECK(attribute_type(column).has_value() == !column.attribute.empty());
      }
    }
  }
  CHECK(find_synthea_column(SyntheaTable::kPatients, "shoe_size") == nullptr);
}

TEST_CASE("identifiers are no columns to be read or kept", "[tools]") {
  const SyntheaTable patients = SyntheaTable::kPatients;
  for (const char* name :
       {"ssn", "drivers", "passport", "prefix", "first", "middle", "last", "suffix", "maiden",
        "birthplace", "address", "city", "county", "fips", "lat", "lon"}) {
    INFO(name);
    CHECK(find_synthea_column(patients, name)->what == SyntheaClass::kIdentifier);
    CHECK_THROWS_AS(parse_synthea_kept_columns({name}), Error);
  }
  for (const char* name : {"udi", "SERIES_UID", "instance_uid", "memberid", "owner_name", "NOTES",
                           "linenote", "patientinsuranceid", "phone", "name:text"}) {
    INFO(name);
    CHECK_THROWS_AS(parse_synthea_kept_columns({name}), Error);
  }
  // Columns that are read already would get around their class.
  for (const char* name : {"id", "patient", "zip", "birthdate", "encounter", "appointmentid"}) {
    INFO(name);
    CHECK_THROWS_AS(parse_synthea_kept_columns({name}), Error);
  }
  CHECK(parse_synthea_kept_columns({"income:money", "shoe_size"}).size() == 2);
  CHECK_FALSE(can_be_kept("qols_avg"));  // of payers, who have no events
}

TEST_CASE("concepts of SNOMED CT are told by their form", "[tools]") {
  for (const char* code : {"44054006", "185345009", "449411000124106", "22298006", "73211009"}) {
    INFO(code);
    CHECK(is_snomed_concept(code));
    CHECK(vocabulary_by_form(code) == "SNOMED");
  }
  // A wrong check digit, a description's id, too short, a leading zero, letters.
  for (const char* code : {"44054007", "44054013", "44006", "044054006", "4405400A", ""}) {
    INFO(code);
    CHECK_FALSE(is_snomed_concept(code));
  }
  CHECK(vocabulary_by_form("314076") == "RxNorm");
  CHECK(vocabulary_by_form("1000126") == "RxNorm");
  CHECK(vocabulary_by_form("140") == "CVX");
  CHECK(vocabulary_by_form("44054007000") == "SNOMED");  // too long for the others
  CHECK(vocabulary_of_system("http://snomed.info/sct") == "SNOMED");
  CHECK(vocabulary_of_system("RxNorm") == "RxNorm");
  CHECK(vocabulary_of_system("Unknown").empty());
}

TEST_CASE("classes and departments name the same visits", "[tools]") {
  for (const char* number : {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "20"}) {
    INFO(number);
    CHECK_FALSE(visit_code(class_of_department(number)).empty());
  }
  CHECK(visit_code(class_of_department("3")) == "Visit:IP");
  CHECK(visit_code("emergency") == "Visit:ER");
  CHECK(visit_code("wellness") == "Visit:OP");
  CHECK(class_of_department("99").empty());
  CHECK(visit_code("spa").empty());
}

TEST_CASE("halves are clinical, claims or both", "[tools]") {
  CHECK(parse_synthea_halves("").clinical);
  CHECK(parse_synthea_halves("").claims);
  CHECK_FALSE(parse_synthea_halves("clinical").claims);
  CHECK_FALSE(parse_synthea_halves("claims").clinical);
  CHECK_THROWS_AS(parse_synthea_halves("money"), Error);
}

TEST_CASE("packed fields come back, whatever bytes they have", "[tools]") {
  const std::string odd("a\0\x1F\n,", 5);
  std::string record;
  for (const std::string& text : {std::string(), odd, std::string("x")}) pack_field(record, text);
  PackedFields in(record);
  CHECK(in.next().empty());
  CHECK(in.next() == odd);
  CHECK(in.next() == "x");
  CHECK(in.next().empty());
}

}  // namespace
}  // namespace anam
