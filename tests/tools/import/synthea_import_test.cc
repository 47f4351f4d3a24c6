// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "storage/error.h"
#include "tests/tools/import/timeline_sink.h"
#include "tools/import/synthea_files.h"

namespace anam {
namespace {

using Strings = std::vector<std::string>;
using Counts = std::map<std::string, std::uint64_t>;

/// A directory of tables, with a patient A and some who pay and provide.
struct Tables {
  TestDirectory directory;
  TimelineSink sink;
  ImportOptions options;
  ImportReport report;

  Tables() {
    write("patients", "Id,BIRTHDATE\nA,1950-03-04\n");
    write("payers",
          "Id,NAME,OWNERSHIP\npay-1,Golden Shield,PRIVATE\npay-2,Second Best,PRIVATE\n"
          "pay-0,NO_INSURANCE,NO_INSURANCE\n");
    write("providers", "Id,NAME,SPECIALITY\ndoc-1,Nobody,CARDIOLOGY\n");
  }
  void write(const std::string& table, const std::string& text) {
    directory.write(table + ".csv", text);
  }
  void load(const std::string& tables = {}) {
    options.paths = {directory.path()};
    options.threads = 2;
    const SyntheaHalves halves = parse_synthea_halves(tables);
    const SyntheaInput input = find_synthea_files(options.paths, halves);
    ImportRun run(options, 0);
    report = read_synthea_files(run, input, halves, parse_synthea_kept_columns(options.keep), sink);
  }
  const FileReport& file(const std::string& table) const {
    const auto found = std::ranges::find_if(report.files, [&](const FileReport& file) {
      return file.file.ends_with("/" + table + ".csv");
    });
    REQUIRE(found != report.files.end());
    return *found;
  }
};

std::uint64_t accounted(const FileReport& report) {
  std::uint64_t rows = report.loaded + report.bad;
  for (const auto& [rule, count] : report.skipped) rows += count;
  return rows;
}

std::string key(const char* id) { return std::to_string(key_of(id)); }

TEST_CASE("a patient of Synthea is a person without a name", "[tools]") {
  Tables tables;
  tables.write("patients",
               "ZIP,FIRST,LAST,Id,GENDER,RACE,ETHNICITY,STATE,COUNTY,BIRTHDATE,DEATHDATE,MARITAL,"
               "SHOE_SIZE,INCOME\n"
               "02035,Maja,Hidden,A,F,black,nonhispanic,Ohio,Lake,1950-03-04,2001-02-03,M,39,5\n"
               "1,Otto,Veiled,B,X,other,hispanic,,,,,,,\n");
  tables.write("supplies", "DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,QUANTITY\n");
  tables.load();
  CHECK(tables.sink.timeline("A") ==
        Strings{"person birth_day=4 birth_month=3 birth_year=1950 ethnicity=Ethnicity:Not Hispanic "
                "ethnicity_source=nonhispanic marital=M race=Race:3 race_source=black sex=Gender:F "
                "sex_source=F state=Ohio zip=020",
                "death 2001-02-03"});
  CHECK(tables.sink.timeline("B") ==
        Strings{"person ethnicity=Ethnicity:Hispanic ethnicity_source=hispanic race_source=other "
                "sex_source=X zip=1"});
  CHECK(tables.file("patients").ignored_columns == Strings{"SHOE_SIZE", "INCOME"});
  CHECK(std::ranges::count(tables.report.notes,
                           "patients: columns that are not known and were not read: SHOE_SIZE "
                           "(patients.csv)") == 1);
}

TEST_CASE("the record's rows become events", "[tools]") {
  Tables tables;
  tables.write("encounters",
               "STOP,Id,START,PATIENT,ORGANIZATION,PROVIDER,PAYER,ENCOUNTERCLASS,CODE,DESCRIPTION,"
               "BASE_ENCOUNTER_COST,TOTAL_CLAIM_COST,PAYER_COVERAGE,REASONCODE,REASONDESCRIPTION\n"
               "2010-05-06T10:15:00Z,e1,2010-05-06T09:30:01Z,A,org-1,doc-1,pay-1,emergency,"
               "50849002,Emergency room admission,100.00,250.50,200,22298006,Heart attack\n");
  tables.write("conditions",
               "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION\n"
               "2010-05-06,,A,e1,22298006,Myocardial infarction\n");
  tables.write("medications",
               "START,STOP,PATIENT,PAYER,ENCOUNTER,CODE,DESCRIPTION,BASE_COST,PAYER_COVERAGE,"
               "DISPENSES,TOTALCOST,REASONCODE,REASONDESCRIPTION\n"
               "2010-05-06T10:00:00Z,2010-08-05T10:00:00Z,A,pay-9,e1,314076,Lisinopril,10.00,5.00,"
               "3,30.00,,\n");
  tables.write("immunizations",
               "DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,BASE_COST\n"
               "2010-05-06T10:00:00Z,A,e1,140,Influenza,136\n");
  tables.write("procedures",
               "DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,COST,REASONCODE,REASONDESCRIPTION\n"
               "2010-05-07,A,e1,415070008,Percutaneous coronary intervention,9000.005,22298006,\n");
  tables.write("devices",
               "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION,UDI\n"
               "2010-05-07T01:00:00Z,,A,e1,705643001,Stent,(01)123\n");
  tables.write("supplies",
               "DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,QUANTITY\n2010-05-08,A,e1,337388004,"
               "Strips,50\n");
  tables.write("allergies",
               "START,STOP,PATIENT,ENCOUNTER,CODE,SYSTEM,DESCRIPTION,TYPE,CATEGORY,REACTION1,"
               "DESCRIPTION1,SEVERITY1\n"
               "2010-05-09,,A,e1,1191,Unknown,Aspirin,allergy,medication,39579001,Anaphylaxis,"
               "SEVERE\n");
  tables.write("careplans",
               "Id,START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION,REASONCODE,REASONDESCRIPTION\n"
               "c,2010-05-10,2010-05-01,A,e1,53950000,Respiratory therapy,,\n");
  tables.load("clinical");
  const std::string visit = " visit_key=" + key("e1");
  CHECK(tables.sink.timeline("A") ==
        Strings{
            "person birth_day=4 birth_month=3 birth_year=1950",
            "condition SNOMED:22298006 2010-05-06" + visit,
            "drug CVX:140 2010-05-06 cost=136.00 second=36000" + visit,
            "drug RxNorm:314076 2010-05-06 cost=30.00 days_supply=30 end=2010-08-05 "
            "end_second=36000 payer_coverage=5.00 refills=2 second=36000" +
                visit,
            "visit Visit:ER 2010-05-06 care_site=org-1 cost=100.00 encounter_class=emergency "
            "end=2010-05-06 end_second=36900 payer=Synthea Payer:Golden Shield "
            "payer_coverage=200.00 provider=doc-1 reason=SNOMED:22298006 second=34201 "
            "source_code=SNOMED:50849002 specialty_source=CARDIOLOGY total_claim_cost=250.50" +
                visit,
            "procedure SNOMED:415070008 2010-05-07 cost=9000.01 reason=SNOMED:22298006" + visit,
            "device SNOMED:705643001 2010-05-07 second=3600" + visit,
            "device SNOMED:337388004 2010-05-08 quantity=50" + visit,
            "observation RxNorm:1191 2010-05-09 allergy_type=allergy category=medication "
            "reaction=SNOMED:39579001 severity=SEVERE" +
                visit,
            "observation SNOMED:53950000 2010-05-10 end=2010-05-01" + visit,
        });
  CHECK(tables.sink.definitions.at("SNOMED:22298006").name == "Heart attack");  // the smaller one
  CHECK(tables.sink.definitions.at("SNOMED:39579001").name == "Anaphylaxis");
  CHECK(tables.file("medications").noted ==
        Counts{{"payer that the payers table does not have", 1}});
  CHECK(tables.file("procedures").noted == Counts{{"rounded to cents", 1}});
  CHECK(tables.file("careplans").noted == Counts{{"end before start", 1}});
  for (const FileReport& file : tables.report.files) {
    INFO(file.file);
    CHECK(accounted(file) == file.rows);
  }
}

TEST_CASE("observations have numbers, texts and codes", "[tools]") {
  Tables tables;
  tables.write("observations",
               "DATE,PATIENT,ENCOUNTER,CATEGORY,CODE,DESCRIPTION,VALUE,UNITS,TYPE\n"
               "2010-01-01,A,,laboratory,4548-4,HbA1c,7.30,%,numeric\n"
               "2010-01-02,A,,survey,44261-6,PHQ-9,12,{score},numeric\n"
               "2010-01-03,A,,survey,71802-3,Housing,I have housing,,text\n"
               "2010-01-04,A,,survey,71802-3,Housing,LA31993-1,,text\n"
               "2010-01-05,A,,laboratory,5778-6,Color of urine,Red (qualifier),{nominal},text\n"
               "2010-01-06,A,,,QALY,QALY,40.5,a,numeric\n"
               "2010-01-07,A,,survey,56799-0,Address,12 Umbrella Alley,,text\n");
  tables.load();
  CHECK(tables.sink.timeline("A") ==
        Strings{"person birth_day=4 birth_month=3 birth_year=1950",
                "measurement LOINC:4548-4 2010-01-01 category=laboratory unit=UCUM:% value=7.30",
                "measurement LOINC:44261-6 2010-01-02 category=survey unit=UCUM:{score} value=12",
                "observation LOINC:71802-3 2010-01-03 category=survey value_text=I have housing",
                "observation LOINC:71802-3 2010-01-04 category=survey value_code=LOINC:LA31993-1",
                "measurement LOINC:5778-6 2010-01-05 category=laboratory unit=UCUM:{nominal} "
                "value_text=Red (qualifier)",
                "observation Synthea:QALY 2010-01-06 unit=UCUM:a value=40.5",
                "observation LOINC:56799-0 2010-01-07 category=survey"});
  CHECK(tables.file("observations").noted ==
        Counts{{"value that is an identifier was left out", 1}});

  SECTION("and in older files, which do not say which") {
    Tables older;
    older.write("observations",
                "DATE,PATIENT,CODE,VALUE,UNITS\n2010-01-01,A,4548-4,7.3,%\n"
                "2010-01-02,A,71802-3,None,\n");
    older.load();
    CHECK(older.sink.timeline("A") ==
          Strings{"person birth_day=4 birth_month=3 birth_year=1950",
                  "measurement LOINC:4548-4 2010-01-01 unit=UCUM:% value=7.3",
                  "observation LOINC:71802-3 2010-01-02 value_text=None"});
  }
}

TEST_CASE("images of one study are one procedure", "[tools]") {
  Tables tables;
  tables.write("imaging_studies",
               "Id,DATE,PATIENT,ENCOUNTER,SERIES_UID,BODYSITE_CODE,BODYSITE_DESCRIPTION,"
               "MODALITY_CODE,MODALITY_DESCRIPTION,INSTANCE_UID,PROCEDURE_CODE\n"
               "s,2010-01-01,A,e,1.2,51185008,Chest,CT,Computed Tomography,1.2.1,399208008\n"
               "t,2010-01-01,A,e,1.3,51185008,Chest,CT,Computed Tomography,1.3.1,\n"
               "s,2010-01-01,A,e,1.2,51185008,Chest,CT,Computed Tomography,1.2.2,399208008\n"
               "s,2010-01-01,A,e,1.4,72696002,Knee,CT,Computed Tomography,1.4.1,399208008\n");
  tables.load();
  const std::string rest = " modality=DCM:CT visit_key=" + key("e");
  CHECK(tables.sink.timeline("A") ==
        Strings{"person birth_day=4 birth_month=3 birth_year=1950",
                "procedure DCM:CT 2010-01-01 body_site=SNOMED:51185008" + rest,
                "procedure SNOMED:399208008 2010-01-01 body_site=SNOMED:51185008" + rest,
                "procedure SNOMED:399208008 2010-01-01 body_site=SNOMED:72696002" + rest});
  CHECK(tables.file("imaging_studies").skipped == Counts{{"further image of a study", 1}});
  CHECK(tables.sink.definitions.at("DCM:CT").name == "Computed Tomography");
}

const std::string kClaimsHeader =
    "Id,PATIENTID,PROVIDERID,PRIMARYPATIENTINSURANCEID,SECONDARYPATIENTINSURANCEID,DEPARTMENTID,"
    "DIAGNOSIS1,DIAGNOSIS2,APPOINTMENTID,SERVICEDATE,STATUS1,HEALTHCARECLAIMTYPEID1\n";
const std::string kTransactionsHeader =
    "CHARGEID,CLAIMID,PATIENTID,TYPE,AMOUNT,METHOD,FROMDATE,TODATE,PLACEOFSERVICE,PROCEDURECODE,"
    "DIAGNOSISREF1,UNITS,TRANSFERTYPE,PAYMENTS,ADJUSTMENTS,TRANSFERS,OUTSTANDING,APPOINTMENTID,"
    "PROVIDERID\n";

TEST_CASE("a claim's lines carry the money of their transactions", "[tools]") {
  const auto row = [](int number, const char* claim, const char* type, const char* amount,
                      const char* method, const char* line, const char* money) {
    return std::to_string(number) + "," + claim + ",A," + type + "," + amount + "," + method + "," +
           line + "," + money + ",e1,doc-1\n";
  };
  const char* visit = "2010-05-06T09:00:00Z,2010-05-06T10:00:00Z,org-1,185345009,2,1";
  const char* test = "2010-05-06T09:10:00Z,1970-01-01T00:00:00Z,org-1,117015009,1,1";
  const char* drug = "2010-05-06T09:20:00Z,2010-05-01T00:00:00Z,org-1,314076,,2.5";
  Strings rows = {
      row(7, "c1", "CHARGE", "100.00", "", visit, "1,0.00,0.00,,0.00"),
      row(8, "c1", "PAYMENT", "", "COPAY", visit, ",20.00,0.00,,80.00"),
      row(9, "c1", "ADJUSTMENT", "", "SYSTEM", visit, ",0.00,5.00,,75.00"),
      row(10, "c1", "PAYMENT", "", "ECHECK", visit, ",50.00,0.00,,25.00"),
      row(11, "c1", "TRANSFEROUT", "", "", visit, ",0.00,0.00,25.00,25.00"),
      row(12, "c1", "TRANSFERIN", "25.00", "", visit, "2,0.00,0.00,25.00,25.00"),
      row(13, "c1", "PAYMENT", "", "ECHECK", visit, ",15.00,0.00,,10.00"),
      row(14, "c1", "TRANSFEROUT", "", "", visit, ",0.00,0.00,10.00,10.00"),
      row(15, "c1", "TRANSFERIN", "10.00", "", visit, "p,0.00,0.00,10.00,10.00"),
      row(16, "c1", "PAYMENT", "", "CASH", visit, ",9.99,0.00,,0.01"),
      row(100, "c1", "CHARGE", "7", "", test, "1,0.00,0.00,,0.00"),
      row(101, "c1", "PAYMENT", "", "BARTER", test, ",7,0.00,,0.00"),
      row(3, "c2", "CHARGE", "0.00", "", drug, "p,0.00,0.00,,0.00"),
  };
  const bool backwards = GENERATE(false, true);
  if (backwards) std::ranges::reverse(rows);
  Tables tables;
  std::string text = kTransactionsHeader;
  for (const std::string& line : rows) text += line;
  tables.write("claims_transactions", text);
  tables.write("claims",
               kClaimsHeader +
                   "c1,A,doc-1,pay-1,pay-2,1,195662009,22298006,e1,2010-05-06T09:00:00Z,CLOSED,1\n"
                   "c2,A,doc-1,pay-1,member-7,1,195662009,,e1,2010-05-06T09:00:00Z,CLOSED,1\n");
  tables.load("claims");
  const std::string keys = " claim_key=" + key("c1");
  const std::string payers = " payer=Synthea Payer:Golden Shield";
  const std::string second = " secondary_payer=Synthea Payer:Second Best";
  const std::string at = " visit_key=" + key("e1");
  CHECK(tables.sink.timeline("A") ==
        Strings{
            "person birth_day=4 birth_month=3 birth_year=1950",
            "condition SNOMED:195662009 2010-05-06" + keys +
                " claim_type=professional position=1 second=32400" + at,
            "condition SNOMED:195662009 2010-05-06 claim_key=" + key("c2") +
                " claim_type=pharmacy position=1 second=32400" + at,
            "condition SNOMED:22298006 2010-05-06" + keys +
                " claim_type=professional position=2 second=32400" + at,
            "drug RxNorm:314076 2010-05-06 care_site=org-1 charged=0.00 claim_key=" + key("c2") +
                " claim_line=1 claim_type=pharmacy end=2010-05-01 end_second=0" + payers +
                " provider=doc-1 quantity=2.5 second=33600" + at,
            "procedure SNOMED:117015009 2010-05-06 care_site=org-1 charged=7.00" + keys +
                " claim_line=2 claim_type=professional line_diagnosis=SNOMED:195662009 paid=7.00" +
                payers + " provider=doc-1 quantity=1 second=33000" + second + at,
            "procedure SNOMED:185345009 2010-05-06 adjusted=5.00 care_site=org-1 charged=100.00" +
                keys +
                " claim_line=1 claim_type=professional copay=20.00 end=2010-05-06 end_second=36000 "
                "line_diagnosis=SNOMED:22298006 outstanding=0.01 paid=94.99 paid_by_patient=29.99 "
                "paid_by_payer=65.00 paid_by_secondary=15.00" +
                payers + " provider=doc-1 quantity=1 second=32400" + second +
                " transferred_out=35.00 transferred_to_patient=10.00 "
                "transferred_to_secondary=25.00" +
                at,
            "visit Visit:OP 2010-05-06 care_site=org-1" + keys +
                " claim_type=professional encounter_class=ambulatory end=2010-05-06 "
                "end_second=36000" +
                payers + " provider=doc-1 second=32400" + second +
                " specialty_source=CARDIOLOGY status_source=CLOSED" + at,
        });
  CHECK(std::ranges::count(
            tables.report.notes,
            "claims: charged 107.00; paid 101.99, of which 65.00 by payers (15.00 by secondary "
            "ones) and 29.99 by patients (20.00 as copayment); adjusted 5.00; transferred 25.00 to "
            "secondary payers and 10.00 to patients; all of it stored") == 1);
  CHECK(tables.file("claims").noted == Counts{{"payer that the payers table does not have", 1}});
  CHECK(tables.file("claims_transactions").noted ==
        Counts{{"payment that does not say by whom", 1}, {"end before start", 1}});
  for (const FileReport& file : tables.report.files) CHECK(accounted(file) == file.rows);
}

TEST_CASE("claims and transactions without each other are kept", "[tools]") {
  Tables tables;
  tables.write("claims", kClaimsHeader +
                             "c1,A,,,,3,195662009,,e1,2010-05-06,CLOSED,2\n"
                             "c1,A,,,,3,195662009,,e1,2010-05-06,OPEN,2\n"
                             "c3,A,,,,77,,,e3,2010-05-07,CLOSED,\n");
  tables.write("claims_transactions",
               kTransactionsHeader + "1,c2,A,PAYMENT,,CASH,2010-05-08,,,140,,,,5.00,,,,e2,\n");
  tables.load("claims");
  CHECK(tables.sink.timeline("A") ==
        Strings{"person birth_day=4 birth_month=3 birth_year=1950",
                "condition SNOMED:195662009 2010-05-06 claim_key=" + key("c1") +
                    " claim_type=institutional position=1 visit_key=" + key("e1"),
                "visit Visit:IP 2010-05-06 claim_key=" + key("c1") +
                    " claim_type=institutional encounter_class=inpatient status_source=OPEN "
                    "visit_key=" +
                    key("e1"),
                "visit 2010-05-07 claim_key=" + key("c3") +
                    " status_source=CLOSED visit_key=" + key("e3"),
                "drug CVX:140 2010-05-08 charged=0.00 claim_key=" + key("c2") +
                    " claim_line=1 paid=5.00 paid_by_patient=5.00 visit_key=" + key("e2")});
  CHECK(tables.file("claims").loaded == 2);
  CHECK(tables.file("claims").skipped == Counts{{"repeated claim", 1}});
  CHECK(tables.file("claims").noted == Counts{{"department that is not known: no code", 1}});
  CHECK(tables.file("claims_transactions").noted ==
        Counts{{"of a claim that claims does not have", 1}, {"before any charge of its claim", 1}});
}

TEST_CASE("years of a plan are plans, and one enrollment while there is insurance", "[tools]") {
  Tables tables;
  tables.write("payer_transitions",
               "PATIENT,MEMBERID,START_DATE,END_DATE,PAYER,SECONDARY_PAYER,PLAN_OWNERSHIP,"
               "OWNER_NAME\n"
               "A,m,2003-01-01T00:00:00Z,2004-01-01T00:00:00Z,pay-0,,,\n"
               "A,m,2002-01-01T00:00:00Z,2003-01-01T00:00:00Z,pay-1,pay-2,Self,Hidden\n"
               "A,m,2001-01-01,2002-01-01,pay-2,,Spouse,Hidden\n"
               "A,m,2004-01-01T00:00:00Z,,pay-1,,Self,Hidden\n");
  tables.load("claims");
  CHECK(tables.sink.timeline("A") ==
        Strings{
            "person birth_day=4 birth_month=3 birth_year=1950",
            "enrollment 2001-01-01 end=2003-01-01",
            "payer_plan Synthea Payer:Second Best 2001-01-01 end=2002-01-01 plan_ownership=Spouse",
            "payer_plan Synthea Payer:Golden Shield 2002-01-01 end=2003-01-01 end_second=0 "
            "plan_ownership=Self second=0 secondary_payer=Synthea Payer:Second Best",
            "payer_plan Synthea Payer:NO_INSURANCE 2003-01-01 end=2004-01-01 end_second=0 second=0",
            "enrollment 2004-01-01",
            "payer_plan Synthea Payer:Golden Shield 2004-01-01 plan_ownership=Self second=0",
        });

  SECTION("and older files have years") {
    Tables older;
    older.write("payer_transitions",
                "PATIENT,START_YEAR,END_YEAR,PAYER,OWNERSHIP\nA,2001,2002,pay-1,Self\n"
                "A,2003,2003,pay-2,Self\n");
    older.load("claims");
    CHECK(older.sink.timeline("A") ==
          Strings{"person birth_day=4 birth_month=3 birth_year=1950",
                  "enrollment 2001-01-01 end=2003-12-31",
                  "payer_plan Synthea Payer:Golden Shield 2001-01-01 end=2002-12-31 "
                  "plan_ownership=Self",
                  "payer_plan Synthea Payer:Second Best 2003-01-01 end=2003-12-31 "
                  "plan_ownership=Self"});
  }
}

TEST_CASE("columns that are asked for are kept", "[tools]") {
  Tables tables;
  tables.options.keep = {"mood", "lastbilleddate1", "unitamount:money"};
  tables.write("conditions", "MOOD,START,PATIENT,CODE\nlow,2010-01-01,A,22298006\n");
  tables.write("claims", "LASTBILLEDDATE1,Id,PATIENTID,SERVICEDATE\n2010-02-03,c1,A,2010-01-02\n");
  tables.write("claims_transactions",
               "UNITAMOUNT,CHARGEID,CLAIMID,PATIENTID,TYPE,AMOUNT,FROMDATE,PROCEDURECODE,PAYMENTS\n"
               "3.50,1,c1,A,CHARGE,7.00,2010-01-02,185345009,0\n");
  tables.load();
  const std::string claim = " claim_key=" + key("c1");
  CHECK(tables.sink.timeline("A") ==
        Strings{"person birth_day=4 birth_month=3 birth_year=1950",
                "condition SNOMED:22298006 2010-01-01 mood=low",
                "procedure SNOMED:185345009 2010-01-02 charged=7.00" + claim +
                    " claim_line=1 unitamount=3.50",
                "visit 2010-01-02" + claim + " lastbilleddate1=2010-02-03"});
}

TEST_CASE("rows of Synthea that cannot be read are bad, each once", "[tools]") {
  const auto [bad, text] = GENERATE(table<std::string, std::string>({
      {"conditions", "START,PATIENT,CODE\n2010-13-01,A,22298006\n"},
      {"conditions", "START,PATIENT,CODE\n,A,22298006\n"},
      {"conditions", "START,PATIENT,CODE\n2010-01-01,,22298006\n"},
      {"conditions", "START,PATIENT,CODE\n2010-01-01,A,\n"},
      {"conditions", "START,PATIENT,CODE\n2010-01-01,A\n"},
      {"observations", "DATE,PATIENT,CODE,VALUE,TYPE\n2010-01-01,A,4548-4,high,numeric\n"},
      {"supplies", "DATE,PATIENT,CODE,QUANTITY\n2010-01-01,A,22298006,some\n"},
      {"medications", "START,PATIENT,CODE,DISPENSES\n2010-01-01,A,314076,x\n"},
      {"imaging_studies", "Id,DATE,PATIENT,MODALITY_CODE\ns,2010-01-01,A,\n"},
      {"payer_transitions", "PATIENT,START_YEAR,PAYER\nA,20010,pay-1\n"},
      {"claims", "Id,PATIENTID,SERVICEDATE\nc1,A,yesterday\n"},
      {"claims_transactions",
       "CHARGEID,CLAIMID,PATIENTID,TYPE,AMOUNT,FROMDATE,PROCEDURECODE,PAYMENTS\n"
       "1,c1,A,GIFT,7.00,2010-01-02,185345009,0\n"},
      {"claims_transactions",
       "CHARGEID,CLAIMID,PATIENTID,TYPE,AMOUNT,FROMDATE,PROCEDURECODE,PAYMENTS\n"
       "-1,c1,A,CHARGE,7.00,2010-01-02,185345009,0\n"},
      {"claims_transactions",
       "CHARGEID,CLAIMID,PATIENTID,TYPE,AMOUNT,FROMDATE,PROCEDURECODE,PAYMENTS\n"
       "1,c1,A,CHARGE,much,2010-01-02,185345009,0\n"},
  }));
  INFO(bad << ": " << text);
  Tables strict;
  strict.write(bad, text);
  CHECK_THROWS_AS(strict.load(), Error);
  Tables tables;
  tables.write(bad, text);
  tables.options.max_bad_rows = 1;
  tables.load();
  CHECK(tables.file(bad).bad == 1);
  CHECK(tables.file(bad).rows == 1);
  CHECK(tables.file(bad).loaded == 0);
  CHECK(tables.sink.timeline("A").size() == 1);
}

TEST_CASE("amounts that cannot be added up are an error", "[tools]") {
  Tables tables;
  std::string text = "CHARGEID,CLAIMID,PATIENTID,TYPE,AMOUNT,FROMDATE,PROCEDURECODE,PAYMENTS\n";
  for (int i = 0; i < 120; ++i) {
    text += std::to_string(i) + ",c1,A,CHARGE,900000000000000,2010-01-02,185345009,0\n";
  }
  tables.write("claims_transactions", text);
  CHECK_THROWS_AS(tables.load(), Error);
}

TEST_CASE("an export of Synthea must have its patients, and each table once", "[tools]") {
  const TestDirectory directory;
  const SyntheaHalves both{true, true};
  directory.write("conditions.csv", "START,PATIENT,CODE\n");
  CHECK_THROWS_AS(find_synthea_files({directory.path()}, both), Error);
  directory.write("Patients.CSV", "Id\n");
  CHECK(find_synthea_files({directory.path()}, both).files.size() == 2);
  directory.write("claims.csv", "Id\n");
  directory.write("notes.csv", "text\n");
  const SyntheaInput record = find_synthea_files({directory.path()}, {true, false});
  CHECK(record.files.size() == 2);
  CHECK(record.notes[0] == "Not read, no table that is known: notes.csv");
  CHECK(record.notes[1] == "Not read, since --tables clinical: claims.csv");
  CHECK(record.notes[2].starts_with("Identifiers, which are never read: address, birthplace, "));
  CHECK_THROWS_AS(find_synthea_files({directory.path(), directory.path() / "notes.csv"}, both),
                  Error);
  directory.write("conditions.csv.gz", "");
  CHECK_THROWS_AS(find_synthea_files({directory.path()}, both), Error);  // there twice
  std::filesystem::remove(directory.path() / "conditions.csv");
  std::filesystem::remove(directory.path() / "conditions.csv.gz");
  CHECK_THROWS_AS(find_synthea_files({directory.path()}, {true, false}), Error);  // no events
}

}  // namespace
}  // namespace anam
