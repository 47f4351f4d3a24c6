# SPDX-License-Identifier: Apache-2.0
"""anam codes: expressions, searches, counts and the union."""
from anam_case import AnamCase, main

T2D = """\
vocabulary,code,name,domain,patients,events
ICD10CM,E11.9,Type 2 diabetes mellitus without complications,condition,2,2
ICD10CM,E11.65,Type 2 diabetes mellitus with hyperglycemia,condition,1,1
ICD10CM,E11.8,Type 2 diabetes mellitus with unspecified complications,,0,0
,,union of 3 codes,,3,3
"""


class Codes(AnamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load_small("store", "--shards", "2")

    def test_expression(self):
        self.assertEqual(self.must("codes", "store", "ICD10CM:E11*", "--format", "csv"), T2D)
        used = self.csv(self.must("codes", "store", "ICD10CM:E11*", "--used", "--format", "csv"))
        self.assertEqual([row["code"] for row in used], ["E11.9", "E11.65", ""])

    def test_table_ends_with_the_union(self):
        lines = self.must("codes", "store", "ICD10CM:E11* or ICD9CM:250*").splitlines()
        self.assertEqual(lines[0].split(), ["vocabulary", "code", "name", "domain", "patients", "events"])
        self.assertEqual(lines[-1].split(), ["union", "of", "4", "codes", "3", "3"])

    def test_source_codes_count_and_the_union_counts_once(self):
        rows = self.csv(self.must("codes", "store", "ICD10CM:E11.65 or ICD9CM:250.02", "--format", "csv"))
        self.assertEqual([(r["code"], r["events"]) for r in rows], [("E11.65", "1"), ("250.02", "1"), ("", "1")])

    def test_text_is_searched_for_in_names_and_synonyms(self):
        rows = self.csv(self.must("codes", "store", "high blood pressure", "--format", "csv"))
        self.assertEqual([(r["code"], r["patients"]) for r in rows], [("I10", "2"), ("", "2")])
        self.assertEqual(self.must("codes", "store", "high", "blood", "--format", "csv"),
                         self.must("codes", "store", "high blood", "--format", "csv"))

    def test_nothing_found(self):
        self.assertEqual(self.must("codes", "store", "xyzzy", "--format", "csv"),
                         "vocabulary,code,name,domain,patients,events\n,,union of 0 codes,,0,0\n")

    def test_expression_with_a_mistake_is_shown_with_its_place(self):
        err = self.refused(1, "ICD10CM:E11* or or", "codes", "store", "ICD10CM:E11* or or")
        self.assertIn("^", err)
        self.refused(2, "needs an expression", "codes", "store", " ")


if __name__ == "__main__":
    main()
