// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "storage/error.h"
#include "tests/tools/import/timeline_sink.h"
#include "tests/tools/shared_data.h"
#include "tools/import/synpuf_files.h"

namespace anam {
namespace {

using Strings = std::vector<std::string>;

ImportReport import_synpuf(const std::filesystem::path& directory, TimelineSink& sink,
                           ImportOptions options = {}) {
  options.paths = {directory};
  std::vector<SynpufFile> files;
  for (const auto& path : list_input_files(options.paths, {".csv", ".csv.gz", ".txt", ".txt.gz"})) {
    files.push_back(classify_synpuf_file(path));
  }
  ImportRun run(options, 0);
  return read_synpuf_files(run, files, parse_kept_columns(options.keep), sink);
}

/// A header and rows given as NAME=value pairs.
std::string table(const Strings& header, const std::vector<Strings>& rows) {
  std::string text;
  for (const std::string& name : header) text += (text.empty() ? "\"" : ",\"") + name + "\"";
  text += "\n";
  for (const Strings& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < header.size(); ++i) {
      if (i > 0) line += ",";
      for (const std::string& cell : row) {
        if (cell.starts_with(header[i] + "=")) line += cell.substr(header[i].size() + 1);
      }
    }
    text += line + "\n";
  }
  return text;
}

const Strings kInpatient = {"DESYNPUF_ID",
                            "CLM_ID",
                            "SEGMENT",
                            "CLM_FROM_DT",
                            "CLM_THRU_DT",
                            "PRVDR_NUM",
                            "CLM_PMT_AMT",
                            "NCH_PRMRY_PYR_CLM_PD_AMT",
                            "AT_PHYSN_NPI",
                            "OP_PHYSN_NPI",
                            "CLM_ADMSN_DT",
                            "ADMTNG_ICD9_DGNS_CD",
                            "CLM_DRG_CD",
                            "ICD9_DGNS_CD_1",
                            "ICD9_DGNS_CD_2",
                            "ICD9_PRCDR_CD_1",
                            "HCPCS_CD_1",
                            "ICD9_PRCDR_CD_2",
                            "NCH_BENE_DSCHRG_DT",
                            "NCH_BENE_IP_DDCTBL_AMT"};

std::uint64_t accounted(const FileReport& report) {
  std::uint64_t rows = report.loaded + report.bad;
  for (const auto& [rule, count] : report.skipped) rows += count;
  return rows;
}

TEST_CASE("an inpatient claim is a stay with its money, diagnoses and procedures", "[tools]") {
  const TestDirectory directory;
  directory.write(
      "inpatient.csv",
      table(kInpatient,
            {{"DESYNPUF_ID=A", "CLM_ID=11", "SEGMENT=1", "CLM_FROM_DT=20090208",
              "CLM_THRU_DT=20090210", "PRVDR_NUM=1513QQ", "CLM_PMT_AMT=13000.00", "AT_PHYSN_NPI=77",
              "OP_PHYSN_NPI=88", "CLM_ADMSN_DT=20090207", "NCH_BENE_DSCHRG_DT=20090210",
              "ADMTNG_ICD9_DGNS_CD=7295", "CLM_DRG_CD=494", "ICD9_DGNS_CD_1=71537",
              "ICD9_DGNS_CD_2=V1254", "ICD9_PRCDR_CD_1=8154", "ICD9_PRCDR_CD_2=40391",
              "HCPCS_CD_1=G0283", "NCH_BENE_IP_DDCTBL_AMT=1068"}}));
  TimelineSink sink;
  const ImportReport report = import_synpuf(directory.path(), sink);
  const std::string of_claim = " claim_key=11 claim_type=inpatient";
  CHECK(sink.timeline("A") ==
        Strings{"visit Visit:IP 2009-02-07 care_site=1513QQ claim_key=11 claim_type=inpatient "
                "deductible=1068.00 drg=DRG:494 end=2009-02-10 paid=13000.00 provider=77 "
                "visit_key=11",
                "condition ICD9CM:403.91 2009-02-08" + of_claim + " end=2009-02-10 visit_key=11",
                "condition ICD9CM:715.37 2009-02-08" + of_claim +
                    " end=2009-02-10 position=1 visit_key=11",
                "condition ICD9CM:729.5 2009-02-08 admitting=1" + of_claim +
                    " end=2009-02-10 visit_key=11",
                "condition ICD9CM:V12.54 2009-02-08" + of_claim +
                    " end=2009-02-10 position=2 visit_key=11",
                "procedure HCPCS:G0283 2009-02-08 claim_key=11 claim_line=1 claim_type=inpatient "
                "visit_key=11",
                "procedure ICD9Proc:81.54 2009-02-08" + of_claim +
                    " position=1 provider=88 visit_key=11"});
  CHECK(report.files[0].noted ==
        std::map<std::string, std::uint64_t>{{"code in a procedure's column is a diagnosis", 1}});
  CHECK(report.notes == Strings{"inpatient: paid 13000.00, all of it stored"});
}

TEST_CASE("a continuation joins its first segment, wherever the two stand", "[tools]") {
  const bool first_before = GENERATE(true, false);
  const bool one_file = GENERATE(true, false);
  const Strings first = {
      "DESYNPUF_ID=A",        "CLM_ID=11",        "SEGMENT=1",          "CLM_FROM_DT=20090208",
      "CLM_THRU_DT=20090210", "CLM_PMT_AMT=1000", "ICD9_DGNS_CD_1=486", "HCPCS_CD_1=G0283"};
  const Strings second = {"DESYNPUF_ID=A",
                          "CLM_ID=11",
                          "SEGMENT=2",
                          "CLM_PMT_AMT=30",
                          "ICD9_DGNS_CD_1=OTHER",
                          "HCPCS_CD_1=J0882",
                          "CLM_ADMSN_DT=20090101"};
  const Strings other = {"DESYNPUF_ID=B", "CLM_ID=12", "SEGMENT=1", "CLM_FROM_DT=20090301",
                         "CLM_PMT_AMT=5"};
  const TestDirectory directory;
  if (one_file) {
    directory.write("a.csv",
                    table(kInpatient, first_before ? std::vector<Strings>{first, other, second}
                                                   : std::vector<Strings>{second, other, first}));
  } else {
    directory.write("a.csv", table(kInpatient, {first_before ? first : second}));
    directory.write("b.csv", table(kInpatient, {other, first_before ? second : first}));
  }
  TimelineSink sink;
  const ImportReport report = import_synpuf(directory.path(), sink);
  CHECK(sink.timeline("A") ==
        Strings{"condition ICD9CM:486 2009-02-08 claim_key=11 claim_type=inpatient end=2009-02-10 "
                "position=1 visit_key=11",
                "condition ICD9CM:OTHER 2009-02-08 claim_key=11 claim_type=inpatient "
                "end=2009-02-10 position=11 visit_key=11",
                "procedure HCPCS:G0283 2009-02-08 claim_key=11 claim_line=1 claim_type=inpatient "
                "visit_key=11",
                "procedure HCPCS:J0882 2009-02-08 claim_key=11 claim_line=46 claim_type=inpatient "
                "visit_key=11",
                "visit Visit:IP 2009-02-08 claim_key=11 claim_type=inpatient end=2009-02-10 "
                "paid=1030.00 visit_key=11"});
  CHECK(sink.paid == 103500);
  for (const FileReport& file : report.files) CHECK(accounted(file) == file.rows);
}

TEST_CASE("a continuation without a first segment is left out and its money named", "[tools]") {
  const TestDirectory directory;
  directory.write(
      "a.csv",
      table(kInpatient,
            {{"DESYNPUF_ID=A", "CLM_ID=11", "SEGMENT=2", "CLM_PMT_AMT=390.00", "HCPCS_CD_1=J0882"},
             {"DESYNPUF_ID=A", "CLM_ID=12", "SEGMENT=1", "CLM_FROM_DT=20090208", "CLM_PMT_AMT=-10"},
             {"DESYNPUF_ID=A", "CLM_ID=13", "SEGMENT=1", "CLM_PMT_AMT=1"}}));
  TimelineSink sink;
  const ImportReport report = import_synpuf(directory.path(), sink);
  CHECK(sink.rows.size() == 1);
  CHECK(sink.paid == -1000);
  CHECK(report.files[0].skipped ==
        std::map<std::string, std::uint64_t>{{"undatable: continuation without a first segment", 1},
                                             {"undatable: claim without dates", 1}});
  CHECK(report.notes == Strings{"inpatient: paid 381.00, of which -10.00 stored and 391.00 in 2 "
                                "rows that nothing gives a date"});
}

TEST_CASE("bad rows of claims that are read twice count once", "[tools]") {
  const TestDirectory directory;
  directory.write(
      "a.csv",
      table(kInpatient, {{"DESYNPUF_ID=A", "CLM_ID=11", "SEGMENT=1", "CLM_FROM_DT=2009-13-01"}}) +
          "only,three,fields\n");
  TimelineSink sink;
  ImportOptions options;
  options.max_bad_rows = 2;
  const ImportReport report = import_synpuf(directory.path(), sink, options);
  CHECK(report.files[0].bad == 2);
  CHECK(accounted(report.files[0]) == report.files[0].rows);
  options.max_bad_rows = 1;
  CHECK_THROWS_AS(import_synpuf(directory.path(), sink, options), Error);
}

TEST_CASE("carrier lines carry the money of a claim", "[tools]") {
  const TestDirectory directory;
  const Strings header = {"DESYNPUF_ID",         "CLM_ID",
                          "CLM_FROM_DT",         "CLM_THRU_DT",
                          "ICD9_DGNS_CD_1",      "ICD9_DGNS_CD_2",
                          "PRF_PHYSN_NPI_1",     "TAX_NUM_1",
                          "HCPCS_CD_1",          "HCPCS_CD_2",
                          "LINE_NCH_PMT_AMT_1",  "LINE_NCH_PMT_AMT_2",
                          "LINE_NCH_PMT_AMT_3",  "LINE_ALOWD_CHRG_AMT_1",
                          "LINE_PRCSG_IND_CD_1", "LINE_ICD9_DGNS_CD_1",
                          "LINE_ICD9_DGNS_CD_2"};
  directory.write(
      "carrier.csv",
      table(header,
            {{"DESYNPUF_ID=A", "CLM_ID=5", "CLM_FROM_DT=20080229", "CLM_THRU_DT=20080229",
              "ICD9_DGNS_CD_1=36632", "PRF_PHYSN_NPI_1=99", "TAX_NUM_1=53", "HCPCS_CD_1=66984",
              "LINE_NCH_PMT_AMT_1=80", "LINE_NCH_PMT_AMT_2=0", "LINE_NCH_PMT_AMT_3=20.5",
              "LINE_ALOWD_CHRG_AMT_1=100", "LINE_PRCSG_IND_CD_1=A", "LINE_ICD9_DGNS_CD_1=36616",
              "LINE_ICD9_DGNS_CD_2=36632"}}));
  TimelineSink sink;
  const ImportReport report = import_synpuf(directory.path(), sink);
  const std::string claim = " claim_key=5";
  const std::string type = " claim_type=carrier";
  CHECK(sink.timeline("A") ==
        Strings{"condition ICD9CM:366.16 2008-02-29" + claim + " claim_line=1" + type +
                    " end=2008-02-29 visit_key=5",
                "condition ICD9CM:366.32 2008-02-29" + claim + type +
                    " end=2008-02-29 position=1 visit_key=5",
                "procedure HCPCS:66984 2008-02-29 allowed=100.00 care_site=53" + claim +
                    " claim_line=1" + type +
                    " line_diagnosis=ICD9CM:366.16 paid=80.00 provider=99 status_source=A "
                    "visit_key=5",
                "visit SynPUF:CARRIER 2008-02-29" + claim + type + " end=2008-02-29 visit_key=5",
                "cost 2008-02-29" + claim + " claim_line=3" + type + " paid=20.50 visit_key=5"});
  CHECK(report.notes == Strings{"carrier: paid 100.50, all of it stored"});
}

TEST_CASE("a drug event keeps its supply and cost", "[tools]") {
  const TestDirectory directory;
  directory.write("drugs.csv",
                  "DESYNPUF_ID,PDE_ID,SRVC_DT,PROD_SRVC_ID,QTY_DSPNSD_NUM,DAYS_SUPLY_NUM,"
                  "PTNT_PAY_AMT,TOT_RX_CST_AMT,FILL\n"
                  "A,78,20100330,61392018345,30.000,30,10.00,270.00,2\n");
  TimelineSink sink;
  ImportOptions options;
  options.keep = {"fill:int"};
  import_synpuf(directory.path(), sink, options);
  CHECK(sink.timeline("A") ==
        Strings{"drug NDC:61392018345 2010-03-30 allowed=270.00 claim_key=78 claim_type=drug "
                "days_supply=30 fill=2 paid_by_patient=10.00 quantity=30.000"});
}

TEST_CASE("the years of a person are joined, and the later one is right", "[tools]") {
  const TestDirectory directory;
  const std::string header =
      "DESYNPUF_ID,BENE_BIRTH_DT,BENE_DEATH_DT,BENE_SEX_IDENT_CD,BENE_RACE_CD,BENE_ESRD_IND,"
      "SP_STATE_CODE,BENE_COUNTY_CD,BENE_HI_CVRAGE_TOT_MONS,BENE_SMI_CVRAGE_TOT_MONS,"
      "BENE_HMO_CVRAGE_TOT_MONS,PLAN_CVRG_MOS_NUM,SP_DIABETES,MEDREIMB_IP\n";
  directory.write("DE1_0_2008_Beneficiary_Summary_File_Sample_1.csv",
                  header +
                      "A,19230501,,1,1,0,26,950,12,12,0,06,1,5.00\n"
                      "B,19400101,,2,5,0,54,1,12,0,0,00,2,0\n");
  directory.write("DE1_0_2009_Beneficiary_Summary_File_Sample_1.csv",
                  header + "A,19230501,20090901,1,2,Y,05,70,12,12,0,12,1,0\n");
  TimelineSink sink;
  const ImportReport report = import_synpuf(directory.path(), sink);
  CHECK(sink.timeline("A") ==
        Strings{"person birth_day=1 birth_month=5 birth_year=1923 county=05070 race=Race:3 "
                "race_source_code=BENE_RACE_CD:2 sex=Gender:M sex_source=1 state=CA",
                "enrollment 2008-01-01 end=2009-09-01",
                "payer_plan SynPUF:PART_A 2008-01-01 end=2009-09-01",
                "payer_plan SynPUF:PART_B 2008-01-01 end=2009-09-01",
                "payer_plan SynPUF:PART_D 2008-07-01 end=2009-09-01",
                "observation SynPUF:SP_DIABETES 2008-12-31",
                "observation SynPUF:BENE_ESRD_IND 2009-09-01",
                "observation SynPUF:SP_DIABETES 2009-09-01", "death 2009-09-01"});
  CHECK(sink.timeline("B").front() ==
        "person birth_day=1 birth_month=1 birth_year=1940 county=54001 "
        "ethnicity=Ethnicity:Hispanic race_source_code=BENE_RACE_CD:5 sex=Gender:F sex_source=2 "
        "state=other");
  CHECK(report.files[1].noted ==
        std::map<std::string, std::uint64_t>{{"a later year says otherwise about the person", 3}});
  CHECK(report.files[0].ignored_columns == Strings{"MEDREIMB_IP"});
}

TEST_CASE("what is no DE-SynPUF file is refused", "[tools]") {
  const TestDirectory directory;
  CHECK_THROWS_AS(classify_synpuf_file(directory.write("x.csv", "a,b\n")), Error);
  CHECK_THROWS_AS(
      classify_synpuf_file(directory.write("summary.csv", "DESYNPUF_ID,BENE_BIRTH_DT\n")), Error);
  CHECK(classify_synpuf_file(directory.write("DE1_0_2010_Beneficiary_Summary_File_Sample_20.csv",
                                             "DESYNPUF_ID,BENE_BIRTH_DT\n"))
            .year == 2010);
}

// The sums were taken from the files by other means (a CSV reader and decimal arithmetic).
TEST_CASE("all money of SynPUF is stored but what nothing dates", "[tools][shared]") {
  const std::filesystem::path data = shared_data("claims-synpuf");
  if (data.empty()) {
    WARN("skipped: the shared data set claims-synpuf is not here");
    return;
  }
  TimelineSink sink(true);
  ImportOptions options;
  options.threads = 2;
  const ImportReport report = import_synpuf(data, sink, options);
  CHECK(report.notes ==
        Strings{"inpatient: paid 56540710.00, all of it stored",
                "outpatient: paid 2802290.00, of which 2801900.00 stored and 390.00 in 2 rows that "
                "nothing gives a date"});
  CHECK(sink.paid == 5654071000 + 280190000);
  for (const FileReport& file : report.files) {
    INFO(file.file);
    CHECK(file.bad == 0);
    CHECK(accounted(file) == file.rows);
  }
  CHECK(sink.counts[Domain::kPerson] == 10065);
  CHECK(sink.counts[Domain::kDeath] == 453);
  CHECK(sink.counts[Domain::kVisit] == 5936 + 10978);
}

TEST_CASE("the conversion's test claims give what docs/synpuf.md says", "[tools][shared]") {
  const std::filesystem::path data = shared_data("claims-etl-cms");
  if (data.empty()) {
    WARN("skipped: the shared data set claims-etl-cms is not here");
    return;
  }
  TimelineSink sink;
  import_synpuf(data / "input", sink);
  CHECK(sink.counts[Domain::kPerson] == 2);
  CHECK(sink.counts[Domain::kVisit] == 6);
  CHECK(sink.counts[Domain::kCondition] ==
        36);  // 28 conditions, 5 observations, 1 procedure there, and 2 admitting
  CHECK(sink.counts[Domain::kProcedure] == 9);  // 10 there, of which one is the diagnosis V07.51
  CHECK(sink.counts[Domain::kDrug] == 2);
  CHECK(sink.counts[Domain::kPayerPlan] == 7);
  CHECK(sink.counts[Domain::kEnrollment] == 2);
  CHECK(sink.counts[Domain::kObservation] == 27);
  CHECK(sink.paid == (80 + 50 + 10 + 20 + 13000 + 3000 + 70 + 60) * 100);
}

}  // namespace
}  // namespace anam
