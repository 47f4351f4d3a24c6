# SPDX-License-Identifier: Apache-2.0
"""anam load and anam info: what they say, and what they leave behind."""
import fcntl
import json
import random
import shutil
import signal
import subprocess

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

    def test_summary_tells_what_the_load_took(self):
        out = self.load_small("t")
        self.assertRegex(out, r"\nTook: \d+\.\d s, [\d,]+ rows/s; at most [\d.]+ MiB of memory; "
                              r"at most [\d.]+ (bytes|KiB|MiB) of scratch files\.\n")

    def test_a_disk_that_is_too_small_is_told_before_the_work(self):
        rows = "".join(f"{i},2019-01-01,condition,A:1\n" for i in range(40000))
        large = self.write("disk.csv", "patient_id,start,domain,code\n" + rows)
        err = self.refused(1, "not enough room on the disk", "load", "u", "--format", "events", "--source", "x",
                           "--disk", "50K", large)
        self.assertRegex(err, r"u: \d+ bytes more are needed for \d+ rows, 51200 bytes allowed\n$")
        self.assertFalse((self.dir / "u").exists())
        self.must("load", "u", "--format", "events", "--source", "x", "--disk", "100M", large)

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

    def test_a_locked_store_is_refused(self):
        self.load_small("k")
        with open(self.dir / "k" / "writer.lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.write("12345\n")
            lock.flush()
            self.assertIn("12345", self.refused(1, "k", "load", "k", "--format", "events", "--source", "y", "data"))
        self.must("load", "k", "--format", "events", "--source", "y", "data")

    def stop(self, store, data, how, wanted):
        """Stops loads at random moments until so many were; each must leave what was there before."""
        def contents():
            return {p: p.stat().st_size for p in (self.dir / store).rglob("*") if p.name != "writer.lock"}
        before, longest, stopped = contents(), 1.0, 0
        while stopped < wanted:
            process = subprocess.Popen([ANAM, "load", store, "--format", "events", "--source", "x", data], cwd=self.dir,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            try:
                process.wait(timeout=random.uniform(0, longest))
            except subprocess.TimeoutExpired:
                process.send_signal(how)
            out, err = process.communicate(timeout=300)
            if process.returncode == 0:  # it was done first
                longest *= 0.7
                if before:
                    before = contents()
                else:
                    shutil.rmtree(self.dir / store)
            elif process.returncode == -how:  # it had not begun
                longest *= 1.2
            else:
                stopped += 1
                self.assertEqual((process.returncode, out), (130, b""), err)
                left = b"is as it was" if before else b"was not made, and nothing is left of it"
                self.assertRegex(err, rb"anam: .*stopped.*: " + store.encode() + b" " + left + rb"\n$")
            self.assertEqual(contents(), before)

    def test_stopped_loads_leave_nothing_behind(self):
        rows = ["patient_id,start,domain,code,paid\n"]
        rows += [f"{i % 9973},20{10 + i % 9}-0{1 + i % 9}-1{i % 10},drug,NDC:{i % 997},{i % 1000}.25\n" for i in range(100000)]
        large = self.write("large.csv", "".join(rows))
        self.stop("n", large, signal.SIGINT, 4)
        self.assertFalse((self.dir / "n").exists())
        self.load_small("g")
        self.stop("g", large, signal.SIGTERM, 4)
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
