# SPDX-License-Identifier: Apache-2.0
"""Circe definitions on the command line: many at once, mistakes, and more inclusion rules than an integer has bits."""
import csv
import io
import json
import sys
import unittest

from anam_case import AnamCase

PERSON = "person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id\n" + "".join(
    f"{i},{8507 if i % 2 else 8532},{1940 + i},0,0\n" for i in range(1, 81))
PERIOD = "observation_period_id,person_id,observation_period_start_date,observation_period_end_date,period_type_concept_id\n" + "".join(
    f"{i},{i},2010-01-01,2019-12-31,0\n" for i in range(1, 81))
# Person i has i conditions: on 1 January 2012 and on the days after it.
CONDITION = ("condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_type_concept_id\n" + "".join(
    f"{100 * i + k},{i},201826,2012-{1 + k // 28:02}-{1 + k % 28:02},0\n" for i in range(1, 81) for k in range(i)))
CONCEPT = """concept_id,concept_name,domain_id,vocabulary_id,concept_class_id,standard_concept,concept_code,valid_start_date,valid_end_date,invalid_reason
201826,Type 2 diabetes mellitus,Condition,SNOMED,Clinical Finding,S,44054006,1970-01-01,2099-12-31,
"""


def counted(at_least):
    return {"Type": "ALL", "CriteriaList": [{"Criteria": {"ConditionOccurrence": {"CodesetId": 7}},
                                             "StartWindow": {"Start": {"Coeff": -1}, "End": {"Coeff": 1}},
                                             "Occurrence": {"Type": 2, "Count": at_least}}]}


def definition(rules=()):
    return {"ConceptSets": [{"id": 7, "name": "T2D", "expression": {"items": [{"concept": {"CONCEPT_ID": 201826}}]}}],
            "PrimaryCriteria": {"CriteriaList": [{"ConditionOccurrence": {"CodesetId": 7, "First": True}}],
                                "ObservationWindow": {"PriorDays": 0, "PostDays": 0}, "PrimaryCriteriaLimit": {"Type": "All"}},
            "InclusionRules": [{"name": f"at least {n}", "expression": counted(n)} for n in rules],
            "EndStrategy": {"DateOffset": {"DateField": "StartDate", "Offset": 0}}}


class Circe(AnamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, text in (("person", PERSON), ("observation_period", PERIOD), ("condition_occurrence", CONDITION), ("concept", CONCEPT)):
            cls.write(f"omop/{name}.csv", text)
        cls.must("load", "store", "--format", "omop", "--source", "test", "omop")

    def table(self, *words):
        return list(csv.DictReader(io.StringIO(self.must(*words, "--format", "csv"))))

    def save(self, name, value):
        return self.write(name, json.dumps(value))

    def test_more_rules_than_bits(self):
        self.save("many.json", definition(range(1, 71)))
        rows = self.table("cohort", "store", "many.json", "--attrition")
        masks = {row["inclusion_rule_mask"]: row["person_count"]
                 for row in rows if row["kind"] == "mask" and row["mode_id"] == "1"}
        # Person i meets the first i rules.
        expected = {str(2 ** i - 1): "1" for i in range(1, 70)}
        expected[str(2 ** 70 - 1)] = "11"
        self.assertEqual(masks, expected)
        self.assertEqual([row["final_count"] for row in rows if row["kind"] == "summary"], ["11", "11"])
        self.assertEqual(len(self.table("cohort", "store", "many.json", "--rows")), 11)

    def test_one_that_fails_does_not_stop_the_others(self):
        self.save("good.json", definition())
        wrong = definition()
        wrong["PrimaryCriteria"]["CriteriaList"][0]["ConditionOccurrence"]["Frist"] = True
        self.save("wrong.json", wrong)
        result = self.anam("cohort", "store", "wrong.json", "good.json", "--count", "--format", "csv")
        self.assertEqual(result.code, 1)
        self.assertEqual(result.out, "cohort_definition_id,patients,rows\ngood,80,80\n")
        self.assertIn('wrong.json: $.PrimaryCriteria.CriteriaList[0].ConditionOccurrence.Frist: is no field of this object; '
                      'did you mean "First"?', result.err)

    def test_definitions_in_both_languages_agree(self):
        self.save("json.json", definition([3]))
        self.write("text.cohort", 'codes t2d = OMOP:201826\nindex first condition t2d with observation\n'
                                  'require at least 3 condition t2d within the same observation period\nexit at index\n')
        rows = self.table("cohort", "store", "json.json", "text.cohort", "--rows")
        by_file = [[tuple(row.values())[1:] for row in rows if row["cohort_definition_id"] == name] for name in ("json", "text")]
        self.assertEqual(len(by_file[0]), 78)
        self.assertEqual(by_file[0], by_file[1])

    def test_not_json(self):
        self.write("bad.json", '{"PrimaryCriteria": ')
        result = self.anam("cohort", "store", "bad.json")
        self.assertEqual(result.code, 1)
        self.assertIn("bad.json:1:21: is no JSON: the text ends, and a value is missing", result.err)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
