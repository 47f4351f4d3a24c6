# SPDX-License-Identifier: Apache-2.0
"""anam load --format synthea: halves of an export as two sources, and no identifier anywhere in the store."""
import json

from anam_case import AnamCase, main

# All of a kind that stands nowhere else, so that a search for it can fail.
IDENTIFIERS = {
    "patients": {"SSN": "987-65-4321", "DRIVERS": "DRV77001", "PASSPORT": "PSP77002X", "PREFIX": "Baroness.", "FIRST": "Wilhelmina55",
                 "MIDDLE": "Ottoline66", "LAST": "Quackenbush77", "SUFFIX": "Esquire88", "MAIDEN": "Zwiebelfisch99",
                 "BIRTHPLACE": "Xanadu Gulch", "ADDRESS": "12 Umbrella Alley", "CITY": "Zebraville", "COUNTY": "Quince County",
                 "FIPS": "77003", "LAT": "41.770041", "LON": "-71.770051", "ZIP": "77654"},
    "devices": {"UDI": "(01)77006(11)"},
    "observations": {"VALUE": "13 Umbrella Alley"},
    "imaging_studies": {"SERIES_UID": "1.2.77007", "INSTANCE_UID": "1.2.77008"},
    "payer_transitions": {"MEMBERID": "member-77009", "OWNER_NAME": "Isolde11 Quackenbush77"},
    "claims_transactions": {"NOTES": "she told us secretly", "LINENOTE": "call her sister", "PATIENTINSURANCEID": "ins-77010"},
    "providers": {"NAME": "Dr. Ferdinand22", "ADDRESS": "9 Clinic Close", "CITY": "Otterton", "LAT": "41.770111", "LON": "-71.770121"},
    "organizations": {"NAME": "Mercy of Otterton", "ADDRESS": "10 Clinic Close", "CITY": "Otterton", "LAT": "41.770131",
                      "LON": "-71.770141", "PHONE": "555-77015"},
}
UNKNOWN = {"patients": {"FAVOURITE_DISH": "turnips-77016"}, "conditions": {"REMARK": "remark-77017"}}

TABLES = {
    "patients": [{"Id": "uuid-1", "BIRTHDATE": "1950-03-04", "DEATHDATE": "2020-01-02", "GENDER": "F", "RACE": "white",
                  "ETHNICITY": "nonhispanic", "STATE": "Ohio"}],
    "encounters": [{"Id": "enc-1", "START": "2019-05-06T09:00:00Z", "STOP": "2019-05-06T10:00:00Z", "PATIENT": "uuid-1",
                    "ORGANIZATION": "org-1", "PROVIDER": "doc-1", "PAYER": "pay-1", "ENCOUNTERCLASS": "inpatient", "CODE": "185345009",
                    "DESCRIPTION": "Encounter for symptom", "BASE_ENCOUNTER_COST": "80.00", "TOTAL_CLAIM_COST": "100.00",
                    "PAYER_COVERAGE": "60.00"}],
    "conditions": [{"START": "2019-05-06", "STOP": "", "PATIENT": "uuid-1", "ENCOUNTER": "enc-1", "CODE": "44054006",
                    "DESCRIPTION": "Diabetes mellitus type 2"}],
    "devices": [{"START": "2019-05-07", "STOP": "", "PATIENT": "uuid-1", "ENCOUNTER": "enc-1", "CODE": "337414009",
                 "DESCRIPTION": "Blood glucose meter"}],
    "observations": [{"DATE": "2019-05-07T08:00:00Z", "PATIENT": "uuid-1", "ENCOUNTER": "enc-1", "CATEGORY": "survey", "CODE": "56799-0",
                      "DESCRIPTION": "Address", "TYPE": "text"}],
    "imaging_studies": [{"Id": "study-1", "DATE": "2019-05-08", "PATIENT": "uuid-1", "ENCOUNTER": "enc-1", "BODYSITE_CODE": "51185008",
                         "MODALITY_CODE": "CR", "PROCEDURE_CODE": "399208008"}],
    "claims": [{"Id": "claim-1", "PATIENTID": "uuid-1", "PROVIDERID": "doc-1", "PRIMARYPATIENTINSURANCEID": "pay-1",
                "DEPARTMENTID": "3", "DIAGNOSIS1": "44054006", "APPOINTMENTID": "enc-1", "SERVICEDATE": "2019-05-06T09:00:00Z",
                "HEALTHCARECLAIMTYPEID1": "2"}],
    "claims_transactions": [
        {"ID": "t-1", "CLAIMID": "claim-1", "CHARGEID": "1", "PATIENTID": "uuid-1", "TYPE": "CHARGE", "AMOUNT": "100.00",
         "FROMDATE": "2019-05-06T09:00:00Z", "TODATE": "2019-05-06T10:00:00Z", "PLACEOFSERVICE": "org-1", "PROCEDURECODE": "185345009", "DIAGNOSISREF1": "1",
         "UNITS": "1", "PAYMENTS": "0.00", "APPOINTMENTID": "enc-1"},
        {"ID": "t-2", "CLAIMID": "claim-1", "CHARGEID": "2", "PATIENTID": "uuid-1", "TYPE": "PAYMENT", "METHOD": "ECHECK",
         "FROMDATE": "2019-05-06T09:00:00Z", "PROCEDURECODE": "185345009", "PAYMENTS": "100.00", "APPOINTMENTID": "enc-1"}],
    "payer_transitions": [{"PATIENT": "uuid-1", "START_DATE": "2019-01-01T00:00:00Z", "END_DATE": "2020-01-01T00:00:00Z",
                           "PAYER": "pay-1", "PLAN_OWNERSHIP": "Self"}],
    "payers": [{"Id": "pay-1", "NAME": "Golden Shield", "OWNERSHIP": "PRIVATE"}],
    "providers": [{"Id": "doc-1", "ORGANIZATION": "org-1", "SPECIALITY": "CARDIOLOGY"}],
    "organizations": [{"Id": "org-1", "STATE": "OH"}],
}


def cell(text):
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text


class Synthea(AnamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, rows in TABLES.items():
            full = [{**row, **IDENTIFIERS.get(name, {}), **UNKNOWN.get(name, {})} for row in rows]
            header = list(dict.fromkeys(column for row in full for column in row))
            lines = [",".join(header)] + [",".join(cell(row.get(column, "")) for column in header) for row in full]
            cls.write(f"data/{name}.csv", "\n".join(lines) + "\n")
        cls.write("everyone.cohort", "index earliest of any event\n")
        cls.record = cls.must("load", "store", "--format", "synthea", "--tables", "clinical", "--source", "mayo", "data")
        cls.claims = cls.must("load", "store", "--format", "synthea", "--tables", "claims", "--source", "claims", "data")

    def test_summaries_account_for_all_rows_and_columns(self):
        for summary in (self.record, self.claims):
            self.assertIn("Every row is accounted for.", summary)
            self.assertIn("No row broke a reference.", summary)
            self.assertIn("patients: columns that are not known and were not read: FAVOURITE_DISH (patients.csv)", summary)
            self.assertIn("skipped: nothing of organizations is stored", summary)
        self.assertIn("Not read, since --tables clinical: claims.csv, claims_transactions.csv, payer_transitions.csv", self.record)
        self.assertIn("conditions: columns that are not known and were not read: REMARK (conditions.csv)", self.record)
        self.assertIn("Events: 6. condition 1, procedure 1, observation 1, device 1, visit 1, death 1.", self.record)
        self.assertIn("Events: 5. condition 1, procedure 1, visit 1, enrollment 1, payer_plan 1.", self.claims)
        self.assertIn("claims: charged 100.00; paid 100.00, of which 100.00 by payers", self.claims)

    def test_an_encounter_is_one_visit_in_both_halves(self):
        self.must("load", "both", "--format", "synthea", "--source", "all", "data")
        rows = self.csv(self.must("timeline", "both", "uuid-1", "--format", "csv"))
        visits = [row for row in rows if row["domain"] == "visit"]
        self.assertEqual([(row["vocabulary"], row["code"], row["visit"], row["claim"]) for row in visits],
                         [("Visit", "IP", "1", "1"), ("Visit", "IP", "1", "")])
        self.assertEqual({row["visit"] for row in rows if row["domain"] in ("condition", "procedure", "device")}, {"1"})

    def test_halves_are_sources_that_agree(self):
        rows = self.csv(self.must("timeline", "store", "uuid-1", "--format", "csv"))
        visits = [row for row in rows if row["domain"] == "visit"]
        self.assertEqual({row["source"] for row in visits}, {"mayo", "claims"})
        self.assertEqual(len({(row["date"], row["time"], row["end_date"], row["code"], row["provider"], row["care_site"], row["payer"])
                              for row in visits}), 1)
        self.assertEqual([(row["source"], row["charged"]) for row in rows if row["charged"]], [("claims", "100.00")])

    def test_no_identifier_is_anywhere_in_the_store(self):
        decoded = [self.must("timeline", "store", "--cohort", "everyone.cohort", "--format", form) for form in ("csv", "ndjson")]
        decoded += [self.must("timeline", "store", "uuid-1"), self.must("info", "store", "--format", "json")]
        for vocabulary in json.loads(decoded[-1])["vocabularies"]:
            decoded.append(self.must("codes", "store", f'{json.dumps(vocabulary["name"])}:*' if " " in vocabulary["name"]
                                     else f'{vocabulary["name"]}:*', "--format", "csv"))
        text = "\n".join(decoded)
        # What must be there, so that the search below can fail.
        for kept in ("uuid-1", "doc-1", "org-1", "CARDIOLOGY", "Golden Shield", "Diabetes mellitus type 2", "Ohio"):
            self.assertIn(kept, text)
        raw = b"".join(path.read_bytes() for path in sorted((self.dir / "store").rglob("*")) if path.is_file())
        self.assertIn(b"uuid-1", raw)
        for table, columns in [*IDENTIFIERS.items(), *UNKNOWN.items()]:
            for column, value in columns.items():
                self.assertNotIn(value, text, f"{table}.{column}")
                self.assertNotIn(value.encode(), raw, f"{table}.{column}")
                for word in value.split():
                    if len(word) > 4:
                        self.assertNotIn(word, text, f"{table}.{column}")
                        self.assertNotIn(word.encode(), raw, f"{table}.{column}")

    def test_identifiers_cannot_be_kept(self):
        for columns in IDENTIFIERS.values():
            for column in columns:
                if column in ("ZIP", "VALUE"):  # read, but not as they are
                    continue
                self.refused(2, "--keep cannot keep an identifier", "load", "new", "--format", "synthea", "--source", "x", "--keep",
                             column, "data")
        self.refused(2, "--keep is for columns that are not read anyway", "load", "new", "--format", "synthea", "--source", "x",
                     "--keep", "zip", "data")
        self.assertFalse((self.dir / "new").exists())

    def test_unknown_columns_are_kept_where_asked_for(self):
        self.must("load", "kept", "--format", "synthea", "--source", "x", "--keep", "remark", "data")
        rows = self.csv(self.must("timeline", "kept", "uuid-1", "--format", "csv"))
        self.assertEqual([row["remark"] for row in rows if row.get("remark")], ["remark-77017"])

    def test_tables_are_of_this_format(self):
        self.refused(2, "--tables is for --format synthea", "load", "new", "--format", "events", "--tables", "claims", "--source", "x",
                     "data")
        self.refused(2, "--tables knows clinical and claims", "load", "new", "--format", "synthea", "--tables", "all", "--source", "x",
                     "data")
        self.assertIn("synthea", self.must("load", "--help"))
        self.write("empty/other.csv", "a\n1\n")
        self.refused(1, "patients.csv is missing", "load", "new", "--format", "synthea", "--source", "x", "empty")


if __name__ == "__main__":
    main()
