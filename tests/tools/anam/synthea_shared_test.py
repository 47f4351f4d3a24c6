# SPDX-License-Identifier: Apache-2.0
"""Loads a Synthea export that lies beside the checkout, and compares the store with what this file makes of the CSV by itself: with the
clinical tables' help where the importer has only the form of a code. Skipped (exit 77) where it is absent.

  synthea_shared_test.py ANAM_BINARY SHARED_DIRECTORY
"""
import collections
import csv
import gzip
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
from decimal import Decimal

ANAM = os.path.abspath(sys.argv[1])
DATA = pathlib.Path(os.environ.get("ANAM_SHARED", sys.argv[2])).resolve() / "data" / "synthea-120"
MONEY = ("charged", "paid", "paid_by_payer", "paid_by_secondary", "paid_by_patient", "copay", "adjusted", "transferred_out",
         "transferred_to_secondary", "transferred_to_patient", "outstanding")
RECORD_MONEY = ("cost", "total_claim_cost", "payer_coverage")
LOINC = re.compile(r"[0-9-]+-[0-9]$")


def read(name):
    with gzip.open(DATA / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def lines_of(transactions):
    """Transactions by line: from a charge to the next one of the claim."""
    claims = collections.defaultdict(list)
    for row in transactions:
        claims[row["CLAIMID"]].append(row)
    for rows in claims.values():
        line = []
        for row in sorted(rows, key=lambda row: int(row["CHARGEID"])):
            if row["TYPE"] == "CHARGE" and line:
                yield line
                line = []
            line.append(row)
        yield line


def line_money(line):
    sums = collections.Counter()
    payer = "paid_by_payer"
    for row in line:
        amount = {name: Decimal(row[name] or 0) for name in ("AMOUNT", "PAYMENTS", "ADJUSTMENTS", "TRANSFERS", "OUTSTANDING")}
        sums["adjusted"] += amount["ADJUSTMENTS"]
        sums["outstanding"] = amount["OUTSTANDING"]
        if row["TYPE"] == "CHARGE":
            sums["charged"] += amount["AMOUNT"]
        elif row["TYPE"] == "TRANSFEROUT":
            sums["transferred_out"] += amount["TRANSFERS"]
        elif row["TYPE"] == "TRANSFERIN":
            payer = "paid_by_secondary" if row["TRANSFERTYPE"] == "2" else "paid_by_payer"
            sums["transferred_to_secondary" if row["TRANSFERTYPE"] == "2" else "transferred_to_patient"] += amount["TRANSFERS"]
        elif row["TYPE"] == "PAYMENT":
            sums["paid"] += amount["PAYMENTS"]
            if row["METHOD"] == "ECHECK":
                sums["paid_by_payer"] += amount["PAYMENTS"]
                if payer == "paid_by_secondary":
                    sums[payer] += amount["PAYMENTS"]
            else:
                sums["paid_by_patient"] += amount["PAYMENTS"]
                if row["METHOD"] == "COPAY":
                    sums["copay"] += amount["PAYMENTS"]
    return sums


def expected_enrollment(transitions, uninsured):
    """Spans of insurance that meet."""
    people = collections.defaultdict(list)
    for row in transitions:
        if row["PAYER"] not in uninsured:
            people[row["PATIENT"]].append((row["START_DATE"][:10], row["END_DATE"][:10]))
    spans = set()
    for patient, years in people.items():
        years.sort()
        start, end = years[0]
        for first, last in years[1:]:
            if first <= end:  # a plan ends on the day on which the next begins
                end = max(end, last)
            else:
                spans.add((patient, start, end))
                start, end = first, last
        spans.add((patient, start, end))
    return spans


class SyntheaShared(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.dir = pathlib.Path(cls.temporary.name)
        (cls.dir / "everyone.cohort").write_text("index earliest of any event\n")
        cls.summaries = [cls.anam("load", "store", "--format", "synthea", "--tables", half, "--source", source, DATA)
                         for half, source in (("clinical", "mayo"), ("claims", "claims"))]
        cls.text = cls.anam("timeline", "store", "--cohort", "everyone.cohort", "--format", "csv")
        cls.rows = list(csv.DictReader(io.StringIO(cls.text)))
        cls.tables = {name: read(name) for name in
                      ("patients", "encounters", "conditions", "medications", "procedures", "observations", "immunizations", "devices",
                       "allergies", "careplans", "imaging_studies", "supplies", "claims", "claims_transactions", "payer_transitions",
                       "payers", "providers", "organizations")}

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    @classmethod
    def anam(cls, *words):
        done = subprocess.run([ANAM, *map(str, words)], cwd=cls.dir, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"anam {words}: exit {done.returncode}\n{done.stderr}\n{done.stdout}")
        return done.stdout

    def of(self, source, domain):
        return [row for row in self.rows if row["source"] == source and row["domain"] == domain]

    def test_every_row_is_accounted_for(self):
        for summary in self.summaries:
            self.assertIn("Every row is accounted for.", summary)
            self.assertIn("No row broke a reference.", summary)
            self.assertIn(" 0 bad ", summary)
            self.assertNotIn("not known", summary)
        self.assertIn("Nothing is wrong.", self.anam("verify", "store"))

    def test_events_of_the_record(self):
        t = self.tables
        measured = sum(1 for row in t["observations"] if row["CATEGORY"] in ("laboratory", "vital-signs") or
                       (row["TYPE"] == "numeric" and LOINC.match(row["CODE"])))
        images = {tuple(row[name] for name in ("Id", "PATIENT", "DATE", "ENCOUNTER", "PROCEDURE_CODE", "MODALITY_CODE", "BODYSITE_CODE"))
                  for row in t["imaging_studies"]}
        expected = {"visit": len(t["encounters"]), "condition": len(t["conditions"]),
                    "drug": len(t["medications"]) + len(t["immunizations"]), "procedure": len(t["procedures"]) + len(images),
                    "device": len(t["devices"]) + len(t["supplies"]), "measurement": measured,
                    "observation": len(t["observations"]) - measured + len(t["allergies"]) + len(t["careplans"]),
                    "death": sum(1 for row in t["patients"] if row["DEATHDATE"])}
        self.assertEqual(collections.Counter(row["domain"] for row in self.rows if row["source"] == "mayo"), expected)
        # The events themselves, as sets of what was and when.
        for domain, names in (("condition", ["conditions"]), ("device", ["devices", "supplies"])):
            files = collections.Counter((row["PATIENT"], (row.get("START") or row.get("DATE"))[:10], "SNOMED:" + row["CODE"])
                                        for name in names for row in t[name])
            self.assertEqual(collections.Counter((row["patient_id"], row["date"], row["vocabulary"] + ":" + row["code"]) for row in self.of("mayo", domain)), files)
        values = collections.Counter((row["PATIENT"], row["CODE"], Decimal(row["VALUE"]), row["UNITS"])
                                     for row in t["observations"] if row["TYPE"] == "numeric")
        self.assertEqual(values, collections.Counter(
            (row["patient_id"], row["code"], Decimal(row["value"]), row["unit"])
            for row in self.rows if row["value"]))
        texts = collections.Counter((row["PATIENT"], row["CODE"], row["VALUE"].strip()) for row in t["observations"]
                                    if row["TYPE"] == "text" and row["DESCRIPTION"] != "Address")
        self.assertEqual(texts, collections.Counter((row["patient_id"], row["code"], row["value_text"])
                                                    for row in self.rows if row["value_text"]))

    def test_events_of_claims(self):
        t = self.tables
        drugs = {row["CODE"] for row in t["medications"]}
        drug_codes = {**{code: "RxNorm" for code in drugs}, **{row["CODE"]: "CVX" for row in t["immunizations"]}}
        lines = list(lines_of(t["claims_transactions"]))
        pharmacy = {}
        for line in lines:
            pharmacy.setdefault(line[0]["CLAIMID"], line[0]["PROCEDURECODE"] in drugs)
        drug_lines = sum(1 for line in lines if line[0]["PROCEDURECODE"] in drug_codes)
        uninsured = {row["Id"] for row in t["payers"] if row["OWNERSHIP"] == "NO_INSURANCE"}
        spans = expected_enrollment(t["payer_transitions"], uninsured)
        expected = {"visit": sum(1 for drugs_only in pharmacy.values() if not drugs_only),
                    "condition": sum(1 for row in t["claims"] for n in range(1, 9) if row[f"DIAGNOSIS{n}"]),
                    "drug": drug_lines, "procedure": len(lines) - drug_lines,
                    "payer_plan": len(t["payer_transitions"]), "enrollment": len(spans)}
        self.assertEqual(collections.Counter(row["domain"] for row in self.rows if row["source"] == "claims"), expected)
        self.assertEqual({(row["patient_id"], row["date"], row["end_date"]) for row in self.of("claims", "enrollment")}, spans)
        codes = collections.Counter((line[0]["PATIENTID"], drug_codes.get(line[0]["PROCEDURECODE"], "SNOMED") + ":" +
                                     line[0]["PROCEDURECODE"]) for line in lines)
        self.assertEqual(codes, collections.Counter((row["patient_id"], row["vocabulary"] + ":" + row["code"]) for row in self.rows if row["claim_line"]))
        # Visits of both halves agree, encounter by encounter.
        visits = {source: collections.Counter((row["patient_id"], row["date"], row["time"], row["end_date"], row["code"],
                                               row["encounter_class"], row["provider"], row["care_site"])
                                              for row in self.of(source, "visit")) for source in ("mayo", "claims")}
        self.assertEqual(visits["mayo"], visits["claims"])

    def test_money_adds_up(self):
        expected = collections.Counter()
        for line in lines_of(self.tables["claims_transactions"]):
            expected.update(line_money(line))
        stored = {name: sum((Decimal(row[name]) for row in self.rows if row.get(name)), Decimal(0)) for name in MONEY}
        self.assertEqual(stored, {name: expected[name] for name in MONEY})
        # By type, without regard to lines.
        by_type = collections.Counter()
        for row in self.tables["claims_transactions"]:
            by_type[row["TYPE"]] += Decimal({"CHARGE": row["AMOUNT"], "PAYMENT": row["PAYMENTS"],
                                             "ADJUSTMENT": row["ADJUSTMENTS"]}.get(row["TYPE"], row["TRANSFERS"]) or 0)
        self.assertEqual(by_type["CHARGE"], stored["charged"])
        self.assertEqual(by_type["PAYMENT"], stored["paid_by_payer"] + stored["paid_by_patient"])
        self.assertEqual(by_type["ADJUSTMENT"], stored["adjusted"])
        self.assertEqual(by_type["TRANSFEROUT"], stored["transferred_out"])
        self.assertEqual(by_type["TRANSFERIN"], stored["transferred_to_secondary"] + stored["transferred_to_patient"])
        self.assertIn(f"claims: charged {stored['charged']}; paid {stored['paid']}, of which", self.summaries[1])
        t = self.tables
        record = {"cost": sum(Decimal(row[name]) for table, name in (("encounters", "BASE_ENCOUNTER_COST"), ("medications", "TOTALCOST"),
                                                                     ("procedures", "BASE_COST"), ("immunizations", "BASE_COST"))
                              for row in t[table]),
                  "total_claim_cost": sum(Decimal(row["TOTAL_CLAIM_COST"]) for row in t["encounters"]),
                  "payer_coverage": sum(Decimal(row["PAYER_COVERAGE"]) for table in ("encounters", "medications") for row in t[table])}
        self.assertEqual({name: sum(Decimal(row[name]) for row in self.rows if row.get(name)) for name in RECORD_MONEY}, record)

    def test_no_identifier_is_in_the_timelines(self):
        identifiers = {"patients": ("SSN", "DRIVERS", "PASSPORT", "FIRST", "LAST", "MAIDEN", "BIRTHPLACE", "ADDRESS", "CITY", "COUNTY",
                                    "FIPS", "ZIP", "LAT", "LON"),
                       "payer_transitions": ("MEMBERID", "OWNER_NAME"), "devices": ("UDI",),
                       "imaging_studies": ("SERIES_UID", "INSTANCE_UID"), "providers": ("NAME", "ADDRESS"),
                       "organizations": ("NAME", "ADDRESS", "PHONE")}
        secrets = {row[name] for table, names in identifiers.items() for row in self.tables[table] for name in names} - {""}
        # Numbers that the command makes up are not what the store holds.
        made_up = ("days_from_index", "visit", "claim")
        cells = {value for row in self.rows for column, value in row.items() if column not in made_up}
        self.assertEqual(sorted(cells & secrets)[:20], [])
        self.assertIn("value that is an identifier was left out", self.summaries[0])


if __name__ == "__main__":
    if not DATA.is_dir():
        print(f"skipped: no data set in {DATA}")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
