# SPDX-License-Identifier: Apache-2.0
"""Loads public data sets that lie beside the checkout and asks what is known about them. Skipped (exit 77) where they are absent.

  shared_data_test.py ANAM_BINARY SHARED_DIRECTORY
"""
import collections
import csv
import decimal
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ANAM = os.path.abspath(sys.argv[1])
DATA = pathlib.Path(os.environ.get("ANAM_SHARED", sys.argv[2])).resolve() / "data"
EVERYONE = "index earliest of any event\n"
CELECOXIB = "codes celecoxib = OMOP:1118084 with descendants\nindex first drug celecoxib\n"
BLEEDING = """codes celecoxib = OMOP:1118084 with descendants
codes bleeding = OMOP:192671 with descendants
index first drug celecoxib
require any condition bleeding within 30 days after index or on index
"""


def run(*words, prefix=()):
    done = subprocess.run([*prefix, ANAM, *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"anam {words}: exit {done.returncode}\n{done.stderr}\n{done.stdout}")
    return done.stdout


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


def timelines(rows):
    """Rows by patient, without what only timelines of cohorts have, and without empty cells."""
    patients = collections.defaultdict(list)
    for row in rows:
        patients[row["patient_id"]].append(
            {k: v for k, v in row.items() if v and k not in ("cohort_definition_id", "cohort_start", "days_from_index")})
    return patients


class SharedData(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp()
        os.chmod(cls.dir, 0o755)
        os.chdir(cls.dir)
        for name, text in (("everyone", EVERYONE), ("celecoxib", CELECOXIB), ("bleeding", BLEEDING)):
            pathlib.Path(name + ".cohort").write_text(text)
        cls.summary = run("load", "gibleed", "--format", "omop", "--source", "gibleed", str(DATA / "omop-gibleed"))

    @classmethod
    def tearDownClass(cls):
        os.chdir("/")
        shutil.rmtree(cls.dir)

    def test_gibleed_is_accounted_for(self):
        self.assertIn("Every row is accounted for.", self.summary)
        self.assertIn("Patients: 2,694,", self.summary)
        self.assertRegex(self.summary, r"orphan +enrollment +2,649 ")
        self.assertRegex(self.summary, r"dangling visit +condition +64,717 ")

    def test_gibleed_gives_the_published_counts(self):
        def patients(codes):
            return table(run("codes", "gibleed", codes, "--format", "csv"))[-1]["patients"]
        celecoxib, diclofenac = "OMOP:1118084 with descendants", "OMOP:1124300 with descendants"
        self.assertEqual(patients(celecoxib), "1844")
        self.assertEqual(patients(diclofenac), "850")
        self.assertEqual(patients(f"{celecoxib} or {diclofenac}"), "2694")
        self.assertEqual(patients("OMOP:192671 with descendants"), "479")
        [row] = table(run("cohort", "gibleed", "bleeding.cohort", "--count", "--format", "csv"))
        self.assertEqual(row["patients"], "113")

    def test_timelines_of_a_cohort_are_the_single_ones(self):
        bulk = timelines(table(run("timeline", "gibleed", "--cohort", "celecoxib.cohort", "--format", "csv")))
        self.assertEqual(len(bulk), 1844)
        for patient in list(bulk)[::60]:
            self.assertEqual(timelines(table(run("timeline", "gibleed", patient, "--format", "csv")))[patient], bulk[patient])

    def test_shards_threads_and_memory_change_nothing(self):
        before = run("timeline", "gibleed", "--cohort", "everyone.cohort", "--format", "csv")
        run("load", "other", "--format", "omop", "--source", "gibleed", "--shards", "16", "--threads", "2", "--memory", "16M",
            str(DATA / "omop-gibleed"))
        self.assertEqual(run("timeline", "other", "--cohort", "everyone.cohort", "--format", "csv"), before)
        self.assertIn("Nothing is wrong.", run("verify", "other"))

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("setpriv"), "only root can become somebody else")
    def test_a_reader_needs_no_permission_to_write(self):
        prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        if subprocess.run([*prefix, "test", "-x", ANAM], check=False).returncode != 0:
            self.skipTest("the binary is out of nobody's reach")
        self.assertNotEqual(subprocess.run([*prefix, "touch", "gibleed/x"], capture_output=True, check=False).returncode, 0)
        [row] = table(run("cohort", "gibleed", "bleeding.cohort", "--count", "--format", "csv", prefix=prefix))
        self.assertEqual(row["patients"], "113")

    def test_synpuf_pays_what_the_files_pay(self):
        summary = run("load", "synpuf", "--format", "synpuf", "--source", "cms", str(DATA / "claims-synpuf"))
        self.assertIn("Every row is accounted for.", summary)
        self.assertRegex(summary, r"outpatient: paid 2802290.00, of which 2801900.00 stored and 390.00 in 2 rows")
        paid = collections.Counter()
        for row in table(run("timeline", "synpuf", "--cohort", "everyone.cohort", "--columns", "paid,claim_type", "--format", "csv")):
            if row.get("paid"):
                paid[row["claim_type"]] += decimal.Decimal(row["paid"])
        self.assertEqual(paid["inpatient"], decimal.Decimal("56540710.00"))
        self.assertEqual(paid["outpatient"], decimal.Decimal("2801900.00"))

    def test_the_other_sets_load_whole(self):
        for name, format_, folder in (("rich", "omop", "omop-rich"), ("nj", "omop", "omop-synthea27nj"),
                                      ("etl", "synpuf", "claims-etl-cms/input")):
            summary = run("load", name, "--format", format_, "--source", name, str(DATA / folder))
            self.assertIn("Every row is accounted for.", summary)
            self.assertTrue(re.search(r" 0 bad ", summary), summary)
            self.assertIn("Nothing is wrong.", run("verify", name))


if __name__ == "__main__":
    if not DATA.is_dir():
        print(f"skipped: no data sets in {DATA}")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
