# SPDX-License-Identifier: Apache-2.0
"""anam generate: a store and files say the same, and no cohort that people benchmark with is empty."""
import json
import os
import pathlib
import unittest

from anam_case import AnamCase, main

EVERYONE = 'cohort "Everyone"\nindex any enrollment\n'
SECOND_DRUG = """\
cohort "Second drugs"
codes second = RXNORM:1545653 with descendants or RXNORM:593411 with descendants
index first drug second
"""
SHARED = pathlib.Path(os.environ.get("ANAM_SHARED") or pathlib.Path(__file__).resolve().parents[4] / "shared")
NINE = SHARED / "oracle" / "ohdsi-nine"


class Generate(AnamCase):
    def timelines(self, store):
        everyone = self.write("everyone.cohort", EVERYONE)
        return self.must("timeline", store, "--cohort", everyone, "--format", "csv")

    def test_files_load_to_the_same_people_as_the_store(self):
        for preset, patients in [("lean", "100"), ("optum", "40")]:
            words = ["--patients", patients, "--seed", "3", "--preset", preset]
            store = f"{preset}-store"
            self.must("generate", store, *words, "--shards", "2")
            expected = self.timelines(store)
            self.assertGreater(expected.count("\n"), 3000)
            self.assertIn("clinical", expected)
            for form in ["events", "omop"]:
                files = f"{preset}-{form}"
                out = self.must("generate", files, *words, "--format", form, *(["--gz"] if form == "omop" else []))
                loads = [line.split() for line in out.splitlines() if line.startswith("  anam load")]
                self.assertEqual(len(loads), 2)
                for _, *load in loads:
                    summary = self.must(*[f"{files}-store" if word == "STORE" else word for word in load])
                    self.assertIn("Every row is accounted for.", summary)
                    self.assertIn("No row broke a reference.", summary)
                    self.assertNotIn("not read", summary)
                found = self.timelines(f"{files}-store")
                if form == "omop":  # record numbers decide the order within a day, and so that of visits' numbers
                    first, second = self.visits(found), self.visits(expected)
                else:
                    first, second = found.splitlines(), expected.splitlines()
                self.assertEqual(len(first), len(second))
                self.assertEqual([pair for pair in zip(first, second) if pair[0] != pair[1]][:2], [], form)

    def visits(self, timelines):
        """The rows of each visit, without the visits' numbers."""
        visits = {}
        for row in self.csv(timelines):
            visit = (row["patient_id"], row["cohort_start"], row["source"], row.pop("visit"))
            visits.setdefault(visit, []).append(tuple(row.values()))
        return sorted(sorted(rows) for rows in visits.values())

    def test_threads_shards_and_order_change_nothing(self):
        self.must("generate", "one", "--patients", "100", "--threads", "1", "--shards", "1")
        self.must("generate", "many", "--patients", "100", "--threads", "4", "--shards", "8", "--memory", "64M")
        self.assertEqual(self.timelines("one"), self.timelines("many"))
        self.must("generate", "other", "--patients", "100", "--seed", "2")
        self.assertNotEqual(self.timelines("one"), self.timelines("other"))
        self.must("verify", "many")

    def test_each_source_is_a_release(self):
        self.must("generate", "both", "--patients", "300")
        facts = json.loads(self.must("info", "both", "--format", "json"))
        self.assertEqual([release["source"] for release in facts["releases"]], ["claims", "clinical"])
        self.assertEqual(facts["patients"], 300)
        self.must("generate", "claims", "--patients", "300", "--sources", "claims")
        alone = json.loads(self.must("info", "claims", "--format", "json"))
        self.assertEqual(list(alone["events_by_source"]), ["claims"])
        self.assertEqual(alone["events_by_source"]["claims"], facts["events_by_source"]["claims"])

    def test_copies_count_as_often(self):
        cohort = self.write("second.cohort", SECOND_DRUG)
        counts = []
        for copies in ["1", "3"]:
            self.must("generate", "copies" + copies, "--patients", "400", "--copies", copies)
            facts = json.loads(self.must("info", "copies" + copies, "--format", "json"))
            [row] = self.csv(self.must("cohort", "copies" + copies, cohort, "--count", "--format", "csv"))
            counts.append([facts["patients"], facts["events"], int(row["patients"])])
        self.assertEqual(counts[1], [3 * count for count in counts[0]])
        self.assertGreater(counts[0][2], 0)

    def test_codes_are_found_under_their_own_names(self):
        self.must("generate", "codes", "--patients", "500")
        for expression, name in [("ICD10CM:E11*", "Type 2 diabetes mellitus"), ("RXNORM:6809 with descendants", "metformin"),
                                 ("ATC:A10B with descendants", "metformin"), ("LOINC:4548-4", "Hemoglobin A1c"),
                                 ("OMOP:316866 with descendants", "Essential"), ("OMOP:9201", "Inpatient Visit")]:
            out = self.must("codes", "codes", expression)
            self.assertIn(name, out)
            self.assertRegex(out, r"union of \d+ codes? +[1-9]|" + name + r".* [1-9]")
        self.assertNotIn("Rare", self.must("codes", "codes", "ICD10CM:E11*"))

    def test_wrong_words_are_refused(self):
        self.refused(2, "anam generate needs --patients", "generate", "x")
        self.refused(2, "--patients must be", "generate", "x", "--patients", "0")
        self.refused(2, "--gz is for files", "generate", "x", "--patients", "5", "--gz")
        self.refused(2, "--shards, --memory and --disk are for stores", "generate", "x", "--patients", "5", "--format", "omop", "--shards", "2")
        self.write("full/claims/something", "")
        self.refused(1, "has files already", "generate", "full", "--patients", "5", "--format", "events")

    @unittest.skipUnless(NINE.is_dir(), "the shared definitions are not there")
    def test_none_of_the_ohdsi_nine_is_empty(self):
        self.must("generate", "nine", "--patients", "6000", "--seed", "1")
        files = sorted(str(path) for path in NINE.glob("*.json"))
        rows = self.csv(self.must("cohort", "nine", *files, "--count", "--format", "csv"))
        self.assertEqual(len(rows), 9)
        self.assertEqual([row for row in rows if int(row["patients"]) == 0], [])


if __name__ == "__main__":
    main()
