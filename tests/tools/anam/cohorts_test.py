# SPDX-License-Identifier: Apache-2.0
"""Cohorts that a store keeps: saved, listed, shown, used by other definitions, replaced, dropped, and what goes wrong with them."""
import json
import sys
import unittest

from anam_case import COHORT, EVERY_DRUG, EVENTS, PATIENTS, CODES, AnamCase


class Cohorts(AnamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, text in (("events.csv", EVENTS), ("patients.csv", PATIENTS), ("codes.csv", CODES),
                           ("metformin.cohort", COHORT), ("every.cohort", EVERY_DRUG)):
            cls.write(name, text)
        cls.must("load", "store", "--format", "events", "--source", "test", "events.csv", "patients.csv", "codes.csv")

    def saved(self, name, *more):
        return self.must("cohort", "store", "every.cohort", "--save", name, *more)

    def test_rows_are_kept_with_what_they_came_from(self):
        self.assertIn("saved as kept", self.saved("kept"))
        rows = self.must("cohort", "store", "every.cohort", "--rows", "--format", "csv")
        self.assertEqual(self.must("cohorts", "store", "rows", "kept", "--format", "csv"), rows.replace("every,", "kept,"))
        facts = json.loads(self.must("cohorts", "store", "show", "kept", "--format", "ndjson"))
        self.assertEqual((facts["state"], facts["release"], facts["definition_file"], facts["definition"]),
                         ("current", 1, "every.cohort", EVERY_DRUG))
        self.assertIn("kept", self.must("cohorts", "store", "list"))
        self.must("cohorts", "store", "drop", "kept")
        self.assertNotIn("kept", self.must("cohorts", "store"))

    def test_a_saved_cohort_is_an_event(self):
        self.saved("users")
        by_name = self.write("name.cohort", "index first cohort users\nexit at index\n")
        by_file = self.write("file.cohort", 'index first cohort file "every.cohort"\nexit at index\n')
        rows = [self.must("cohort", "store", file, "--rows", "--format", "ndjson") for file in (by_name, by_file)]
        self.assertGreater(len(rows[0].splitlines()), 2)
        self.assertEqual(rows[0].replace('"name"', '"file"'), rows[1])

    def test_a_name_is_taken_once(self):
        self.saved("taken")
        again = self.anam("cohort", "store", "every.cohort", "--save", "taken")
        self.assertEqual(again.code, 1)
        self.assertIn("there is a saved cohort of this name already", again.err)
        self.saved("taken", "--replace")

    def test_several_at_once(self):
        self.must("cohort", "store", "every.cohort", "metformin.cohort", "--save", "all-%", "--count")
        self.assertIn("all-metformin", self.must("cohorts", "store"))
        one_name = self.anam("cohort", "store", "every.cohort", "metformin.cohort", "--save", "one")
        self.assertEqual(one_name.code, 2)

    def test_what_goes_wrong(self):
        self.assertIn("cannot be the name", self.anam("cohort", "store", "every.cohort", "--save", "../x").err)
        self.assertIn("keeps no cohort of this name", self.anam("cohorts", "store", "show", "nobody").err)
        self.write("unknown.cohort", "index first cohort nobody\n")
        self.assertIn("keeps no cohort of this name", self.anam("cohort", "store", "unknown.cohort").err)
        self.write("a.cohort", 'index first cohort file "b.cohort"\n')
        self.write("b.cohort", 'index first cohort file "a.cohort"\n')
        circle = self.anam("cohort", "store", "a.cohort")
        self.assertEqual(circle.code, 1)
        self.assertIn("b.cohort", circle.err)

    def test_a_later_release(self):
        self.must("load", "grown", "--format", "events", "--source", "test", "events.csv", "patients.csv", "codes.csv")
        self.must("cohort", "grown", "every.cohort", "--save", "old")
        self.write("more.csv", "patient_id,start,end,domain,code\n77,2015-01-01,2019-12-31,enrollment,\n")
        self.must("load", "grown", "--format", "events", "--source", "more", "more.csv")
        self.assertIn("older release", self.must("cohorts", "grown"))
        self.write("old.cohort", "index first cohort old\n")
        refused = self.anam("cohort", "grown", "old.cohort")
        self.assertEqual(refused.code, 1)
        self.write("as_of.cohort", "index first cohort old as of release 1\nexit at index\n")
        self.assertEqual(len(self.must("cohort", "grown", "as_of.cohort", "--rows", "--format", "ndjson").splitlines()),
                         len(self.must("cohort", "store", self.write("first.cohort", 'index first cohort file "every.cohort"\nexit at index\n'),
                                       "--rows", "--format", "ndjson").splitlines()))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
