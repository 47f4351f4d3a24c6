# SPDX-License-Identifier: Apache-2.0
"""Evaluates OHDSI cohort definitions whose rows and attrition are known from Circe's own SQL: corpora of definitions that lie beside
the checkout; once as they are, once printed in the text language, once printed as JSON. Skipped (exit 77) where they are absent.

  circe_corpora_test.py ANAM_BINARY SHARED_DIRECTORY

A binary with sanitizers (ANAM_SANITIZE, from CMake) takes many times as long and evaluates them as they are only.
"""
import collections
import csv
import gzip
import hashlib
import io
import json
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
SANITIZED = os.environ.get("ANAM_SANITIZE", "") != ""
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

    def printed_text(self, corpus, store, definitions):
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

    def printed_json(self, corpus, store, definitions):
        """The definitions as JSON, in their order; Circe can say all that came from it."""
        folder = self.dir / (corpus + "-json")
        folder.mkdir()
        text = output("cohort", store, *definitions, "--print=json")
        files = []
        for path in definitions:
            _, end = json.JSONDecoder().raw_decode(text)
            files.append(folder / pathlib.Path(path).name)
            files[-1].write_text(text[:end], encoding="utf-8")
            text = text[end:].lstrip()
        self.assertEqual(text, "")
        return files

    def check_corpus(self, corpus, store, definitions, size):
        self.assertEqual(self.check_rows(corpus, run("cohort", store, *definitions, "--rows", "--format", "csv")), size)
        self.check_attrition(corpus, run("cohort", store, *definitions, "--attrition", "--format", "csv"))

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
                self.check_corpus(corpus, self.dir / data, self.definitions(corpus), size)

    @unittest.skipIf(SANITIZED, "takes too long with sanitizers")
    def test_printed_corpora(self):
        for form, printed in (("text", self.printed_text), ("JSON", self.printed_json)):
            for corpus, data, size in CORPORA:
                with self.subTest(corpus, form=form):
                    store = self.dir / data
                    files = printed(corpus, store, self.definitions(corpus))
                    self.check_corpus(corpus, store, files, size)
                    # What is printed is printed again as it is.
                    again = printed(corpus + "-again", store, files)
                    self.assertEqual([file.name for file, other in zip(files, again, strict=True)
                                      if file.read_text("utf-8").strip() != other.read_text("utf-8").strip()], [])


if not (SHARED / "oracle").is_dir():
    print(f"skipped: no corpora in {SHARED / 'oracle'}")
    sys.exit(77)
unittest.main(argv=sys.argv[:1], verbosity=2)
