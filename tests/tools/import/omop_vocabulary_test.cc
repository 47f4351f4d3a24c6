// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/tools/import/omop_fixture.h"

namespace anam::test {
namespace {

void write_events(OmopDirectory& omop) {
  omop.write_persons().write("death.csv", "person_id,death_date\n1,2001-01-01\n");
}

TEST_CASE("concepts are defined with their synonyms and their own code", "[tools][omop]") {
  OmopDirectory omop;
  write_events(omop);
  omop.write(
          "concept.csv",
          "concept_id,concept_name,domain_id,vocabulary_id,concept_class_id,standard_concept,"
          "concept_code,valid_start_date,valid_end_date,invalid_reason\n"
          "201826,Type 2 diabetes mellitus,Condition,SNOMED,Clinical Finding,S,44054006,1970-01-"
          "01,2099-12-31,\n"
          "40316773,\"Pre, diabetes\",Condition,SNOMED,Clinical Finding,\"\",15777000,1970-01-01,"
          "2002-01-31,U\n"
          "7,A class,Drug,ATC,ATC 4th,C,,,,\n")
      .write("concept_synonym.csv",
             "concept_id,concept_synonym_name,language_concept_id\n"
             "201826,T2DM,4180186\n201826,Type 2 diabetes mellitus,4180186\n"
             "201826,Adult onset diabetes,4180186\n201826,T2DM,4180186\n99,nobody's,1\n");
  const OmopRecording recording(omop.path);
  REQUIRE(recording.sink.definitions.size() == 3);
  const CodeDefinition& t2d = recording.sink.definitions.at("OMOP:201826");
  CHECK(t2d.name == "Type 2 diabetes mellitus");
  CHECK(t2d.synonyms == "Adult onset diabetes\nT2DM");
  CHECK(t2d.domain == "Condition");
  CHECK(t2d.concept_class == "Clinical Finding");
  CHECK(t2d.alias_vocabulary == "SNOMED");
  CHECK(t2d.alias_code == "44054006");
  CHECK(t2d.standard);
  CHECK_FALSE(t2d.invalid);
  CHECK(t2d.defined);
  const CodeDefinition& old = recording.sink.definitions.at("OMOP:40316773");
  CHECK(old.name == "Pre, diabetes");
  CHECK_FALSE(old.standard);
  CHECK(old.invalid);
  const CodeDefinition& drug_class = recording.sink.definitions.at("OMOP:7");
  CHECK_FALSE(drug_class.standard);
  CHECK(drug_class.alias_vocabulary.empty());
  const FileReport& synonyms = recording.file("concept_synonym.csv");
  CHECK(synonyms.loaded == 5);
  CHECK(synonyms.noted.at("synonym of a concept that is not in the concept table") == 1);
}

TEST_CASE("tab-separated vocabulary files have quotes as plain characters", "[tools][omop]") {
  OmopDirectory omop;
  write_events(omop);
  omop.write("CONCEPT.csv",
             "concept_id\tconcept_name\tdomain_id\tvocabulary_id\tconcept_class_id\t"
             "standard_concept\tconcept_code\tvalid_start_date\tvalid_end_date\tinvalid_reason\n"
             "1\t\"Needle\" 5\"\tDevice\tSNOMED\tDevice\tS\t5\t19700101\t20991231\t\n"
             "2\t\"open\tDevice\tSNOMED\tDevice\tS\t6\t19700101\t20991231\tD\n");
  const OmopRecording recording(omop.path);
  CHECK(recording.sink.definitions.at("OMOP:1").name == "\"Needle\" 5\"");
  CHECK(recording.sink.definitions.at("OMOP:2").name == "\"open");
  CHECK(recording.sink.definitions.at("OMOP:2").invalid);
}

TEST_CASE("the hierarchy replaces the store's, and only valid mappings count", "[tools][omop]") {
  OmopDirectory omop;
  write_events(omop);
  omop.write("concept_relationship.csv",
             "concept_id_1,concept_id_2,relationship_id,invalid_reason\n"
             "1,2,Maps to,\n2,1,Mapped from,\n3,2,Maps to,D\n")
      .write("concept_ancestor.csv",
             "ancestor_concept_id,descendant_concept_id,min_levels_of_separation\n"
             "8,9,1\n9,9,0\n");
  const OmopRecording recording(omop.path);
  CHECK(recording.sink.hierarchy ==
        std::vector<std::string>{"replaced", "OMOP:8>OMOP:9", "OMOP:9>OMOP:9", "OMOP:1=OMOP:2"});
  CHECK(recording.file("concept_relationship.csv").skipped ==
        std::map<std::string, std::uint64_t>{{"invalid 'Maps to'", 1},
                                             {"relationship other than 'Maps to'", 1}});
}

TEST_CASE("an empty hierarchy replaces nothing", "[tools][omop]") {
  OmopDirectory omop;
  write_events(omop);
  omop.write("concept_ancestor.csv", "ancestor_concept_id,descendant_concept_id\n");
  CHECK(OmopRecording(omop.path).sink.hierarchy.empty());
}

TEST_CASE("bad concept ids are bad rows", "[tools][omop]") {
  OmopDirectory omop;
  write_events(omop);
  omop.write("concept_ancestor.csv", "ancestor_concept_id,descendant_concept_id\n1,x\n");
  CHECK(error_of([&] {
          OmopRecording(omop.path);
        }).find("line 2, column descendant_concept_id, value 'x'") != std::string::npos);
}

}  // namespace
}  // namespace anam::test
