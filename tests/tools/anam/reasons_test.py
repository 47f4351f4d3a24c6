# SPDX-License-Identifier: Apache-2.0
"""anam cohort --reasons: which events met which rule, what ended a row, and why a patient is not in a cohort."""
import datetime
import pathlib
import shutil

from anam_case import AnamCase, main

SAMPLES = pathlib.Path(__file__).resolve().parents[3] / "samples"

PEOPLE = """\
metformin: First metformin after diabetes

patient 1, 2016-03-02 to 2016-04-01
  index  2016-03-02  drug NDC:00093104801  Metformin 500 mg, 100 in a bottle  [clinic]
    observed 2015-01-01 to 2019-12-31
    passed  require "has T2D"
      yes  any condition t2d: 1 found
        2016-02-24  -7 days  condition ICD10CM:E11.65 (ICD9CM:250.02)  Type 2 diabetes mellitus with hyperglycemia  [clinic]
    passed  require "adult"
      yes  age 65
  end    2016-04-01  30 days after index

patient 10, 2017-05-20 to 2017-06-19
  index  2017-05-20  drug NDC:00093104801  Metformin 500 mg, 100 in a bottle  [clinic]
    observed 2015-01-01 to 2019-12-31
    passed  require "has T2D"
      yes  any condition t2d: 1 found
        2017-05-01  -19 days  condition ICD10CM:E11.9  Type 2 diabetes mellitus without complications  [clinic]
    passed  require "adult"
      yes  age 55
  end    2017-06-19  30 days after index
"""
NOT_ADULT = """\
metformin: First metformin after diabetes

patient p-3, not a member
  index  2018-07-08  drug NDC:00093104801  Metformin 500 mg, 100 in a bottle  [clinic]
    stopped: fails rule 2, "adult"
    observed 2015-01-01 to 2019-12-31
    passed  require "has T2D"
      yes  any condition t2d: 1 found
        2018-07-01  -7 days  condition ICD10CM:E11.9  Type 2 diabetes mellitus without complications  [clinic]
    failed  require "adult"
      no   age 17
"""
JOINED = """\
codes metformin = NDC:00093104801
codes t2d = ICD10CM:E11*
index any drug metformin with paid > 1 that has any condition t2d before it
require "seen" all of (any visit with paid >= 1000 on or before index, no condition ICD10CM:I10 before index, sex female)
require "timely" any measurement with value > 9 within 60 days before index
exit 20 days after index or at any drug NDC:00093104801 after 2016-04-01
join rows up to 30 days apart
cut rows to 2016-03-03..2019-12-31
"""
OF_ALL_KINDS = """\
codes insulin = ATC:A10A with descendants
codes a1c = LOINC:4548-4
index any visit Visit:IP or first condition ICD10CM:I* that has at least 1 measurement a1c with value > 5 within 60 days of it
restrict to age > 20 keeping latest
require any of (any drug insulin before index, any event with paid >= 100 within 30 days of index, age >= 65)
exclude at least 5 distinct codes of condition on index
exit 30 days after index or at death or at any drug insulin or when drug insulin stops
join rows up to 60 days apart
cut rows to 2013-01-01..2018-12-31
"""
IN_HOURS = """\
codes a1c = LOINC:4548-4
index any measurement a1c
require "soon again" at least 1 measurement within 90 minutes after index
exit at index
"""
ON_DATES = """\
index every 6 months from 2014-01-01 to 2016-12-31 with 365 days of observation before
require any measurement within 180 days before index
exit 179 days after index
"""


class Reasons(AnamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load_small("store", "--shards", "4")
        cls.must("load", "sample", "--format", "events", "--source", "sample", "--shards", "4",
                 *sorted(SAMPLES.glob("*.csv")))
        shutil.copy(SAMPLES / "metformin.cohort", cls.dir / "new-users.cohort")
        for name, text in {"joined": JOINED, "kinds": OF_ALL_KINDS, "hours": IN_HOURS, "dates": ON_DATES}.items():
            cls.write(name + ".cohort", text)

    def reasons(self, store, definition, *more):
        return self.csv(self.must("cohort", store, definition, "--reasons", "--format", "csv", *more))

    def test_for_people(self):
        self.assertEqual(self.must("cohort", "store", "metformin.cohort", "--reasons"), PEOPLE)

    def test_why_a_patient_is_not_there(self):
        words = ["cohort", "store", "metformin.cohort", "--reasons", "--patient"]
        self.assertEqual(self.must(*words, "p-3"), NOT_ADULT)
        self.assertEqual(self.must(*words, "2"), "metformin: First metformin after diabetes\n\n"
                                                 "patient 2, not a member\n  no index event\n")
        self.assertIn("patient 1, 2016-03-02 to 2016-04-01\n", self.must(*words, "1"))
        index = self.reasons("store", "metformin.cohort", "--patient", "p-3")[0]
        self.assertEqual((index["kind"], index["met"], index["cohort_start_date"], index["criterion"]),
                         ("index", "false", "", 'fails rule 2, "adult"'))
        self.refused(1, "no such patient", *words, "77")

    def test_how_far_each_index_event_came(self):
        for statements, told in {
                "index any drug with paid > 100": "not as the index event is asked for",
                "index first drug with paid > 100": "not the first, or not as the index event is asked for",
                "index any drug with 3000 days of observation before": "not in a period of observation, 3000 days before",
                "index latest drug": "not the patient's latest index event",
                "index any drug restrict to any measurement within 10 days of index": "does not meet the restriction",
                "index any drug restrict to age > 5 keeping first": "not the patient's earliest that meets the restriction",
                "index any drug require age > 5 exclude any visit before index": 'fails rule 2, "any visit before index"',
                "index any drug keep latest": "not the patient's latest that meets all rules",
                "index any drug exit 1 day before index": "nothing ends membership on its start or later",
                "index any drug exit at index cut rows after 2016-01-01": "outside of the dates that rows are cut to"}.items():
            self.write("fate.cohort", statements)
            lines = self.reasons("store", "fate.cohort", "--patient", "1")
            self.assertIn(told, [line["criterion"] for line in lines if line["kind"] == "index"], statements)

    def test_joined_rows_list_all_their_index_events_with_chains_and_costs(self):
        lines = self.reasons("store", "joined.cohort")
        index = [line for line in lines if line["kind"] == "index"]
        self.assertEqual([(line["index_event"], line["date"], line["attributes"]) for line in index],
                         [("1", "2016-03-02", "paid=12.40"), ("2", "2016-04-02", "paid=12.40")])
        chain = [line for line in lines if line["member"] == "1#1" and not line["rule"]]
        self.assertEqual([(line["code"], line["source_code"], line["days"]) for line in chain],
                         [("E11.65", "250.02", "-7"), ("E11.65", "250.02", "-38")])
        cost = next(line for line in lines if line["member"] == "1#1" and line["rule"] == "seen")
        self.assertEqual((cost["domain"], cost["code"], cost["date"], cost["end_date"], cost["attributes"]),
                         ("visit", "IP", "2016-02-24", "2016-02-26", "paid=8250.00"))
        high = [line for line in lines if line["member"] == "1#1" and line["rule"] == "timely"]
        self.assertEqual([(line["time"], line["value"], line["unit"]) for line in high], [("07:35:00", "9.10", "%")] * 2)
        sex = next(line for line in lines if line["criterion"] == "sex")
        self.assertEqual((sex["kind"], sex["met"], sex["code"]), ("person", "true", "F"))
        end = [(line["index_event"], line["kind"], line["criterion"], line["date"]) for line in lines
               if line["kind"] in ("end", "cut")]
        self.assertEqual(end, [("2", "end", "drug NDC:00093104801", "2016-04-02"), ("", "cut", "start", "2016-03-03")])

    def test_an_event_ends_a_row(self):
        self.write("censor.cohort", "index first drug NDC:00093104801\n"
                                    "exit 90 days after index or at any drug NDC:00093104801 after 2016-03-15 or at death")
        end = [line for line in self.reasons("store", "censor.cohort", "--patient", "1") if line["kind"] == "end"]
        self.assertEqual([(line["criterion"], line["date"], line["code"]) for line in end],
                         [("drug NDC:00093104801", "2016-04-02", "00093104801")])

    def test_reasons_are_of_the_rows_of_the_cohort(self):
        for definition in ["new-users", "kinds", "hours", "dates"]:
            rows = self.csv(self.must("cohort", "sample", definition + ".cohort", "--rows", "--format", "csv"))
            self.assertGreater(len(rows), 5, definition)
            lines = self.reasons("sample", definition + ".cohort")
            keys = ["subject_id", "cohort_start_date", "cohort_end_date"]
            found = list(dict.fromkeys(tuple(line[key] for key in keys) for line in lines))
            self.assertEqual(found, [tuple(row[key] for key in keys) for row in rows], definition)
            words = ["cohort", "sample", definition + ".cohort", "--reasons"]
            for form in (["--format", "csv"], ["--format", "ndjson"], []):
                text = self.must(*words, *form)
                self.assertEqual(self.must(*words, *form, "--threads", "1", "--memory", "1K"), text, definition)

    def test_events_are_those_that_the_timeline_has_and_the_rule_asks_for(self):
        lines = self.reasons("sample", "new-users.cohort", "--events", "1000")
        timelines = self.csv(self.must("timeline", "sample", "--cohort", "new-users.cohort", "--format", "csv"))
        events = {}
        for event in timelines:
            events.setdefault(event["patient_id"], []).append(event)
        day = datetime.date.fromisoformat
        checked = 0
        index = None
        for at, line in enumerate(lines):
            own = events[line["subject_id"]]
            if line["kind"] in ("index", "event"):
                keys = ["date", "time", "domain", "vocabulary", "code", "value"]
                self.assertIn([line[key] for key in keys], [[event[key] for key in keys] for event in own])
            if line["kind"] == "index":
                index = day(line["date"])
            if line["kind"] == "count" and line["rule"] == "uncontrolled":
                high = [event for event in own if event["code"] == "4548-4" and event["value"]
                        and float(event["value"]) >= 6.5 and -180 <= (day(event["date"]) - index).days <= -1]
                self.assertEqual(int(line["found"]), len(high))
                shown = lines[at + 1:at + 1 + len(high)]
                self.assertEqual([(s["kind"], s["date"], s["value"]) for s in shown],
                                 [("event", event["date"], event["value"]) for event in high])
                checked += len(high)
        self.assertGreater(checked, 50)

    def test_windows_of_minutes(self):
        lines = self.reasons("sample", "hours.cohort")
        time = lambda line: datetime.datetime.fromisoformat(line["date"] + " " + line["time"])
        checked = 0
        for line in lines:
            if line["kind"] == "index":
                index = time(line)
            if line["kind"] == "event":
                self.assertTrue(0 < (time(line) - index).total_seconds() <= 90 * 60, line)
                checked += 1
        self.assertGreater(checked, 5)

    def test_rows_of_other_cohorts(self):
        self.write("after.cohort", 'index any cohort file "metformin.cohort"\n'
                                   'require "again" any drug NDC:00093104801 after index\nexit at index end')
        lines = self.reasons("store", "after.cohort")
        self.assertEqual([(line["kind"], line["criterion"], line["date"], line["end_date"]) for line in lines
                          if line["kind"] in ("index", "event")],
                         [("index", "cohort metformin.cohort", "2016-03-02", "2016-04-01"),
                          ("event", "", "2016-04-02", "")])
        self.assertEqual(self.reasons("store", "after.cohort", "--patient", "1"), lines)

    def test_events_says_how_many_are_shown(self):
        self.write("many.cohort", "index first drug NDC:00093104801 require \"drugs\" at least 2 drug on or after index")
        words = ["cohort", "store", "many.cohort", "--reasons"]
        self.assertIn("yes  at least 2 drug: 2 found\n        2016-03-02  0 days", self.must(*words))
        text = self.must(*words, "--events", "1")
        self.assertIn("2 found\n        2016-03-02  0 days", text)
        self.assertIn("        and 1 more\n", text)
        self.assertNotIn("        2016", self.must(*words, "--events", "0"))

    def test_records(self):
        first = self.ndjson(self.must("cohort", "store", "metformin.cohort", "--reasons", "--format", "ndjson"))[0]
        self.assertEqual(first, {
            "cohort_definition_id": "metformin", "subject_id": 1, "cohort_start_date": "2016-03-02",
            "cohort_end_date": "2016-04-01", "index_event": 1, "kind": "index", "met": True,
            "criterion": "first drug metformin", "domain": "drug", "vocabulary": "NDC", "code": "00093104801",
            "name": "Metformin 500 mg, 100 in a bottle", "date": "2016-03-02", "source": "clinic"})

    def test_several_definitions_of_which_one_fails(self):
        self.write("broken.cohort", "index any drg")
        result = self.anam("cohort", "store", "broken.cohort", "metformin.cohort", "every.cohort", "--reasons")
        self.assertEqual(result.code, 1)
        self.assertIn("broken.cohort", result.err)
        self.assertTrue(result.out.startswith("every: Every metformin\n\npatient 1, "))
        self.assertTrue(result.out.endswith(PEOPLE))

    def test_options_that_go_together(self):
        self.refused(2, "--patient", "cohort", "store", "every.cohort", "--rows", "--patient", "1")
        self.refused(2, "--events", "cohort", "store", "every.cohort", "--events", "1")
        self.refused(2, "one thing at a time", "cohort", "store", "every.cohort", "--rows", "--reasons")


if __name__ == "__main__":
    main()
