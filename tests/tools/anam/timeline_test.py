# SPDX-License-Identifier: Apache-2.0
"""anam timeline: one patient's events, and those of a cohort's members."""
from anam_case import AnamCase, main

CSV = """\
patient_id,date,time,end_date,end_time,domain,vocabulary,code,source_vocabulary,source_code,source,visit,claim,days_supply,note,paid,position,quantity,status,unit,value
1,2015-01-01,,2019-12-31,,enrollment,,,,,clinic,,,,,,,,,,
1,2016-02-24,,,,condition,ICD10CM,E11.65,ICD9CM,250.02,clinic,1,1,,,,1,,Status:final,,
1,2016-02-24,,2016-02-26,,visit,Visit,IP,,,clinic,1,1,,,8250.00,,,,,
1,2016-02-24,07:35:00,,,measurement,LOINC,4548-4,,,clinic,1,,,"said ""high"", twice",,,,,%,9.10
1,2016-03-02,,,,drug,NDC,00093104801,,,clinic,,2,30,,12.40,,60,,,
1,2016-04-02,,,,drug,NDC,00093104801,,,clinic,,3,30,,12.40,,60,,,
"""
TABLE = """\
patient 1, sex=F (FEMALE), birth_year=1950, birth_month=3, birth_day=4, state=NY: 6 events
date        time      domain       code             name                                         end         attributes
2015-01-01            enrollment                                                                 2019-12-31
2016-02-24            condition    ICD10CM:E11.65   Type 2 diabetes mellitus with hyperglycemia              source_code=ICD9CM:250.02, visit=1, claim=1, position=1, status=Status:final
2016-02-24            visit        Visit:IP                                                      2016-02-26  visit=1, claim=1, paid=8250.00
2016-02-24  07:35:00  measurement  LOINC:4548-4     Hemoglobin A1c/Hemoglobin.total in Blood                 visit=1, note=said "high", twice, value=9.10 %
2016-03-02            drug         NDC:00093104801  Metformin 500 mg, 100 in a bottle                        claim=2, days_supply=30, paid=12.40, quantity=60
2016-04-02            drug         NDC:00093104801  Metformin 500 mg, 100 in a bottle                        claim=3, days_supply=30, paid=12.40, quantity=60
"""


class Timeline(AnamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load_small("store", "--shards", "2")

    def test_csv_has_the_same_columns_for_everybody(self):
        self.assertEqual(self.must("timeline", "store", "1", "--format", "csv"), CSV)
        header = CSV.splitlines()[0]
        for patient in ("10", "2", "p-3"):
            self.assertEqual(self.must("timeline", "store", patient, "--format", "csv").splitlines()[0], header)

    def test_table_for_people(self):
        self.assertEqual(self.must("timeline", "store", "1"), TABLE)

    def test_ndjson_leaves_out_what_is_not_there_and_has_numbers(self):
        rows = self.ndjson(self.must("timeline", "store", "10", "--format", "ndjson"))
        self.assertEqual(rows[-1], {"patient_id": 10, "date": "2017-05-20", "domain": "drug", "vocabulary": "NDC",
                                    "code": "00093104801", "source": "clinic", "days_supply": 45, "paid": 0.5,
                                    "quantity": 90.5})
        self.assertIn('"paid":0.50,"quantity":90.50', self.must("timeline", "store", "10", "--format", "ndjson"))
        self.assertEqual(self.ndjson(self.must("timeline", "store", "p-3", "--format", "ndjson"))[0]["patient_id"], "p-3")

    def test_codes_days_and_columns_select(self):
        words = ["timeline", "store", "1", "--format", "csv", "--columns", "date,code,paid,name"]
        self.assertEqual(self.must(*words, "--codes", "NDC:*", "--from", "2016-03-03"),
                         'patient_id,date,code,paid,name\n1,2016-04-02,00093104801,12.40,"Metformin 500 mg, 100 in a bottle"\n')
        self.assertEqual(self.must(*words, "--to", "2015-12-31"), "patient_id,date,code,paid,name\n1,2015-01-01,,,\n")
        by_source = self.csv(self.must(*words, "--codes", "ICD9CM:250*"))
        self.assertEqual([row["code"] for row in by_source], ["E11.65"])
        self.refused(2, "payd; did you mean paid?", "timeline", "store", "1", "--columns", "date,payd")
        self.refused(2, "twice: date", "timeline", "store", "1", "--columns", "date,date")
        self.refused(1, "E11*", "timeline", "store", "1", "--codes", "E11* or or")

    def test_unknown_patient(self):
        self.refused(1, "no such patient", "timeline", "store", "11")
        self.refused(1, "no such patient", "timeline", "store", "01")

    def test_members_of_a_cohort_have_their_own_timelines(self):
        for more in [[], ["--codes", "ICD10CM:*"], ["--from", "2016-03-01", "--to", "2017-12-31"],
                     ["--columns", "code,time,note,value,source"]]:
            members = {}
            for row in self.csv(self.must("cohort", "store", "every.cohort", "--rows", "--format", "csv")):
                members.setdefault(row["subject_id"], []).append(row["cohort_start_date"])
            self.assertEqual(members, {"1": ["2016-03-02", "2016-04-02"], "10": ["2017-05-20"], "p-3": ["2018-07-08"]})
            shown = {}
            for row in self.csv(self.must("timeline", "store", "--cohort", "every.cohort", "--format", "csv", *more)):
                start, days = row.pop("cohort_start"), int(row.pop("days_from_index"))
                shown.setdefault((row["patient_id"], start), []).append((days, row))
            for patient, starts in members.items():
                alone = self.csv(self.must("timeline", "store", patient, "--format", "csv", *more))
                for start in starts:
                    self.assertEqual([row for _, row in shown.pop((patient, start), [])], alone)
            self.assertEqual(shown, {})

    def test_days_from_index(self):
        rows = self.ndjson(self.must("timeline", "store", "--cohort", "metformin.cohort", "--format", "ndjson",
                                     "--codes", "NDC:* or ICD10CM:E11*"))
        self.assertEqual(sorted((str(r["patient_id"]), r["cohort_start"], r["days_from_index"]) for r in rows),
                         [("1", "2016-03-02", -7), ("1", "2016-03-02", 0), ("1", "2016-03-02", 31),
                          ("10", "2017-05-20", -19), ("10", "2017-05-20", 0)])

    def test_a_definition_that_is_wrong_is_shown_with_its_place(self):
        wrong = self.write("wrong.cohort", "index any drgu\n")
        err = self.refused(1, "wrong.cohort", "timeline", "store", "--cohort", wrong)
        self.assertIn("drgu", err)
        self.refused(1, "nothing.cohort", "timeline", "store", "--cohort", "nothing.cohort")


class Population(AnamCase):
    """Members enough for several threads."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.must("generate", "people", "--patients", "500", "--shards", "4")
        cls.write("drugs.cohort", "index any drug\nexit 100 days after index\n")

    def test_threads_and_memory_change_no_byte(self):
        for form in ["csv", "table"]:
            words = ["timeline", "people", "--cohort", "drugs.cohort", "--format", form, "--codes", "NDC:* or ICD10CM:*"]
            alone = self.must(*words, "--threads", "1")
            self.assertGreater(len(alone.splitlines()), 3000)
            for more in [["--threads", "2"], ["--threads", "7"], ["--threads", "2", "--memory", "1K"]]:
                self.assertEqual(self.must(*words, *more), alone)


if __name__ == "__main__":
    main()
