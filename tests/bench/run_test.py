# SPDX-License-Identifier: Apache-2.0
"""bench/run with the programs of this build: every scenario on a small population, without and (where DuckDB is there) with a peer.

  run_test.py BUILD_DIRECTORY PATIENTS
"""
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

BUILD, PATIENTS = sys.argv[1:3]
BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench"
SHORT = ["--repeat", "1", "--load-repeat", "1", "--readers", "1,3", "--seconds", "0.5", "--definitions", "12", "--copied", "100",
         "--copies", "3"]


class Run(unittest.TestCase):
    def setUp(self):
        self._temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self._temporary.cleanup)
        self.dir = pathlib.Path(self._temporary.name)

    def bench(self, *words):
        return subprocess.run([sys.executable, "-B", str(BENCH / "run"), "--build", BUILD, "--work", str(self.dir / "work"), *words],
                              capture_output=True, text=True, check=False)

    def results(self, *words):
        done = self.bench(*words, "--json", str(self.dir / "out.json"))
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads((self.dir / "out.json").read_text(encoding="utf-8")), done.stdout

    def test_every_scenario_without_peers(self):
        document, table = self.results("--patients", PATIENTS, "--peers", "none", *SHORT)
        measured = {entry["scenario"] for entry in document["results"]}
        sys.path.insert(0, str(BENCH))
        from anam_bench.command import SCENARIOS
        left_out = {note.split()[0] for note in document["notes"] if "is left out" in note}
        self.assertLessEqual(left_out, {"ohdsi-nine"})
        self.assertEqual(measured | left_out, set(SCENARIOS))
        self.assertEqual(document["patients"], int(PATIENTS))
        for name in measured:
            self.assertIn(name, table)
        for entry in document["results"]:
            self.assertLessEqual(entry["least"], entry["median"])
            self.assertLessEqual(entry["median"], entry["most"])
        self.assertFalse((self.dir / "work").exists())

    @unittest.skipUnless(importlib.util.find_spec("duckdb"), "DuckDB is not there")
    def test_a_peer_answers_alike(self):
        names = ["load-csv", "cohort-common", "cohort-rare", "cohort-protocol", "cohort-batch", "timeline-warm", "open-first-query"]
        document, _ = self.results("--patients", "400", "--peers", "duckdb", *SHORT, *(word for name in names for word in ("--with", name)))
        for name in names:
            self.assertIn("duckdb", {entry["system"] for entry in document["results"] if entry["scenario"] == name})

    def test_a_directory_with_files_is_left_alone(self):
        (self.dir / "work").mkdir()
        (self.dir / "work" / "mine").write_text("mine", encoding="ascii")
        done = self.bench("--patients", "10", "--peers", "none")
        self.assertEqual(done.returncode, 1)
        self.assertIn("left alone", done.stderr)
        self.assertTrue((self.dir / "work" / "mine").exists())

    def test_wrong_words_are_refused(self):
        self.assertEqual(self.bench("--patients", "10", "--with", "nonsense").returncode, 2)
        done = self.bench("--patients", "10", "--peers", "nonsense")
        self.assertEqual((done.returncode, "unknown peer" in done.stderr), (1, True))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
