# SPDX-License-Identifier: Apache-2.0
"""load-stream and load-csv: events into a published store."""
import shutil

from .measure import by_turns
from .population import folder_bytes
from .process import BenchError
from .systems import Anam


def record_load(results, scenario, case, system, took, events):
    results.add(scenario, case, system, "time", "s", [t["seconds"] for t in took], events=events)
    results.add(scenario, case, system, "rate", "M events/s", [events / t["seconds"] / 1e6 for t in took])
    if "cpu" in took[0]:
        results.add(scenario, case, system, "processor time", "us/event", [t["cpu"] / events * 1e6 for t in took])
    results.add(scenario, case, system, "peak memory", "MiB", [t["memory"] / 2**20 for t in took])


def load_stream(bench):
    """The generator feeds the load in the same process, in no order of patients or time."""
    population, results = bench.population, bench.results
    runs = [population.make_store() for _ in range(bench.load_repeat)]
    info = population.info()
    for release in info["releases"]:
        source = release["source"]
        record_load(results, "load-stream", source, "anam", [took[source] for took in runs], release["new_events"])
    events = info["events"]
    results.add("load-stream", "store", "anam", "size", "bytes/event", [info["bytes"] / events], shards=info["shards"])
    for part, size in info["bytes_by_part"].items():
        results.add("load-stream", part, "anam", "size", "bytes/event", [size / events])


def load_csv(bench):
    """The same events from CSV, one a line, into the store and into each peer's two tables."""
    population = bench.population
    population.ensure_files()
    bench.results.add("load-csv", "files", "", "size", "bytes", [folder_bytes(population.files)])
    store = population.work / "csv-store"

    def anam():
        took = population.load_files(store)
        return took, population.info(store)["events"]

    def load(peer):
        seconds, events = peer.load(population.folders())
        return {"seconds": seconds, "memory": peer.peak_memory()}, events

    runs = {"anam": anam, **{peer.name: lambda peer=peer: load(peer) for peer in bench.peers}}
    took, events = by_turns(runs, bench.load_repeat, warm_up=0)
    bench.peers_loaded = True
    for name, measured in took.items():
        record_load(bench.results, "load-csv", "all files", name, measured, events)
        folder = store if name == "anam" else next(peer for peer in bench.peers if peer.name == name).folder
        bench.results.add("load-csv", "on disk", name, "size", "bytes/event", [folder_bytes(folder) / events])
    _same_answers(bench, store)
    if not bench.keep:
        shutil.rmtree(store)


def _same_answers(bench, store):
    """What came by CSV answers as what came as a stream."""
    questions = [bench.population.protocol(), *(question for _, question in bench.population.two_codes().values())]
    patients = bench.population.some_patients(200, 3)
    other = Anam(bench.binaries.probe, store, bench.threads)
    try:
        for what in (lambda system: system.cohorts(questions)[1], lambda system: system.timelines(patients)[1]):
            if what(other) != what(bench.anam):
                raise BenchError(f"the store of CSV files answers {what(other)}, that of the stream {what(bench.anam)}")
    finally:
        other.close()
