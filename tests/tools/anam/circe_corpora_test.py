# SPDX-License-Identifier: Apache-2.0
"""Evaluates OHDSI cohort definitions whose rows and attrition are known from Circe's own SQL: corpora of definitions that lie beside
the checkout. Skipped (exit 77) where they are absent.

  circe_corpora_test.py ANAM_BINARY SHARED_DIRECTORY
"""
import collections
import csv
import gzip
import hashlib
import io
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

ANAM = os.path.abspath(sys.argv[1])
SHARED = pathlib.Path(os.environ.get("ANAM_SHARED", sys.argv[2])).resolve()
CORPORA = (("features-rich", "omop-rich", 613), ("random-rich", "omop-rich", 340),
           ("phenotypelibrary-rich", "omop-rich", 608), ("phenotypelibrary-gibleed", "omop-gibleed", 83))
NUMBERS = ("mode_id", "rule_sequence", "inclusion_rule_mask", "person_count", "gain_count", "person_total", "base_count",
           "final_count", "lost_count")


def output(*words):
    done = subprocess.run([ANAM, *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"anam {words[:3]}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def run(*words):
    return csv.DictReader(io.StringIO(output(*words)))


def attrition(rows):
    found = collections.defaultdict(set)
    for row in rows:
        found[row["cohort_definition_id"]].add((row["kind"], *(row.get(name) or "" for name in NUMBERS)))
    return found


class Corpora(unittest.TestCase):
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(tempfile.mkdtemp())
        for data in ("omop-rich", "omop-gibleed"):
            run("load", cls.dir / data, "--format", "omop", "--source", "test", SHARED / "data" / data)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.dir)

    def definitions(self, corpus):
        folder = SHARED / "oracle" / corpus
        if (folder / "definitions").is_dir():
            return sorted((folder / "definitions").glob("*.json"))
        unpacked = self.dir / corpus
        if not unpacked.is_dir():
            with tarfile.open(folder / "definitions.tar.gz") as archive:
                archive.extractall(unpacked)
        return sorted((unpacked / "definitions").glob("*.json"))

    def printed(self, corpus, store, definitions):
        """The definitions in the text language, as files of their own."""
        folder = self.dir / (corpus + "-text")
        folder.mkdir()
        files = []
        for line in output("cohort", store, *definitions, "--print").splitlines(keepends=True):
            if line.startswith("# /"):
                files.append((folder / pathlib.Path(line[2:].strip()).with_suffix(".cohort").name, []))
            else:
                files[-1][1].append(line)
        for path, lines in files:
            path.write_text("".join(lines), encoding="utf-8")
        return [path for path, _ in files]

    def check_rows(self, corpus, rows):
        """Rows are compared by their hashes, in start, end and multiplicity."""
        known = {row["cohort_definition_id"]: row
                 for row in csv.DictReader((SHARED / "oracle" / corpus / "index.csv").open())}
        found = collections.defaultdict(list)
        for row in rows:
            found[row["cohort_definition_id"]].append(
                (int(row["subject_id"]), row["cohort_start_date"], row["cohort_end_date"]))
        wrong = []
        for name, expected in known.items():
            lines = "".join("%d,%s,%s\n" % row for row in sorted(found.get(name, [])))
            if hashlib.sha256(lines.encode()).hexdigest() != expected["sha256"]:
                wrong.append(f"{name}: {len(found.get(name, []))} rows, known are {expected['rows']}")
        self.assertEqual(wrong, [])
        return len(known)

    def check_attrition(self, corpus, rows):
        with gzip.open(SHARED / "oracle" / corpus / "expected_attrition.csv.gz", "rt") as text:
            expected = attrition(csv.DictReader(text))
        found = attrition(rows)
        self.assertEqual([name for name in expected if expected[name] != found.get(name)], [])
        self.assertEqual([name for name in found if name not in expected], [])

    def test_corpora(self):
        for corpus, data, size in CORPORA:
            with self.subTest(corpus):
                definitions = self.definitions(corpus)
                store = self.dir / data
                rows = run("cohort", store, *definitions, "--rows", "--format", "csv")
                self.assertEqual(self.check_rows(corpus, rows), size)
                self.check_attrition(corpus, run("cohort", store, *definitions, "--attrition", "--format", "csv"))

    def test_printed_corpora(self):
        for corpus, data, size in CORPORA:
            with self.subTest(corpus):
                store = self.dir / data
                texts = self.printed(corpus, store, self.definitions(corpus))
                self.assertEqual(self.check_rows(corpus, run("cohort", store, *texts, "--rows", "--format", "csv")), size)
                self.check_attrition(corpus, run("cohort", store, *texts, "--attrition", "--format", "csv"))
                # What is printed is printed again as it is.
                again = self.printed(corpus + "-again", store, texts)
                self.assertEqual([text.name for text, other in zip(texts, again, strict=True)
                                  if text.read_text("utf-8").strip() != other.read_text("utf-8").strip()], [])


if not (SHARED / "oracle").is_dir():
    print(f"skipped: no corpora in {SHARED / 'oracle'}")
    sys.exit(77)
unittest.main(argv=sys.argv[:1], verbosity=2)
