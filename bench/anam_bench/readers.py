# SPDX-License-Identifier: Apache-2.0
"""readers-60: researchers ask while a further release is loaded into the same store."""
import shutil
import signal
import subprocess
import time

from .measure import percentile
from .population import SOURCES, copy_of_store
from .process import BenchError, probe
from .systems import Anam, Question

TIMELINES = 3  # for each cohort
PATIENTS = 200


def _allowed(bench, store, definitions, ids):
    """What each question may be answered, by release."""
    allowed = {}
    for release in (1, 2):
        system = Anam(bench.binaries.probe, store, bench.threads)
        try:
            system.open(release)
            for file, answer in zip(definitions, _cohorts(system, definitions)):
                allowed[(str(file), release)] = answer
            one = bench.population.work / "one-patient.txt"
            for patient in sorted(set(ids.read_text(encoding="ascii").split())):
                one.write_text(patient + "\n", encoding="ascii")
                allowed[(patient, release)] = system.timelines(one)[1]
        finally:
            system.close()
    return allowed


def _cohorts(system, definitions):
    return system.cohorts([Question(file) for file in definitions])[1]


def _ask_beside_stopped_writer(bench, loader, store, definitions, ids):
    """Stops the writer in its tracks, with whatever it holds, and asks. An answer that waited for it would never come."""
    loader.send_signal(signal.SIGSTOP)
    try:
        if loader.poll() is not None:
            return False
        system = Anam(bench.binaries.probe, store, 1)
        try:
            _cohorts(system, definitions)
            system.timelines(ids)
        finally:
            system.close()
        return True
    finally:
        loader.send_signal(signal.SIGCONT)


def _stage(bench, count, store, definitions, ids):
    copy_of_store(bench.population.first_release, store)
    servers = [probe(bench.binaries.probe) for _ in range(count)]
    loader = None
    try:
        for server in servers:
            server.ask("open", store)
            server.ask("close")
        begin = time.perf_counter()
        for number, server in enumerate(servers):
            server.send("mix", store, number + 1, TIMELINES, ids, *definitions)
        time.sleep(bench.seconds / 4)
        population = bench.population
        loader = subprocess.Popen([str(word) for word in [bench.binaries.anam, "generate", store, *population.words, "--sources",
                                                          SOURCES[1]]], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        load_begin = time.perf_counter()
        time.sleep(0.05)
        beside = _ask_beside_stopped_writer(bench, loader, store, definitions, ids)
        _, errors = loader.communicate()
        load_seconds = time.perf_counter() - load_begin
        if loader.returncode != 0:
            raise BenchError(f"the load beside {count} readers failed\n{errors[-2000:]}")
        time.sleep(max(bench.seconds / 4, begin + bench.seconds - time.perf_counter()))
        for server in servers:
            server.send("")
        told = [server.receive() for server in servers]
        seconds = time.perf_counter() - begin
    finally:
        if loader is not None and loader.poll() is None:
            loader.kill()
            loader.communicate()
        for server in servers:
            server.close()
    return told, seconds, load_seconds, beside


def _check(told, allowed):
    """Every answer is that of the release that it names. Returns the number of answers by release."""
    seen = {1: 0, 2: 0}
    for one in told:
        for question, release, answer in one["answers"]:
            if allowed.get((question, release)) != answer:
                raise BenchError(f"{question} in release {release}: a reader says {answer}, the release says "
                                 f"{allowed.get((question, release))}")
            seen[release] += 1
    return seen


def readers(bench):
    """Reader processes that ask cohorts and timelines by turns, opening the store anew each time, while a load runs beside them."""
    population, results = bench.population, bench.results
    population.ensure_store()
    definitions = [population.protocol().file, *(question.file for _, question in population.two_codes().values())]
    ids = population.some_patients(PATIENTS, 60)
    store = population.work / "readers-store"
    allowed = None
    for count in bench.readers:
        told, seconds, load_seconds, beside = _stage(bench, count, store, definitions, ids)
        if allowed is None:
            allowed = _allowed(bench, store, definitions, ids)
        seen = _check(told, allowed)
        if seen[2] == 0:
            raise BenchError(f"none of {count} readers saw the second release")
        case = f"{count} readers"
        asked = sum(len(one["cohort_us"]) + len(one["timeline_us"]) for one in told)
        results.add("readers-60", case, "anam", "throughput", "questions/s", [asked / seconds], readers=count)
        for kind in ("cohort", "timeline"):
            us = [value for one in told for value in one[f"{kind}_us"]]
            for name, share in (("p50", 0.5), ("p99", 0.99)):
                results.add("readers-60", case, "anam", f"{kind} {name}", "ms", [percentile(us, share) / 1000], readers=count)
        results.add("readers-60", case, "anam", "load beside", "s", [load_seconds], readers=count)
        if not beside:
            results.note(f"beside {count} readers the load was over before it could be stopped for a moment")
    shutil.rmtree(store)
