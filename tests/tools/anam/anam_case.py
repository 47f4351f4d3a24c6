# SPDX-License-Identifier: Apache-2.0
"""What tests of the command share: a directory of its own for each class, a small data set, and ways to run anam."""
import csv
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ANAM = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "anam"

EVENTS = """\
patient_id,start,end,domain,code,source_code,value,unit,quantity,days_supply,position,paid,visit,claim,status,note
1,2015-01-01,2019-12-31,enrollment,,,,,,,,,,,,
1,2016-02-24,2016-02-26,visit,Visit:IP,,,,,,,8250.00,v1,c1,,
1,2016-02-24,,condition,ICD10CM:E11.65,ICD9CM:250.02,,,,,1,,v1,c1,Status:final,
1,2016-02-24 07:35:00,,measurement,LOINC:4548-4,,9.10,%,,,,,v1,,,"said ""high"", twice"
1,2016-03-02,,drug,NDC:00093104801,,,,60,30,,12.40,,c2,,
1,2016-04-02,,drug,NDC:00093104801,,,,60,30,,12.40,,c3,,
10,2015-01-01,2019-12-31,enrollment,,,,,,,,,,,,
10,2017-05-01,,condition,ICD10CM:E11.9,,,,,,1,,v1,,,
10,2017-05-01,,condition,ICD10CM:I10,,,,,,2,,v1,,,
10,2017-05-20,,drug,NDC:00093104801,,,,90.50,45,,.5,,,,
2,2015-01-01,2019-12-31,enrollment,,,,,,,,,,,,
2,2018-01-10,,condition,ICD10CM:I10,,,,,,,,,,,
p-3,2015-01-01,2019-12-31,enrollment,,,,,,,,,,,,
p-3,2018-07-01,,condition,ICD10CM:E11.9,,,,,,,,,,,
p-3,2018-07-08,,drug,NDC:00093104801,,,,30,30,,1.00,,,,
"""
PATIENTS = """\
patient_id,sex,birth_date,state
1,F,1950-03-04,NY
10,M,1961-12-31,TX
2,F,1970-01-01,
p-3,M,2001-06-30,CA
"""
CODES = """\
vocabulary,code,name,synonyms
ICD10CM,E11.9,Type 2 diabetes mellitus without complications,
ICD10CM,E11.65,Type 2 diabetes mellitus with hyperglycemia,
ICD10CM,E11.8,Type 2 diabetes mellitus with unspecified complications,
ICD10CM,I10,Essential (primary) hypertension,high blood pressure
NDC,00093104801,"Metformin 500 mg, 100 in a bottle",
LOINC,4548-4,Hemoglobin A1c/Hemoglobin.total in Blood,
"""
COHORT = """\
cohort "First metformin after diabetes"
codes t2d       = ICD10CM:E11*
codes metformin = NDC:00093104801
index   first drug metformin with 365 days of observation before and 0 days after
require "has T2D" any condition t2d within 365 days before index
require "adult"   age 18 to 120 at index
exit    30 days after index
"""
EVERY_DRUG = """\
cohort "Every metformin"
codes metformin = NDC:00093104801
index any drug metformin
exit  10 days after index
"""


class Result:
    """How a run of anam ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err


class AnamCase(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls._temporary = tempfile.TemporaryDirectory()
        cls.dir = pathlib.Path(cls._temporary.name)

    @classmethod
    def tearDownClass(cls):
        cls._temporary.cleanup()

    @classmethod
    def write(cls, name, text):
        path = cls.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return str(path)

    @classmethod
    def anam(cls, *words, **more):
        """Runs anam in the class's directory."""
        done = subprocess.run([ANAM, *map(str, words)], cwd=cls.dir, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=300, check=False, **more)
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    @classmethod
    def must(cls, *words):
        """Output of a run that must succeed and say nothing on standard error (but progress)."""
        result = cls.anam(*words)
        errors = [line for line in result.err.splitlines() if line.startswith("anam:")]
        if result.code != 0 or errors:
            raise AssertionError(f"anam {words}: exit {result.code}\n{result.err}\n{result.out}")
        return result.out

    @classmethod
    def load_small(cls, store="store", *more):
        """The data set above, as release 1 of a store. Returns the summary."""
        cls.write("data/events.csv", EVENTS)
        cls.write("data/patients.csv", PATIENTS)
        cls.write("data/codes.csv", CODES)
        cls.write("metformin.cohort", COHORT)
        cls.write("every.cohort", EVERY_DRUG)
        return cls.must("load", store, "--format", "events", "--source", "clinic", "--keep", "note", *more, "data")

    def refused(self, code, message, *words, **more):
        """A run that must fail with this exit code, with the message on standard error and no output."""
        result = self.anam(*words, **more)
        self.assertEqual((result.code, result.out), (code, ""), result.err)
        self.assertIn(message, result.err)
        return result.err

    @staticmethod
    def csv(text):
        return list(csv.DictReader(io.StringIO(text)))

    @staticmethod
    def ndjson(text):
        return [json.loads(line) for line in text.splitlines()]


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
