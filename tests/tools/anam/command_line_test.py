# SPDX-License-Identifier: Apache-2.0
"""Words of the command line, help, exit codes, and where output goes."""
import os
import subprocess

from anam_case import ANAM, AnamCase, main

SUBCOMMANDS = ["load", "info", "codes", "timeline", "cohort", "verify"]


class CommandLine(AnamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load_small()

    def test_help_lists_every_subcommand(self):
        out = self.must("--help")
        for name in SUBCOMMANDS:
            self.assertIn(f"\n  {name} ", out)
        self.assertEqual(out, self.must("help"))

    def test_help_of_a_subcommand_has_its_options_and_an_example(self):
        for name in SUBCOMMANDS:
            out = self.must(name, "--help")
            self.assertEqual(out, self.must("help", name))
            self.assertIn(f"Usage: anam {name} ", out)
            self.assertIn("\nExample:\n  anam " + name, out)
            for line in out.splitlines():
                self.assertLessEqual(len(line), 100, line)

    def test_version(self):
        self.assertRegex(self.must("--version"), r"^anam \d+\.\d+\.\d+\n$")
        self.assertEqual(self.must("info", "--version"), self.must("--version"))

    def test_nothing_given_is_the_command_lines_fault(self):
        result = self.anam()
        self.assertEqual((result.code, result.out), (2, ""))
        self.assertIn("Usage: anam", result.err)

    def test_misspelled_words_get_a_suggestion(self):
        self.refused(2, "no such subcommand: lod; did you mean load?", "lod")
        self.refused(2, "no such subcommand: chort; did you mean cohort?", "help", "chort")
        self.refused(2, "--sorce; did you mean --source?", "load", "--sorce", "x")
        self.refused(2, "--fromat=csv; did you mean --format?", "codes", "store", "x", "--fromat=csv")
        self.refused(2, "--fromat; did you mean --format?", "--fromat", "csv", "codes", "store", "x")
        self.refused(2, "'scv'; did you mean csv?", "codes", "store", "x", "--format", "scv")
        self.refused(2, "--shards", "load", "store", "--shards", "many", "--format", "events", "--source", "a", "x")
        self.assertNotIn("did you mean", self.refused(2, "no such subcommand", "xyzzy-plugh"))

    def test_options_may_stand_anywhere(self):
        plain = self.must("codes", "store", "ICD10CM:E11*", "--format", "csv")
        self.assertEqual(plain, self.must("--format", "csv", "codes", "store", "ICD10CM:E11*"))
        self.assertEqual(plain, self.must("--format=csv", "codes", "store", "ICD10CM:E11*"))
        self.assertEqual(plain, self.must("codes", "--format", "csv", "store", "ICD10CM:E11*"))
        self.assertEqual(plain, self.must("codes", "--format", "csv", "--", "store", "ICD10CM:E11*"))

    def test_missing_and_superfluous_words(self):
        self.refused(2, "anam info needs: STORE", "info")
        self.refused(2, "anam load needs: PATH", "load", "store", "--format", "events", "--source", "a")
        self.refused(2, "anam load needs --format", "load", "store", "--source", "a", "data")
        self.refused(2, "anam load needs --source", "load", "store", "--format", "events", "data")
        self.refused(2, "does not know what to do with: more", "info", "store", "more")
        self.refused(2, "given twice: --format", "codes", "store", "x", "--format", "csv", "--format", "csv")
        self.refused(2, "--format", "codes", "store", "x", "--format")
        self.refused(2, "either PATIENT or --cohort", "timeline", "store")
        self.refused(2, "either PATIENT or --cohort", "timeline", "store", "1", "--cohort", "metformin.cohort")
        self.refused(2, "one thing at a time", "cohort", "store", "metformin.cohort", "--rows", "--count")

    def test_values_that_are_wrong(self):
        for size in ("0", "12Q", "-5", "lots", "99999999999999G"):
            self.refused(2, "--memory must be a number of bytes", "cohort", "store", "every.cohort", "--memory=" + size)
        for size in ("1000000", "64M", "64mb", "1GiB", "1g"):
            self.must("cohort", "store", "every.cohort", "--memory", size)
        for seconds in ("0", "-1", "soon", "1e3", "nan", "99999999999"):
            self.refused(2, "--timeout must be", "cohort", "store", "every.cohort", "--timeout=" + seconds)
        self.must("cohort", "store", "every.cohort", "--timeout", "100.5")
        self.refused(2, "--from must be a date", "timeline", "store", "1", "--from", "yesterday")
        self.refused(2, "--threads must be", "cohort", "store", "every.cohort", "--threads", "2x")

    def test_store_and_release_that_are_not_there(self):
        self.refused(2, "nowhere", "info", "nowhere")
        self.refused(2, "nowhere", "verify", "nowhere")
        self.refused(2, "7", "info", "store", "--release", "7")
        self.refused(2, "7", "verify", "store", "--release", "7")

    def test_output_that_cannot_be_written_is_an_error(self):
        words = [ANAM, "timeline", "store", "1", "--format", "csv"]
        with open("/dev/full", "wb") as full:
            done = subprocess.run(words, cwd=self.dir, stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot write results to standard output", done.stderr)
        self.refused(1, "cannot write results to /dev/full", *words[1:], "--output", "/dev/full")
        self.refused(1, "cannot write results to", *words[1:], "--output", "no/such/directory/file")
        closed = subprocess.run(["sh", "-c", '"$0" "$@" >&-', *words], cwd=self.dir, stderr=subprocess.PIPE, check=False)
        self.assertEqual(closed.returncode, 1)
        self.assertIn(b"cannot write results to standard output", closed.stderr)

    def test_a_reader_that_goes_away_is_no_error(self):
        for _ in range(3):
            read, write = os.pipe()
            os.close(read)
            done = subprocess.run([ANAM, "timeline", "store", "1"], cwd=self.dir, stdout=write, stderr=subprocess.PIPE,
                                  check=False)
            os.close(write)
            self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_time_that_is_over_ends_a_query(self):
        self.refused(1, "its time is over", "cohort", "store", "every.cohort", "--rows", "--timeout", "0.0001")
        self.refused(1, "its time is over", "timeline", "store", "--cohort", "every.cohort", "--timeout", "0.0001")

    def test_output_file_is_there_whole_or_not_at_all(self):
        out = self.must("cohort", "store", "every.cohort", "--rows", "--format", "csv")
        self.assertEqual("", self.must("cohort", "store", "every.cohort", "--rows", "--format", "csv", "--output", "rows.csv"))
        self.assertEqual((self.dir / "rows.csv").read_text(), out)
        self.refused(1, "nobody", "timeline", "store", "nobody", "--output", "rows.csv")
        self.assertEqual((self.dir / "rows.csv").read_text(), out)
        self.assertEqual([p.name for p in self.dir.glob("rows.csv*")], ["rows.csv"])


if __name__ == "__main__":
    main()
