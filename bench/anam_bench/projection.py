# SPDX-License-Identifier: Apache-2.0
"""What the measured figures would mean for more events on more cores. docs/performance.md has the formulas and what they assume."""
import dataclasses

EVENTS = (16e9, 100e9)
MACHINES = ((2, 0.3e9), (16, 2e9), (64, 4e9))  # cores, bytes that the disk writes a second
SPILL = 11.0  # bytes an event that a load writes and reads again
BUSY = 0.8   # share of the cores that a load keeps busy: shards are built independently


@dataclasses.dataclass(frozen=True)
class Figures:
    load: float      # processor seconds an event
    busy: float      # share of the cores that this load had: what else ran took the rest
    size: float      # bytes an event, everything included
    cohorts: dict    # processor seconds of each two-code cohort, for each event of the store
    base: str        # which population they were measured on


def _find(document, scenario, case, quantity, system="anam"):
    for entry in document["results"]:
        if (entry["scenario"], entry["system"], entry["quantity"]) == (scenario, system, quantity) and case in (None, entry["case"]):
            return entry
    return None


def figures(documents):
    """From the largest population; None where something was not measured there."""
    base = max(documents, key=lambda document: document["events"])
    cores = int(base["header"]["cores"])
    time = _find(base, "load-stream", "claims", "time")
    processor = _find(base, "load-stream", "claims", "processor time")
    size = _find(base, "load-stream", "store", "size")
    cohorts = {kind: _find(base, f"cohort-{kind}", None, "processor time") for kind in ("common", "middling", "rare")}
    cohorts = {kind: entry["median"] / base["events"] for kind, entry in cohorts.items() if entry}
    if not (time and processor and size and cohorts):
        return None
    load = processor["median"] * 1e-6
    busy = min(1.0, load * time["facts"]["events"] / (time["median"] * cores))
    return Figures(load, busy, size["median"], cohorts, f"{base['patients']:,} patients, {base['events']:,} events, {cores} cores")


def load_seconds(f, events, cores, disk):
    return max(events * f.load / (cores * BUSY), events * (SPILL + f.size) / disk)


def cohort_seconds(f, events, cores, kind):
    return events * f.cohorts[kind] / cores


def human(seconds):
    for size, name in ((86400, "days"), (3600, "h"), (60, "min"), (1, "s"), (1e-3, "ms")):
        if seconds >= size:
            return f"{seconds / size:.1f} {name}"
    return f"{seconds * 1e6:.0f} us"


def section(documents, markdown):
    """Lines of markdown; none where too little was measured."""
    f = figures(documents)
    if f is None:
        return []
    rows = []
    for events in EVENTS:
        for cores, disk in MACHINES:
            rows.append([f"{events / 1e9:.0f} G", str(cores), f"{disk / 1e9:g} GB/s", f"{events * f.size / 2**40:.2f} TiB",
                         human(load_seconds(f, events, cores, disk)),
                         *(human(cohort_seconds(f, events, cores, kind)) for kind in f.cohorts)])
    columns = ["events", "cores", "disk writes", "store", "load", *(f"cohort, {kind} X" for kind in f.cohorts)]
    return ["", "### Projection", "",
            f"Computed, not measured, from {f.base}: load {f.load * 1e6:.2f} us of processor time an event (this load had {f.busy:.0%} of "
            f"the cores); {f.size:.2f} bytes an event; the cohorts' own processor time.", "", *markdown(columns, rows, range(len(columns)))]
