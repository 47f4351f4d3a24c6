# SPDX-License-Identifier: Apache-2.0
"""The registry of sources: what is known about them, what they share, and definitions that ask for them."""
import json

from anam_case import CODES, EVENTS, PATIENTS, AnamCase, main

CLINIC = """patient_id,start,domain,code
1,2020-02-01,condition,ICD10CM:E11.9
1,2021-02-01,condition,ICD10CM:I10
77,2021-03-01,condition,ICD10CM:I10
"""


class Sources(AnamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, text in (("events.csv", EVENTS), ("patients.csv", PATIENTS), ("codes.csv", CODES), ("clinic.csv", CLINIC)):
            cls.write(name, text)
        cls.must("load", "store", "--format", "events", "--source", "payer", "--kind", "claims", "events.csv", "patients.csv",
                 "codes.csv")
        cls.must("load", "store", "--format", "events", "--source", "mayo", "clinic.csv")

    def rows(self, store, text):
        path = self.write("asked.cohort", text)
        return sorted(self.must("cohort", store, path, "--rows", "--format", "csv").splitlines()[1:])

    def test_sources_are_told_with_patients_and_years(self):
        facts = json.loads(self.must("info", "store", "--format", "json"))
        payer, mayo = facts["sources"]
        self.assertEqual((payer["name"], payer["kind"], mayo["name"], mayo.get("kind")), ("payer", "claims", "mayo", None))
        self.assertEqual((mayo["patients"], mayo["events"]), (2, 3))
        self.assertEqual(mayo["events_by_year"], {"2020": 1, "2021": 2})
        self.assertEqual(sum(payer["events_by_year"].values()), payer["events"])
        people = {line.split(",")[0] for line in EVENTS.splitlines()[1:]}
        self.assertEqual(facts["shared_patients"], [{"first": "payer", "second": "mayo", "patients": len({"1", "77"} & people)}])
        self.assertIn("patients of both", self.must("info", "store"))

    def test_what_is_known_about_a_source_is_set(self):
        self.must("load", "other", "--format", "events", "--source", "mayo", "clinic.csv")
        terms = self.write("terms.txt", "For research only.\n")
        self.must("sources", "other", "set", "mayo", "--kind", "clinical", "--owner", "A clinic", "--covers", "2019-01-01..",
                  "--terms", terms)
        told = json.loads(self.must("sources", "other", "--format", "ndjson"))
        self.assertEqual((told["kind"], told["owner"], told["first_day"], told.get("last_day"), told["terms"]),
                         ("clinical", "A clinic", "2019-01-01", None, "For research only.\n"))
        self.assertIn("2019-01-01..", self.must("sources", "other"))
        # A further load leaves it as it is.
        self.must("load", "other", "--format", "events", "--source", "mayo", "clinic.csv")
        self.assertEqual(json.loads(self.must("sources", "other", "--format", "ndjson"))["owner"], "A clinic")
        wrong = self.anam("load", "other", "--format", "events", "--source", "mayo", "--kind", "claims", "clinic.csv")
        self.assertIn("another kind", wrong.err)
        for options, text in ((("--kind", "heard"), "--kind is one of"), (("--covers", "2019"), "FIRST..LAST"),
                              (("--covers", "2020-01-01..2019-01-01"), "ends before it begins"), ((), "at least one of")):
            self.assertIn(text, self.anam("sources", "other", "set", "mayo", *options).err)
        self.assertIn("no such source", self.anam("sources", "other", "set", "nobody", "--kind", "claims").err)

    def test_releases_are_listed_and_asked_by_number_or_day(self):
        first, second = (json.loads(line) for line in self.must("releases", "store", "--format", "ndjson").splitlines())
        self.assertEqual((first["release"], first["source"], second["source"], second["new_events"]), (1, "payer", "mayo", 3))
        self.assertEqual(second["events"], first["events"] + 3)
        self.assertIn("published (UTC)", self.must("releases", "store"))
        events = lambda *options: json.loads(self.must("info", "store", "--format", "json", *options))["events"]
        self.assertEqual(events("--release", "1"), first["events"])
        self.assertEqual(events("--release", second["published"][:10]), second["events"])
        self.assertEqual(events("--release", "2999-12-31"), second["events"])
        self.assertIn("had no release yet", self.anam("info", "store", "--release", "1999-12-31").err)
        for wrong in ("0", "x", "2020-13-01"):
            self.assertEqual(self.anam("info", "store", "--release", wrong).code, 2)

    def test_definitions_ask_for_sources_and_kinds(self):
        index = "codes hypertension = ICD10CM:I10\nindex any condition hypertension {}\nexit at index\n"
        every = self.rows("store", index.format(""))
        mayo = self.rows("store", index.format("from source mayo"))
        claims = self.rows("store", index.format("from claims"))
        self.assertEqual(len(mayo), 2)
        self.assertEqual(sorted(mayo + claims), every)
        self.assertEqual(self.rows("store", index.format("not from claims")), mayo)
        self.assertEqual(self.rows("store", index.format("from claims or source mayo")), every)
        self.assertEqual(self.rows("store", index.format("from registry")), [])
        # The same where an attribute has the timelines read.
        self.assertEqual(self.rows("store", index.format("from source mayo with quantity is absent")), mayo)


if __name__ == "__main__":
    main()
