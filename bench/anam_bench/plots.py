# SPDX-License-Identifier: Apache-2.0
"""Plots of what bench/run measured: load cost, bytes, latency, readers."""
import argparse
import pathlib

from . import svg
from .report import read, title


def _entries(document, scenario, quantity):
    return [entry for entry in document["results"] if entry["scenario"] == scenario and entry["quantity"] == quantity]


def load_cost(documents):
    """Nanoseconds an event, by size of the load."""
    series = {}
    for document in documents:
        for scenario in ("load-stream", "load-csv"):
            for entry in _entries(document, scenario, "time"):
                if entry["case"] != "clinical":
                    events = entry["facts"]["events"]
                    name = f"{entry['system']}, {'stream' if scenario == 'load-stream' else 'CSV'}"
                    series.setdefault(name, []).append((events, entry["median"] / events * 1e9))
    return series and svg.lines("Cost of loading an event", series, "events loaded", "ns an event")


def bytes_by_part(documents):
    bars = {}
    for document in documents:
        parts = {entry["case"]: entry["median"] for entry in _entries(document, "load-stream", "size") if entry["case"] != "store"}
        if parts:
            bars[title(document)] = parts
    return bars and svg.stacks("What a store's bytes are", bars, "bytes an event")


def latency(documents):
    """Two-code cohorts: time against the events of the codes that they name."""
    series = {}
    for document in documents:
        for kind in ("common", "middling", "rare"):
            entries = _entries(document, f"cohort-{kind}", "time")
            for entry in entries:
                series.setdefault(entry["system"], []).append((entry["facts"]["postings"], entry["median"] * 1000))
    return series and svg.lines("First X, then Y within 90 days", series, "events of the two codes", "ms", joined=False)


def readers(documents):
    """Of the largest population."""
    document = documents[-1]
    series = {}
    for quantity, name in (("throughput", "questions/s"), ("cohort p99", "cohort p99, ms"), ("timeline p99", "timeline p99, ms")):
        points = [(entry["facts"]["readers"], entry["median"]) for entry in _entries(document, "readers-60", quantity)]
        if points:
            series[name] = points
    return series and svg.lines(f"Readers beside a load, {title(document)}", series, "reader processes", "questions/s; ms")


PLOTS = {"load-cost": load_cost, "bytes": bytes_by_part, "latency": latency, "readers": readers}


def draw(documents, folder):
    """Writes a file for each plot that there are results for; returns their names."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for name, plot in PLOTS.items():
        picture = plot(documents)
        if picture:
            (folder / f"{name}.svg").write_text(picture, encoding="utf-8")
            drawn.append(f"{name}.svg")
    return drawn


def main(words=None):
    parser = argparse.ArgumentParser(prog="bench/plots", description="SVG plots from the JSON files of bench/run.")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("."), metavar="DIR", help="default: here")
    given = parser.parse_args(words)
    for name in draw(read(given.files), given.output):
        print(given.output / name)
    return 0
