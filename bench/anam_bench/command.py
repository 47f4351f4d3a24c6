# SPDX-License-Identifier: Apache-2.0
"""The command line of bench/run."""
import argparse
import json
import os
import pathlib
import shutil
import sys
import time

from . import cohorts, copies, loads, machine, readers, setup, table, timelines
from .measure import Results
from .population import Population
from .process import BenchError
from .systems import Anam, Peer

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SCENARIOS = {
    "load-stream": loads.load_stream,
    "load-csv": loads.load_csv,
    **{f"cohort-{kind}": cohorts.two_codes(kind) for kind in ("common", "middling", "rare")},
    "cohort-protocol": cohorts.protocol,
    "cohort-batch": cohorts.batch,
    "ohdsi-nine": cohorts.ohdsi_nine,
    "timeline-warm": timelines.warm,
    "timeline-cold": timelines.cold,
    "open-first-query": timelines.open_first_query,
    "readers-60": readers.readers,
    "copies": copies.copies,
}


def say(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def arguments(words):
    parser = argparse.ArgumentParser(
        prog="bench/run", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures anam end to end on a synthetic population, with peers beside it in the same run. Sets up all that\n"
                    "it needs; every scenario checks its answers and the run ends where one is wrong.",
        epilog="scenarios:\n" + "\n".join(f"  {name:<18}{' '.join(run.__doc__.split())}" for name, run in SCENARIOS.items())
               + "\n\nexample:\n  bench/run --patients 20000 --json 20k.json")
    add = parser.add_argument
    add("--patients", type=int, required=True, metavar="N", help="of the population")
    add("--preset", choices=["lean", "optum"], default="lean", help="about 42 (the default) or 165 events a patient")
    add("--seed", type=int, default=1, metavar="S", help="of the population; default 1")
    add("--peers", default="duckdb,clickhouse", metavar="NAMES", help="duckdb, clickhouse, both (the default) or none")
    add("--with", dest="only", action="append", default=[], metavar="SCENARIO", choices=SCENARIOS, help="this one (and others named so) alone")
    add("--without", action="append", default=[], metavar="SCENARIO", choices=SCENARIOS, help="all but this one")
    add("--work", type=pathlib.Path, metavar="DIR", help="where stores and files go; default: build/bench-work in the checkout")
    add("--keep", action="store_true", help="leave them there")
    add("--resume", action="store_true", help="go on in a directory that --keep left, with the stores and files that are there")
    add("--repeat", type=int, default=5, metavar="K", help="runs that are measured, after one that is not; default 5")
    add("--load-repeat", type=int, metavar="K", help="the same of loads; default: 3 up to 200,000 patients, else 1")
    add("--memory", default="", metavar="M", help="of loads and peers, such as 4GiB; default: each one's own")
    add("--json", type=pathlib.Path, metavar="FILE", help="write the results there")
    add("--build", type=pathlib.Path, metavar="DIR", help="measure this build directory's programs as they are")
    add("--readers", default="1,2,8,60", metavar="LIST", help="processes of readers-60; default 1,2,8,60")
    add("--seconds", type=float, default=10, metavar="S", help="each stage of readers-60, at least; default 10")
    add("--definitions", type=int, default=300, metavar="N", help="of cohort-batch; default 300")
    add("--copied", type=int, default=2000, metavar="N", help="patients that copies has; default 2000")
    add("--copies", type=int, default=5, metavar="K", help="copies of each; default 5")
    return parser.parse_args(words)


class Bench:
    """What scenarios share."""

    def __init__(self, given, binaries, work, peers):
        self.results = Results()
        self.binaries = binaries
        self.keep = given.keep
        self.repeat = max(1, given.repeat)
        self.load_repeat = given.load_repeat or (3 if given.patients <= 200_000 else 1)
        self.readers = [int(count) for count in given.readers.split(",")]
        self.seconds, self.definitions = given.seconds, given.definitions
        self.copied, self.copies = given.copied, given.copies
        self.threads = len(os.sched_getaffinity(0))
        self.nine = SOURCE.parent / "shared" / "oracle" / "ohdsi-nine"
        self.population = Population(binaries.anam, work, given.patients, given.preset, given.seed, given.memory)
        self.anam = Anam(binaries.probe, self.population.store, self.threads)
        self.peers = [Peer(name, python, work, given.memory) for name, python in peers.items()]
        self.peers_loaded = False

    def ensure_peers(self):
        """Peers have the data, whether or not loading is measured."""
        if self.peers and not self.peers_loaded:
            say("loading the peers")
            self.population.ensure_files()
            for peer in self.peers:
                peer.load(self.population.folders())
            self.peers_loaded = True

    def close(self):
        for system in [self.anam, *self.peers]:
            system.close()


PEERLESS = {"load-stream", "load-csv", "ohdsi-nine", "readers-60", "copies"}  # ask peers nothing, or load them themselves


def measure(bench, name):
    say(name)
    if name != "load-stream":
        bench.population.ensure_store()
    if name not in PEERLESS:
        bench.ensure_peers()
    peers = bench.peers
    if name == "ohdsi-nine":  # its SQL needs a program of OHDSI's
        bench.peers = []
    try:
        SCENARIOS[name](bench)
    finally:
        bench.peers = peers


def prepare_work(given):
    """The directory for stores and files, new or empty."""
    work = (given.work or SOURCE / "build" / "bench-work").resolve()
    if work.exists() and any(work.iterdir()) and not given.resume:
        raise BenchError(f"not empty, and left alone: {work}")
    work.mkdir(parents=True, exist_ok=True)
    return work


def run(given):
    names = [name for name in SCENARIOS if name not in given.without and (not given.only or name in given.only)]
    if not names:
        raise BenchError("no scenario is left")
    peers = [] if given.peers == "none" else given.peers.split(",")
    for name in peers:
        if name not in setup.PACKAGES:
            raise BenchError(f"unknown peer: {name}; there are {', '.join(setup.PACKAGES)}")
    binaries = setup.Binaries(given.build) if given.build else setup.build(SOURCE, say)
    pythons, notes = setup.peer_pythons(peers, SOURCE / "build" / "bench-peers", say)
    work = prepare_work(given)
    header = machine.header(SOURCE, binaries.anam)
    bench = Bench(given, binaries, work, pythons)
    try:
        for note in notes:
            say(note)
            bench.results.note(note)
        for name in names:
            measure(bench, name)
            document = tell(given, bench, header)
            if given.json:  # what a long run found so far, whatever becomes of the rest
                given.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    finally:
        bench.close()
        if not given.keep:
            shutil.rmtree(work, ignore_errors=True)
    return document


def tell(given, bench, header):
    """What has been measured so far."""
    events = bench.population.info()["events"]
    header["data"] = f"{given.patients:,} patients, {events:,} events, preset {given.preset}, seed {given.seed}"
    for peer in bench.peers:
        if peer.name not in header and bench.peers_loaded:
            header[peer.name] = peer.version()
    return {"header": header, "patients": given.patients, "preset": given.preset, "events": events,
            "results": bench.results.entries, "notes": bench.results.notes}


def main(words=None):
    given = arguments(words)
    try:
        document = run(given)
    except BenchError as error:
        print(f"bench/run: {error}", file=sys.stderr)
        return 1
    print(table.text(document), end="")
    return 0
