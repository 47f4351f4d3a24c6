# SPDX-License-Identifier: Apache-2.0
"""anam backup: copies answer as their store did, whatever happens to the store meanwhile."""
import os

from anam_case import CODES, EVENTS, EVERY_DRUG, PATIENTS, AnamCase, main

MORE = "patient_id,start,end,domain,code\n2,2018-03-01,,drug,NDC:00093104801\n"


class Backup(AnamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, text in (("events.csv", EVENTS), ("patients.csv", PATIENTS), ("codes.csv", CODES), ("more.csv", MORE),
                           ("every.cohort", EVERY_DRUG)):
            cls.write(name, text)
        cls.must("load", "store", "--format", "events", "--source", "test", "events.csv", "patients.csv", "codes.csv")
        cls.must("load", "store", "--format", "events", "--source", "test", "more.csv")
        cls.must("cohort", "store", "every.cohort", "--save", "kept")

    def answers(self, store):
        return [self.must("cohort", store, "every.cohort", "--rows", "--format", "csv", "--release", release)
                for release in ("1", "2")] + [self.must("timeline", store, "1", "--format", "ndjson"),
                                              self.must("cohorts", store, "rows", "kept", "--format", "csv")]

    def test_a_copy_is_whole(self):
        self.assertIn("Copied 2 releases", self.must("backup", "store", "copy"))
        self.assertEqual(self.answers("copy"), self.answers("store"))
        self.assertIn("Nothing is wrong", self.must("verify", "copy"))
        # It is a store of its own: loads go on in it.
        self.must("load", "copy", "--format", "events", "--source", "test", "more.csv")
        self.assertEqual(len(self.must("releases", "copy", "--format", "csv").splitlines()), 4)
        self.assertEqual(len(self.must("releases", "store", "--format", "csv").splitlines()), 3)

    def test_what_cannot_be_copied_is_refused_and_leaves_nothing(self):
        self.refused(2, "there is no such store", "backup", "nowhere", "there")
        self.refused(2, "there is a store already", "backup", "store", "store")
        self.assertFalse(os.path.exists(self.dir / "there"))
        self.must("backup", "store", "damaged")
        codes = [name for name in os.listdir(self.dir / "damaged") if name.startswith("codes")]
        with open(self.dir / "damaged" / codes[0], "r+b") as file:
            file.truncate(5000)
        self.assertNotEqual(self.anam("backup", "damaged", "there").code, 0)
        self.assertFalse(os.path.exists(self.dir / "there"))


if __name__ == "__main__":
    main()
