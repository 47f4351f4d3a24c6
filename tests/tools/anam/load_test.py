# SPDX-License-Identifier: Apache-2.0
"""anam load and anam info: what they say, and what they leave behind."""
import json
import os
import signal
import subprocess
import time

from anam_case import ANAM, CODES, EVENTS, PATIENTS, AnamCase, main


class Load(AnamCase):
    def test_summary_accounts_for_every_row(self):
        out = self.load_small("a")
        self.assertIn("""\
file          rows  loaded  bad  skipped
codes.csv        6       6    0        0
events.csv      15      15    0        0
patients.csv     4       4    0        0
all             25      25    0        0
""", out)
        self.assertIn("25 = 25 loaded + 0 bad + 0 skipped by rule. Every row is accounted for.", out)
        self.assertIn("Patients: 4, 4 of them new. Rows about persons: 4.", out)
        self.assertIn("Events: 15. condition 5, drug 4, measurement 1, visit 1, enrollment 4.", out)
        self.assertRegex(out, r"Release 1 of a is published after \d+\.\d s; the store has 4 patients and 15 events.\n$")

    def test_info_tells_what_the_store_holds(self):
        self.load_small("b", "--note", "first try", "--shards", "4")
        out = self.must("info", "b")
        for text in ["4 shards", "release   1 of 1", "patients  4\n", "events    15, from 2015-01-01 to 2018-07-08",
                     "first try", "condition         5", "clinic         4      15", "ICD10CM", "note                     text"]:
            self.assertIn(text, out)
        facts = json.loads(self.must("info", "b", "--format", "json"))
        self.assertEqual(facts["events_by_domain"],
                         {"condition": 5, "drug": 4, "measurement": 1, "visit": 1, "enrollment": 4})
        self.assertEqual(facts["events_by_source"], {"clinic": 15})
        self.assertEqual((facts["patients"], facts["events"], facts["shards"], facts["release"]), (4, 15, 4, 1))
        self.assertEqual((facts["first_day"], facts["last_day"]), ("2015-01-01", "2018-07-08"))
        self.assertEqual(facts["attributes"], [{"name": "note", "type": "text"}])
        self.assertEqual(sum(facts["bytes_by_part"].values()), facts["bytes"])
        self.assertEqual(facts["bytes"], sum(p.stat().st_size for p in (self.dir / "b").glob("*-*.mdb")))
        names = {v["name"]: v["codes"] for v in facts["vocabularies"]}
        self.assertEqual((names["ICD10CM"], names["NDC"]), (4, 1))
        [release] = facts["releases"]
        self.assertEqual((release["number"], release["source"], release["note"]), (1, "clinic", "first try"))
        self.assertEqual(release["report"]["rows"], {"read": 25, "loaded": 25, "bad": 0, "skipped": 0})

    def test_second_load_is_a_second_release(self):
        self.load_small("c")
        events = self.write("more/events.csv", "patient_id,start,domain,code\n1,2019-01-01,condition,ICD10CM:I10\n"
                            "77,2019-02-01,condition,ICD10CM:J45\n")
        self.must("load", "c", "--format", "events", "--source", "lab", events)
        facts = json.loads(self.must("info", "c", "--format", "json"))
        self.assertEqual((facts["release"], facts["patients"], facts["events"]), (2, 5, 17))
        self.assertEqual(facts["events_by_source"], {"clinic": 15, "lab": 2})
        self.assertEqual([(r["new_patients"], r["new_events"]) for r in facts["releases"]], [(4, 15), (1, 2)])
        before = json.loads(self.must("info", "c", "--release", "1", "--format", "json"))
        self.assertEqual((before["release"], before["patients"], before["events"]), (1, 4, 15))
        self.assertEqual(len(self.csv(self.must("timeline", "c", "1", "--format", "csv"))), 7)
        self.assertEqual(len(self.csv(self.must("timeline", "c", "1", "--format", "csv", "--release", "1"))), 6)

    def test_bad_row_names_its_place_and_leaves_no_store(self):
        bad = self.write("bad.csv", "patient_id,start,domain,code\n1,2019-01-01,condition,A:1\n1,2019-02-30,condition,A:1\n")
        err = self.refused(1, "bad.csv", "load", "d", "--format", "events", "--source", "x", bad)
        for part in ["line 3", "column start", "'2019-02-30'", "--max-bad-rows"]:
            self.assertIn(part, err)
        self.assertFalse((self.dir / "d").exists())

    def test_tolerated_bad_rows_are_kept_in_a_file(self):
        bad = self.write("some.csv", "patient_id,start,domain,code\n1,2019-01-01,condition,A:1\n1,2019-02-30,condition,A:1\n"
                         "2,2019-03-01,nonsense,A:1\n")
        self.refused(1, "--max-bad-rows", "load", "e", "--format", "events", "--source", "x", "--max-bad-rows", "1", bad)
        out = self.must("load", "e/", "--format", "events", "--source", "x", "--max-bad-rows", "2", bad)
        self.assertIn("3 = 1 loaded + 2 bad + 0 skipped by rule. Every row is accounted for.", out)
        self.assertIn("Bad rows: 2, with reasons in e.bad-rows.csv", out)
        rows = self.csv((self.dir / "e.bad-rows.csv").read_text())
        self.assertEqual([(r["line"], r["column"], r["value"]) for r in rows],
                         [("3", "start", "2019-02-30"), ("4", "domain", "nonsense")])

    def test_input_that_is_not_there_or_not_understood(self):
        self.refused(1, "nothing.csv", "load", "f", "--format", "events", "--source", "x", "nothing.csv")
        other = self.write("other.csv", "a,b\n1,2\n")
        self.refused(1, "other.csv", "load", "f", "--format", "events", "--source", "x", other)
        self.refused(2, "--keep", "load", "f", "--format", "events", "--source", "x", "--keep", "a:number", other)
        self.assertFalse((self.dir / "f").exists())

    def test_a_directory_that_is_no_store_is_left_alone(self):
        self.write("full/mine.txt", "precious\n")
        data = self.write("full.csv", EVENTS)
        err = self.anam("load", "full", "--format", "events", "--source", "x", data)
        self.assertNotEqual(err.code, 0)
        self.assertEqual([p.name for p in (self.dir / "full").iterdir()], ["mine.txt"])

    def test_interrupted_and_locked_loads_leave_the_store_as_it_was(self):
        self.load_small("g")
        before = self.must("info", "g")
        rows = ["patient_id,start,domain,code,paid\n"]
        rows += [f"{i % 9973},20{10 + i % 9}-0{1 + i % 9}-1{i % 10},drug,NDC:{i % 997},{i % 1000}.25\n" for i in range(400000)]
        large = self.write("large.csv", "".join(rows))
        words = [ANAM, "load", "g", "--format", "events", "--source", "x", large]
        process = subprocess.Popen(words, cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while not (self.dir / "g" / "scratch").exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        self.assertIsNone(process.poll(), "the load ended before it could be stopped")
        err = self.refused(1, "g", "load", "g", "--format", "events", "--source", "y", "data")
        self.assertIn(str(process.pid), err)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out), (1, b""), err)
        self.assertRegex(err, rb"anam: .*stopped.*: g is as it was\n$")
        self.assertEqual(self.must("info", "g"), before)
        self.assertFalse((self.dir / "g" / "scratch").exists())
        self.must("load", "g", "--format", "events", "--source", "y", "data/events.csv")

    def test_order_of_rows_and_shards_change_nothing(self):
        self.load_small("h1")
        header, *rows = EVENTS.splitlines(keepends=True)
        half = len(rows) // 2
        files = [self.write("part1.csv", header + "".join(reversed(rows[half:]))),
                 self.write("part2.csv", header + "".join(reversed(rows[:half]))),
                 self.write("people.csv", PATIENTS), self.write("codes2.csv", CODES)]
        self.must("load", "h2", "--format", "events", "--source", "clinic", "--keep", "note", "--shards", "8",
                  "--threads", "1", *files)
        for words in [["timeline", "1", "--format", "csv"], ["timeline", "p-3"],
                      ["timeline", "--cohort", "every.cohort", "--format", "csv"],
                      ["timeline", "--cohort", "every.cohort"],
                      ["cohort", "metformin.cohort", "every.cohort", "--rows", "--format", "csv"],
                      ["cohort", "metformin.cohort"], ["codes", "diabetes"]]:
            self.assertEqual(self.must(words[0], "h1", *words[1:]), self.must(words[0], "h2", *words[1:]))


if __name__ == "__main__":
    main()
