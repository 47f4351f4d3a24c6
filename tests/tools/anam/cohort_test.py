# SPDX-License-Identifier: Apache-2.0
"""anam cohort: rows, counts and attrition of one or several definitions."""
from anam_case import AnamCase, main

ROWS = """\
cohort_definition_id,subject_id,cohort_start_date,cohort_end_date
every,1,2016-03-02,2016-03-12
every,1,2016-04-02,2016-04-12
every,10,2017-05-20,2017-05-30
every,p-3,2018-07-08,2018-07-18
metformin,1,2016-03-02,2016-04-01
metformin,10,2017-05-20,2017-06-19
"""
PEOPLE = """\
metformin: First metformin after diabetes
step                       events  patients  lost
index events                    3         3
observed around the index       3         3     0
has T2D                         3         3     0
adult                           2         2     1
cohort                          2         2     0
2 patients, 2 rows
"""
ATTRITION = """\
cohort_definition_id,kind,mode_id,rule_sequence,inclusion_rule_mask,person_count,gain_count,person_total,base_count,final_count,lost_count
metformin,mask,0,,1,1,,,,,
metformin,mask,0,,3,2,,,,,
metformin,mask,1,,1,1,,,,,
metformin,mask,1,,3,2,,,,,
metformin,rule,0,0,,3,0,3,,,
metformin,rule,0,1,,2,1,3,,,
metformin,rule,1,0,,3,0,3,,,
metformin,rule,1,1,,2,1,3,,,
metformin,summary,0,,,,,,3,2,
metformin,summary,1,,,,,,3,2,
"""


class Cohort(AnamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load_small("store", "--shards", "4")

    def test_rows_are_sorted_by_definition_and_patient(self):
        words = ["cohort", "store", "metformin.cohort", "every.cohort", "--rows", "--format", "csv"]
        self.assertEqual(self.must(*words), ROWS)
        self.assertEqual(self.must(*words, "--threads", "1"), ROWS)
        self.assertEqual(self.must(*words, "--memory", "1K"), ROWS)

    def test_rows_as_json_have_numbers_where_ids_are_integers(self):
        rows = self.ndjson(self.must("cohort", "store", "every.cohort", "--rows", "--format", "ndjson"))
        self.assertEqual([row["subject_id"] for row in rows], [1, 1, 10, "p-3"])

    def test_default_is_for_people(self):
        self.assertEqual(self.must("cohort", "store", "metformin.cohort"), PEOPLE)

    def test_counts(self):
        self.assertEqual(self.must("cohort", "store", "metformin.cohort", "every.cohort", "--count", "--format", "csv"),
                         "cohort_definition_id,patients,rows\nevery,3,4\nmetformin,2,2\n")
        self.assertEqual(self.must("cohort", "store", "every.cohort", "--count"),
                         "cohort_definition_id  patients  rows\nevery                        3     4\n")

    def test_attrition_has_the_columns_that_ohdsi_knows(self):
        self.assertEqual(self.must("cohort", "store", "metformin.cohort", "every.cohort", "--attrition", "--format", "csv"),
                         ATTRITION)

    def test_a_definition_that_fails_does_not_stop_the_others(self):
        self.write("broken.cohort", "codes a = X:1\nindex any drg a\n")
        self.write("circe.json", "{}")
        result = self.anam("cohort", "store", "broken.cohort", "every.cohort", "circe.json", "missing.cohort",
                           "--count", "--format", "csv")
        self.assertEqual((result.code, result.out), (1, "cohort_definition_id,patients,rows\nevery,3,4\n"))
        self.assertIn("broken.cohort", result.err)
        self.assertIn("drg", result.err)
        self.assertIn("circe.json", result.err)
        self.assertIn("missing.cohort", result.err)

    def test_dates_of_the_calendar_are_index_events(self):
        self.write("dates.cohort", "index on 2016-01-01 or 2015-06-30 with 365 days of observation before\nrequire age >= 40")
        self.assertEqual(self.must("cohort", "store", "dates.cohort", "--rows", "--format", "csv"), """\
cohort_definition_id,subject_id,cohort_start_date,cohort_end_date
dates,1,2016-01-01,2019-12-31
dates,2,2016-01-01,2019-12-31
dates,10,2016-01-01,2019-12-31
""")

    def test_events_of_any_kind_end_as_their_own_kind_does(self):
        # A drug lasts for its days of supply, also where any kind of event is asked for.
        self.write("any.cohort", "index any event NDC:00093104801\nexit at index end")
        self.assertEqual(self.must("cohort", "store", "any.cohort", "--rows", "--format", "csv"), """\
cohort_definition_id,subject_id,cohort_start_date,cohort_end_date
any,1,2016-03-02,2016-04-01
any,1,2016-04-02,2016-05-02
any,10,2017-05-20,2017-07-04
any,p-3,2018-07-08,2018-08-07
""")

    def test_definitions_are_printed_as_they_are_understood(self):
        printed = """\
cohort "First metformin after diabetes"

codes t2d       = ICD10CM:E11*
codes metformin = NDC:00093104801

index    first drug metformin
         with 365 days of observation before and 0 days after
require  "has T2D" at least 1 condition t2d within 365 days before index
require  "adult"   age 18 to 120 at index
exit     30 days after index
"""
        self.assertEqual(self.must("cohort", "metformin.cohort", "--print"), printed)
        self.assertEqual(self.must("cohort", "--print", "metformin.cohort"), printed)
        self.assertEqual(self.must("cohort", "--print=text", "metformin.cohort"), printed)
        named = self.must("cohort", "store", "metformin.cohort", "--print")
        self.assertEqual(named, printed.replace("104801\n", "104801   # Metformin 500 mg, 100 in a bottle\n"))
        # What is printed is the same cohort.
        self.write("again/metformin.cohort", named)
        words = ["--rows", "--format", "csv"]
        self.assertEqual(self.must("cohort", "store", "again/metformin.cohort", *words),
                         self.must("cohort", "store", "metformin.cohort", *words))
        both = self.must("cohort", "metformin.cohort", "every.cohort", "--print")
        self.assertTrue(both.startswith("# metformin.cohort\n" + printed + "\n# every.cohort\ncohort \"Every"))

    def test_printing_needs_a_definition_that_can_be_read(self):
        self.write("broken.cohort", "index any dragon\n")
        self.refused(1, "broken.cohort:1:11", "cohort", "broken.cohort", "--print")
        self.refused(1, "nowhere.cohort", "cohort", "nowhere.cohort", "--print")
        self.refused(2, "DEFINITION", "cohort", "store", "--print")
        self.refused(2, "DEFINITION", "cohort", "store")
        self.refused(2, "--rows", "cohort", "every.cohort", "--print", "--rows")
        self.refused(2, "--print must be", "cohort", "every.cohort", "--print=yaml")

    def test_names_of_definitions_must_differ(self):
        self.write("sub/every.cohort", "index any drug\n")
        self.refused(2, "same name", "cohort", "store", "every.cohort", "sub/every.cohort", "--count")

    def test_another_definition_is_a_kind_of_event(self):
        self.write("sub/t2d.cohort", "codes t2d = ICD10CM:E11*\nindex first condition t2d exit 30 days after index\n")
        self.write("sub/treated.cohort", 'index any cohort file "t2d.cohort"\n'
                   "require any drug NDC:00093104801 during index\nexit at index end\n")
        self.write("late.cohort", 'index first drug NDC:00093104801 exit at index end\n'
                   'require any cohort file "sub/treated.cohort" starting within 7 days before index\n'
                   'exclude any cohort file "sub/../sub/t2d.cohort" lasting less than 30 days\n')
        words = ["--rows", "--format", "csv"]
        self.assertEqual([(row["subject_id"], row["cohort_start_date"], row["cohort_end_date"]) for row in
                          self.csv(self.must("cohort", "store", "sub/treated.cohort", *words))],
                         [("1", "2016-02-24", "2016-03-25"), ("10", "2017-05-01", "2017-05-31"),
                          ("p-3", "2018-07-01", "2018-07-31")])
        late = [("1", "2016-03-02", "2016-04-01"), ("p-3", "2018-07-08", "2018-08-07")]
        for more in [["late.cohort"], ["sub/t2d.cohort", "late.cohort", "sub/treated.cohort"]]:
            for memory in ["1K", "64M"]:
                rows = self.csv(self.must("cohort", "store", *more, *words, "--memory", memory))
                self.assertEqual([(row["subject_id"], row["cohort_start_date"], row["cohort_end_date"]) for row in rows
                                  if row["cohort_definition_id"] == "late"], late)
        timelines = self.must("timeline", "store", "--cohort", "late.cohort", "--format", "csv")
        self.assertIn("2016-03-02", timelines)

    def test_definitions_that_refer_to_each_other_are_refused(self):
        self.write("circle/a.cohort", 'index cohort file "b.cohort"\n')
        self.write("circle/b.cohort", 'index any drug\nexclude any cohort file "../circle/a.cohort" before index\n')
        error = self.anam("cohort", "store", "circle/a.cohort", "--count").err
        self.assertIn("in a circle; one of them must go: circle/a.cohort -> circle/b.cohort -> ", error)
        self.assertIn('circle/b.cohort:2:25', error)
        self.write("circle/self.cohort", 'index cohort file "self.cohort"\n')
        self.assertIn("in a circle", self.anam("cohort", "store", "circle/self.cohort", "--count").err)
        self.write("circle/lost.cohort", 'index drug or cohort file "gone.cohort"\n')
        error = self.anam("cohort", "store", "circle/lost.cohort", "--count").err
        self.assertIn("circle/lost.cohort:1:27: the definition in this file cannot be used", error)
        self.assertIn("circle/gone.cohort: No such file", error)
        for depth in range(60):
            self.write(f"deep/{depth}.cohort", f'index cohort file "{depth + 1}.cohort"\n')
        self.assertIn("too deep", self.anam("cohort", "store", "deep/0.cohort", "--count").err)

    def test_a_release_answers_as_it_was(self):
        self.load_small("two")
        self.write("more.csv", "patient_id,start,end,domain,code\n2,2018-03-01,,drug,NDC:00093104801\n")
        self.must("load", "two", "--format", "events", "--source", "clinic", "more.csv")
        words = ["cohort", "two", "every.cohort", "--count", "--format", "csv"]
        self.assertEqual(self.must(*words), "cohort_definition_id,patients,rows\nevery,4,5\n")
        self.assertEqual(self.must(*words, "--release", "1"), "cohort_definition_id,patients,rows\nevery,3,4\n")


class Population(AnamCase):
    """More rows than the memory that is given for them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.must("generate", "people", "--patients", "800", "--shards", "2")
        cls.write("drugs.cohort", "index any drug\nexit 3 days after index\n")
        cls.write("seen.cohort", "codes diabetes = ICD10CM:E11*\nindex any drug\n"
                  'require "seen" at least 2 distinct days of condition within 365 days before index\n'
                  'require "others" any cohort file "drugs.cohort" lasting at least 3 days within 90 days after index\n'
                  'exclude "diabetes" any condition diabetes before index\nexit at index end\n')

    def test_memory_changes_no_row_and_no_count(self):
        for show in ["--rows", "--attrition", "--reasons"]:
            words = ["cohort", "people", "seen.cohort", "drugs.cohort" if show != "--reasons" else "--events=1", show,
                     "--format", "csv"]
            whole = self.must(*words)
            self.assertGreater(len(whole.splitlines()), 10)
            for memory in ["1", "20K", "300K"]:
                self.assertEqual(self.must(*words, "--memory", memory), whole)

    def test_rows_of_many_temporary_files_are_the_same_every_time(self):
        words = ["cohort", "people", "drugs.cohort", "--rows", "--format", "csv"]
        whole = self.must(*words)
        self.assertGreater(len(whole.splitlines()), 3000)
        rows = [(int(row["subject_id"]), row["cohort_start_date"]) for row in self.csv(whole)]
        self.assertEqual(rows, sorted(rows))
        for _ in range(5):
            self.assertEqual(self.must(*words, "--memory", "2K"), whole)


if __name__ == "__main__":
    main()
