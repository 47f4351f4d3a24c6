// SPDX-License-Identifier: Apache-2.0
#include "tools/import/synpuf_codes.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "storage/calendar.h"
#include "storage/column_page.h"
#include "tests/tools/import/timeline_sink.h"
#include "tools/import/synpuf_coverage.h"

namespace anam {
namespace {

TEST_CASE("dots of ICD-9 codes are restored", "[tools]") {
  CHECK(icd9_diagnosis("25000") == "250.00");
  CHECK(icd9_diagnosis("4019") == "401.9");
  CHECK(icd9_diagnosis("486") == "486");
  CHECK(icd9_diagnosis("V1254") == "V12.54");
  CHECK(icd9_diagnosis("V08") == "V08");
  CHECK(icd9_diagnosis("E8889") == "E888.9");
  CHECK(icd9_diagnosis("E915") == "E915");
  CHECK(icd9_diagnosis("OTHER") == "OTHER");
  CHECK(icd9_diagnosis("12") == "12");
  CHECK(icd9_procedure("8154") == "81.54");
  CHECK(icd9_procedure("387") == "38.7");
  CHECK(icd9_procedure("38") == "38");
  CHECK(icd9_procedure("40391") == "40391");
  CHECK(is_misplaced_diagnosis("40391"));
  CHECK(is_misplaced_diagnosis("V451"));
  CHECK(is_misplaced_diagnosis("E8889"));
  CHECK_FALSE(is_misplaced_diagnosis("4019"));  // may be either; the column decides
  CHECK_FALSE(is_misplaced_diagnosis(""));
}

TEST_CASE("SSA states are known by their postal abbreviations", "[tools]") {
  CHECK(ssa_state("05") == "CA");
  CHECK(ssa_state("5") == "CA");
  CHECK(ssa_state("01") == "AL");
  CHECK(ssa_state("33") == "NY");
  CHECK(ssa_state("45") == "TX");
  CHECK(ssa_state("53") == "WY");
  CHECK(ssa_state("54") == "other");
  CHECK(ssa_state("99").empty());
  CHECK(ssa_state("").empty());
}

TEST_CASE("descriptions name ICD-9 codes", "[tools]") {
  const TestDirectory directory;
  const ImportOptions options;
  ImportRun run(options, 0);
  TimelineSink sink;
  const auto dx = directory.write("CMS32_DESC_LONG_DX.txt",
                                  "0010  Cholera due to vibrio cholerae\r\n38600 M\xE9ni\xE8re's "
                                  "disease, unspecified\nV08   Asymptomatic HIV\n");
  const auto sg = directory.write("CMS32_DESC_LONG_SG.txt", "8154 Total knee replacement\n");
  CHECK(is_description_file(dx));
  CHECK_FALSE(is_description_file("DE1_0_2008_Beneficiary_Summary_File_Sample_1.csv"));
  CHECK(read_descriptions(run, dx, sink).loaded == 3);
  CHECK(read_descriptions(run, sg, sink).loaded == 1);
  CHECK(sink.definitions.at("ICD9CM:001.0").name == "Cholera due to vibrio cholerae");
  CHECK(sink.definitions.at("ICD9CM:386.00").name ==
        "M\xC3\xA9ni\xC3\xA8re's disease, unspecified");
  CHECK(sink.definitions.at("ICD9CM:V08").name == "Asymptomatic HIV");
  CHECK(sink.definitions.at("ICD9Proc:81.54").name == "Total knee replacement");
}

CoverageSpan span(const char* start, const char* end) {
  return {*parse_day(start), *parse_day(end)};
}

TEST_CASE("months of coverage become spans", "[tools]") {
  using Spans = std::vector<CoverageSpan>;
  const auto spans = [](std::vector<CoveredYear> years, std::int64_t death = kNull) {
    return coverage_spans(years, death);
  };
  CHECK(spans({{2008, 12}, {2009, 12}, {2010, 12}}) == Spans{span("2008-01-01", "2010-12-31")});
  CHECK(spans({{2008, 12}, {2009, 0}, {2010, 12}}) ==
        Spans{span("2008-01-01", "2008-12-31"), span("2010-01-01", "2010-12-31")});
  // Who enters stays: the months are the last ones of the first year.
  CHECK(spans({{2008, 5}, {2009, 12}}) == Spans{span("2008-08-01", "2009-12-31")});
  CHECK(spans({{2008, 12}, {2009, 2}}) == Spans{span("2008-01-01", "2009-02-28")});
  CHECK(spans({{2008, 2}}) == Spans{span("2008-01-01", "2008-02-29")});
  CHECK(spans({{2008, 12}, {2009, 6}, {2010, 12}}) ==
        Spans{span("2008-01-01", "2009-06-30"), span("2010-01-01", "2010-12-31")});
  // A missing year is not covered.
  CHECK(spans({{2008, 6}, {2010, 6}}) ==
        Spans{span("2008-01-01", "2008-06-30"), span("2010-01-01", "2010-06-30")});
  // Death cuts.
  CHECK(spans({{2008, 12}, {2009, 12}}, *parse_day("2009-03-01")) ==
        Spans{span("2008-01-01", "2009-03-01")});
  CHECK(spans({{2008, 12}, {2009, 12}}, *parse_day("2008-12-31")) ==
        Spans{span("2008-01-01", "2008-12-31")});
  CHECK(spans({{2008, 0}, {2009, 13}}) == Spans{span("2009-01-01", "2009-12-31")});
  CHECK(spans({}).empty());
}

}  // namespace
}  // namespace anam
