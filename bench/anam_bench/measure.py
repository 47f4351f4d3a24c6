# SPDX-License-Identifier: Apache-2.0
"""Runs that are compared: one after the other by turns, each answer checked, medians and spread."""
import math
import statistics

from .process import BenchError


def percentile(values, share):
    """The least value that `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def by_turns(runs, repeat, warm_up=1):
    """`runs` names functions that return (what was measured, answer). Each runs `repeat` times after `warm_up`; every round
    begins with another one, so that what else the machine does hits all alike. All answers must be equal. Returns what was
    measured by name, and the answer."""
    names = list(runs)
    measured = {name: [] for name in names}
    answers = {}
    for turn in range(warm_up + repeat):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            value, answer = runs[name]()
            answers.setdefault(name, answer)
            for other, known in answers.items():
                if known != answer:
                    raise BenchError(f"answers differ: {other} says {shorten(known)}, {name} says {shorten(answer)}")
            if turn >= warm_up:
                measured[name].append(value)
    return measured, next(iter(answers.values()))


def shorten(answer):
    text = repr(answer)
    return text if len(text) < 600 else text[:600] + " ..."


class Results:
    """What a run found: one entry for each scenario, case, system and quantity."""

    def __init__(self):
        self.entries = []
        self.notes = []

    def add(self, scenario, case, system, quantity, unit, values, **facts):
        values = list(values)
        self.entries.append({"scenario": scenario, "case": case, "system": system, "quantity": quantity, "unit": unit,
                             "median": statistics.median(values), "least": min(values), "most": max(values),
                             "runs": len(values), **({"facts": facts} if facts else {})})

    def add_seconds(self, scenario, case, measured, **facts):
        """Runs as numbers of seconds, or as {"seconds", "cpu"}: then processor time, of all threads, too."""
        for system, runs in measured.items():
            whole = isinstance(runs[0], dict)
            self.add(scenario, case, system, "time", "s", [run["seconds"] for run in runs] if whole else runs, **facts)
            if whole:
                self.add(scenario, case, system, "processor time", "s", [run["cpu"] for run in runs], **facts)

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)
