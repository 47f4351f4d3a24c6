# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks compute: comparisons, tables, projections, plots."""
import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

from anam_bench import definitions, measure, plots, projection, report, sql, svg, table  # noqa: E402
from anam_bench.process import BenchError  # noqa: E402


def document(patients, shards=1):
    """What a run might have found: a load at 1 us of processor time an event, cohorts of 1 ms a shard and 1 ns a posting."""
    events = patients * 40
    results = measure.Results()
    results.add("load-stream", "claims", "anam", "time", "s", [events * 1e-6, events * 2e-6], events=events)
    results.add("load-stream", "claims", "anam", "processor time", "us/event", [1.0])
    results.add("load-stream", "store", "anam", "size", "bytes/event", [5.0], shards=shards)
    for part, size in (("timelines", 3.0), ("postings", 2.0)):
        results.add("load-stream", part, "anam", "size", "bytes/event", [size])
    for kind, share in (("common", 0.1), ("middling", 0.01), ("rare", 0.001)):
        cpu = shards * 1e-3 + share * events * 1e-9
        for system, factor in (("anam", 1), ("duckdb", 12)):
            took = {"seconds": cpu / 2 * factor, "cpu": cpu * factor}
            results.add_seconds(f"cohort-{kind}", f"names at {patients}", {system: [took]}, postings=share * events)
    results.add("readers-60", "60 readers", "anam", "throughput", "questions/s", [1000], readers=60)
    results.add("readers-60", "60 readers", "anam", "cohort p99", "ms", [3], readers=60)
    return {"header": {"cpu": "a | b", "cores": 2}, "patients": patients, "preset": "lean", "events": events,
            "results": results.entries, "notes": ["a note"]}


class Measure(unittest.TestCase):
    def test_runs_take_turns_and_agree(self):
        order = []
        runs = {name: lambda name=name: (order.append(name) or len(order), 42) for name in "ab"}
        measured, answer = measure.by_turns(runs, 2)
        self.assertEqual("".join(order), "abbaab")
        self.assertEqual((measured, answer), ({"a": [4, 5], "b": [3, 6]}, 42))

    def test_other_answers_end_the_run(self):
        with self.assertRaisesRegex(BenchError, "a says 1, b says 2"):
            measure.by_turns({"a": lambda: (0, 1), "b": lambda: (0, 2)}, 1)
        changing = iter((1, 2))
        with self.assertRaisesRegex(BenchError, "answers differ"):
            measure.by_turns({"a": lambda: (0, next(changing))}, 1)

    def test_percentiles(self):
        values = list(range(1, 101))
        self.assertEqual([measure.percentile(values, share) for share in (0.5, 0.99, 1)], [50, 99, 100])
        self.assertEqual(measure.percentile([7], 0.99), 7)

    def test_median_and_spread(self):
        results = measure.Results()
        results.add("s", "c", "anam", "time", "s", [3, 1, 2])
        self.assertEqual([results.entries[0][key] for key in ("least", "median", "most", "runs")], [1, 2, 3, 3])

    def test_processor_time_stands_beside_time(self):
        results = measure.Results()
        results.add_seconds("s", "c", {"anam": [{"seconds": 2, "cpu": 3}], "duckdb": [4]})
        self.assertEqual([(entry["system"], entry["quantity"], entry["median"]) for entry in results.entries],
                         [("anam", "time", 2), ("anam", "processor time", 3), ("duckdb", "time", 4)])


class Questions(unittest.TestCase):
    def setUp(self):
        self.codes = [definitions.Code(i, domain, f"{domain} {i}", 1000 // i, 3000 // i)
                      for i, domain in enumerate(["condition"] * 30 + ["procedure", "drug"], 1)]

    def test_cases_are_common_middling_and_rare(self):
        cases = definitions.two_code_cases(self.codes, 10_000)
        self.assertEqual([cases[kind].x.patients for kind in definitions.KINDS], [1000, 100, 1000 // 30])
        self.assertEqual(cases["common"].y.domain, "procedure")

    def test_batches_are_the_same_every_time(self):
        self.assertEqual(definitions.batch(self.codes, 50), definitions.batch(list(reversed(self.codes)), 50))
        self.assertGreater(len(set(definitions.batch(self.codes, 50))), 40)

    def test_text_and_sql_name_the_same_codes(self):
        for one in definitions.batch(self.codes, 50):
            for dialect in sql.DIALECTS.values():
                for code in (one.x, one.y, *([one.unwanted] if one.unwanted else [])):
                    self.assertRegex(one.text(), rf"OMOP:{code.number}\b")
                    self.assertIn(f"code = {code.number} ", sql.two_codes(one, dialect))


class Tables(unittest.TestCase):
    def test_numbers_read_well(self):
        self.assertEqual([table.number(n) for n in (0, 0.0123456, 1.5, 99.94, 12345.6)], ["0", "0.0123", "1.5", "99.9", "12,346"])
        self.assertEqual([table.scaled(n, "s") for n in (2, 0.0312, 4e-6)], ["2 s", "31.2 ms", "4 us"])
        self.assertEqual(table.scaled(2500, "us"), "2.5 ms")

    def test_a_run_is_an_aligned_table(self):
        lines = table.text(document(1000)).splitlines()
        [heading] = [line for line in lines if line.startswith("scenario")]
        place = heading.index("system")
        for line in lines:
            if line.startswith("cohort-"):
                self.assertIn(line[place:place + 6].strip(), ("anam", "duckdb"))
        self.assertEqual(lines[-1], "a note")
        self.assertIn("12 x", table.text(document(1000)))

    def test_report_has_a_column_for_each_population(self):
        text = report.report(sorted([document(1000), document(100_000)], key=lambda d: d["patients"]))
        self.assertIn("| scenario | case | system | what | 1,000 patients | 100,000 patients |", text)
        self.assertRegex(text, r"\| cohort-common \|  \| duckdb \| time \| [^|]+ \(12 x\) \| [^|]+ \(12 x\) \|")
        self.assertIn("a / b", text)
        self.assertIn("- a note", text)
        widths = {}
        for line in text.splitlines():
            if line.startswith("|"):
                widths.setdefault(line.count("|"), 0)
        self.assertLessEqual(len(widths), 4)

    def test_report_goes_between_the_marks(self):
        page = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
        put = report.put_into(page, "new\n")
        self.assertEqual(put, f"before\n{report.BEGIN}\n\nnew\n\n{report.END}\nafter\n")
        with self.assertRaises(ValueError):
            report.put_into("no marks\n", "new")

    def test_command(self):
        with tempfile.TemporaryDirectory() as folder:
            file, page = pathlib.Path(folder, "a.json"), pathlib.Path(folder, "page.md")
            file.write_text(json.dumps(document(1000)), encoding="utf-8")
            page.write_text(f"{report.BEGIN}\n{report.END}\n", encoding="utf-8")
            self.assertEqual(report.main([str(file), "--into", str(page)]), 0)
            self.assertIn("### Cohorts", page.read_text(encoding="utf-8"))
            page.write_text("no marks\n", encoding="utf-8")
            with contextlib.redirect_stderr(io.StringIO()) as errors:
                self.assertEqual(report.main([str(file), "--into", str(page)]), 1)
            self.assertIn("no lines", errors.getvalue())


class Projection(unittest.TestCase):
    def test_costs_are_those_of_the_largest_population(self):
        large = document(10_000_000, 32)
        found = projection.figures([large, document(1_000_000, 8)])
        cohort = next(entry for entry in large["results"] if entry["scenario"] == "cohort-common" and entry["quantity"] == "processor time"
                      and entry["system"] == "anam")
        self.assertAlmostEqual(found.load, 1e-6)
        self.assertAlmostEqual(found.cohorts["common"] * large["events"], cohort["median"])
        self.assertAlmostEqual(projection.cohort_seconds(found, large["events"], 1, "common"), cohort["median"])

    def test_cores_and_disk_bound_a_load(self):
        found = projection.figures([document(1_000_000, 8)])
        self.assertAlmostEqual(projection.load_seconds(found, 16e9, 2, 1e12), 16e9 * 1e-6 / 2 / projection.BUSY)
        self.assertAlmostEqual(projection.load_seconds(found, 16e9, 1000, 1e9), 16 * (projection.SPILL + 5))
        self.assertAlmostEqual(projection.cohort_seconds(found, 32e9, 4, "common") * 2, projection.cohort_seconds(found, 32e9, 2, "common"))

    def test_nothing_is_projected_from_nothing(self):
        self.assertEqual(projection.section([{**document(10), "results": []}], report.markdown), [])


class Plots(unittest.TestCase):
    def test_plots_are_svg_for_light_and_dark(self):
        with tempfile.TemporaryDirectory() as folder:
            names = plots.draw([document(1000), document(100_000)], pathlib.Path(folder))
            self.assertEqual(names, ["load-cost.svg", "bytes.svg", "latency.svg", "readers.svg"])
            for name in names:
                text = pathlib.Path(folder, name).read_text(encoding="utf-8")
                root = xml.etree.ElementTree.fromstring(text)
                self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
                self.assertIn(svg.INK, text)
                for shape in root.iter("{http://www.w3.org/2000/svg}circle"):
                    self.assertTrue(0 <= float(shape.get("cx")) <= svg.WIDTH and 0 <= float(shape.get("cy")) <= svg.HEIGHT)

    def test_what_was_not_measured_is_not_drawn(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(plots.draw([{**document(10), "results": []}], pathlib.Path(folder)), [])

    def test_colours_stand_out_from_white_and_from_black(self):
        def luminance(colour):
            parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
            linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

        def contrast(one, other):
            return (max(one, other) + 0.05) / (min(one, other) + 0.05)

        for colour, least in [(svg.INK, 4.4), *((colour, 2) for colour in svg.COLOURS)]:
            for ground in ("#ffffff", "#000000"):
                self.assertGreater(contrast(luminance(colour), luminance(ground)), least, (colour, ground))

    def test_scales(self):
        scale = svg.Scale([3, 900], 0, 100, True)
        self.assertEqual((scale.ticks, scale.place(1), scale.place(1000)), ([1, 10, 100, 1000], 0, 100))
        scale = svg.Scale([4.6], 0, 100, False)
        self.assertEqual((scale.ticks[0], scale.ticks[-1], scale.place(scale.ticks[-1])), (0, 5, 100))


if __name__ == "__main__":
    unittest.main()
