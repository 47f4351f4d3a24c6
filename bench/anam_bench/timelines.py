# SPDX-License-Identifier: Apache-2.0
"""One patient's timeline, and the first question after opening."""
from .measure import by_turns, percentile
from .systems import drop_page_cache

WARM_PATIENTS = 500
COLD_PATIENTS = 100


def _record(bench, scenario, measured):
    for system, runs in measured.items():
        for name, share in (("p50", 0.5), ("p99", 0.99)):
            bench.results.add(scenario, "one patient, every column", system, name, "us", [percentile(us, share) for us in runs])


def warm(bench):
    """Patients at random, whose pages have been read before."""
    ids = bench.population.some_patients(WARM_PATIENTS, 7)
    systems = [bench.anam, *bench.peers]
    measured, _ = by_turns({system.name: lambda system=system: system.timelines(ids) for system in systems}, bench.repeat)
    _record(bench, "timeline-warm", measured)


def cold(bench):
    """Patients at random, by a process that was just started, after posix_fadvise(DONTNEED) on all files of the system under test.
    The system keeps what other processes have mapped; nothing has here."""
    systems = [bench.anam, *bench.peers]

    def run(system, ids):
        system.close()
        drop_page_cache(system.folder)
        system.open()
        return system.timelines(ids)

    turn = iter(range(10**9))
    measured = {system.name: [] for system in systems}
    for _ in range(bench.repeat):  # others each time: nothing of a round helps the next
        ids = bench.population.some_patients(COLD_PATIENTS, 100 + next(turn))
        for name, runs in by_turns({s.name: lambda s=s, ids=ids: run(s, ids) for s in systems}, 1, warm_up=0)[0].items():
            measured[name] += runs
    _record(bench, "timeline-cold", measured)
    for system in systems:
        system.close()


def open_first_query(bench):
    """Opens (files in the page cache) and counts one middling code's patients."""
    code = bench.population.two_codes()["middling"][0].x

    def run(system):
        opened = system.open()
        counted, answer = system.count(code)
        return opened + counted, answer

    measured, _ = by_turns({s.name: lambda s=s: run(s) for s in [bench.anam, *bench.peers]}, bench.repeat)
    bench.results.add_seconds("open-first-query", f"patients with {code.name}", measured)
