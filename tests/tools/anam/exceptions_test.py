# SPDX-License-Identifier: Apache-2.0
"""Rows that break a reference, and a disk without room: counted, told, and nothing lost."""
import json
import resource
import subprocess

from anam_case import ANAM, AnamCase, main

OMOP = {
    "person.csv": "person_id,gender_concept_id,year_of_birth\n1,8532,1950\n2,8507,1960\n2,8507,1961\n",
    "observation_period.csv": "observation_period_id,person_id,observation_period_start_date,observation_period_end_date\n"
                              "1,1,2010-01-01,2015-12-31\n2,9,2010-01-01,2015-12-31\n3,9,2016-01-01,2016-12-31\n",
    "visit_occurrence.csv": "visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_end_date\n"
                            "11,1,9201,2011-02-03,2011-02-05\n12,2,9202,2011-02-03,\n",
    "condition_occurrence.csv": "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,"
                                "condition_end_date,visit_occurrence_id\n"
                                "1,1,201826,2011-02-03,,11\n2,1,201826,2012-02-03,,99\n3,8,201826,2012-02-03,,\n",
}


class Exceptions(AnamCase):
    def test_each_kind_is_counted_by_domain(self):
        for name, text in OMOP.items():
            self.write("omop/" + name, text)
        out = self.must("load", "store", "--format", "omop", "--source", "s", "omop")
        self.assertIn("Every row is accounted for.", out)
        for kind, domain, rows, rule in [
                ("dangling visit", "condition", 1, "kept: their visit has a number, but no event of its own"),
                ("orphan", "condition", 1, "left out: no row says who the patient is"),
                ("orphan", "enrollment", 2, "left out: no row says who the patient is"),
                ("repeated person", "person", 1, "the last one in the order of all cells holds")]:
            self.assertRegex(out, rf"{kind} +{domain} +{rows}  {rule}\n")
        self.assertIn("Patients: 2, 2 of them new.", out)
        info = self.must("info", "store")
        self.assertRegex(info, r"1  orphan +enrollment +2  left out")
        [release] = json.loads(self.must("info", "store", "--format", "json"))["releases"]
        self.assertEqual(release["report"]["exceptions"],
                         {"dangling visit": {"condition": 1}, "orphan": {"condition": 1, "enrollment": 2},
                          "repeated person": {"person": 1}})
        rows = self.csv(self.must("timeline", "store", "1", "--format", "csv", "--codes", "OMOP:201826"))
        self.assertEqual([row["visit"] for row in rows], ["1", "2"])
        self.assertRegex(self.must("timeline", "store", "2"), "birth_year=1961")

    def limited(self, limit, value, *words):
        return subprocess.run([ANAM, *words], cwd=self.dir, capture_output=True, check=False, timeout=120,
                              preexec_fn=lambda: resource.setrlimit(limit, (value, value)))

    def test_no_room_on_disk_leaves_the_store_as_it_was(self):
        self.load_small("full")
        before = self.must("info", "full")
        words = ["load", "full", "--format", "events", "--source", "s", "data"]
        for room in (1, 512, 3000):
            done = self.limited(resource.RLIMIT_FSIZE, room, *words)
            self.assertEqual((done.returncode, done.stdout), (1, b""), done.stderr)
            self.assertRegex(done.stderr, rb"^anam: .*(full|too large|limit|space)")
            self.assertEqual(self.must("info", "full"), before)
        self.must(*words)


if __name__ == "__main__":
    main()
