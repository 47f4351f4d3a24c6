# SPDX-License-Identifier: Apache-2.0
"""What the measured figures would mean for more events on more cores. docs/performance.md has the formulas and what they assume."""
import dataclasses

EVENTS = (16e9, 100e9)
MACHINES = ((2, 0.3e9), (16, 2e9), (64, 4e9))  # cores, bytes that the disk writes a second
EVENTS_A_SHARD = 16e6
SPILL = 8.0  # bytes an event that a load writes and reads again
BUSY = 0.8   # share of the cores that a load keeps busy: shards are built independently


@dataclasses.dataclass(frozen=True)
class Figures:
    load: float      # processor seconds an event
    busy: float      # share of the cores that this load had: what else ran took the rest
    size: float      # bytes an event, everything included
    shard: float     # core-seconds a shard that a cohort query costs without postings
    posting: float   # core-seconds a posting touched
    share: dict      # of all events, the postings that each two-code cohort touches
    base: str        # which population they were measured on


def _find(document, scenario, case, quantity, system="anam"):
    for entry in document["results"]:
        if (entry["scenario"], entry["system"], entry["quantity"]) == (scenario, system, quantity) and case in (None, entry["case"]):
            return entry
    return None


def fit(points):
    """(a, b) that make a * x + b * y nearest to t over points (x, y, t), neither negative; each point's error relative to its t."""
    rows = [(x / t, y / t) for x, y, t in points if t > 0]
    xx, xy, yy = (sum(r[i] * r[j] for r in rows) for i, j in ((0, 0), (0, 1), (1, 1)))
    x1, y1 = (sum(r[i] for r in rows) for i in (0, 1))
    determinant = xx * yy - xy * xy
    if determinant > 1e-9 * xx * yy:
        a, b = (x1 * yy - y1 * xy) / determinant, (y1 * xx - x1 * xy) / determinant
        if a >= 0 and b >= 0:
            return a, b
    # The better of the two alone.
    options = [(x1 / xx, 0.0) if xx else (0.0, 0.0), (0.0, y1 / yy) if yy else (0.0, 0.0)]
    return min(options, key=lambda o: sum((o[0] * x + o[1] * y - 1) ** 2 for x, y in rows))


def figures(documents):
    """From the largest population for loads and sizes, from all of its preset for cohorts; None where something was not measured."""
    base = max(documents, key=lambda document: document["events"])
    cores = int(base["header"]["cores"])
    time = _find(base, "load-stream", "claims", "time")
    processor = _find(base, "load-stream", "claims", "processor time")
    size = _find(base, "load-stream", "store", "size")
    if not (time and processor and size):
        return None
    events = time["facts"]["events"]
    load = processor["median"] * 1e-6
    points, share = [], {}
    for document in documents:
        store = _find(document, "load-stream", "store", "size")
        for kind in ("common", "middling", "rare"):
            cohort = _find(document, f"cohort-{kind}", None, "processor time")
            if cohort and store and document["preset"] == base["preset"]:
                postings = cohort["facts"]["postings"]
                points.append((store["facts"]["shards"], postings, cohort["median"]))
                if document is base:
                    share[kind] = postings / document["events"]
    if not share:
        return None
    shard, posting = fit(points)
    return Figures(load, min(1.0, load * events / (time["median"] * cores)), size["median"], shard, posting, share,
                   f"{base['patients']:,} patients, {base['events']:,} events, {cores} cores")


def load_seconds(f, events, cores, disk):
    return max(events * f.load / (cores * BUSY), events * (SPILL + f.size) / disk)


def cohort_seconds(f, events, cores, kind):
    return (events / EVENTS_A_SHARD * f.shard + f.share[kind] * events * f.posting) / cores


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
                         *(human(cohort_seconds(f, events, cores, kind)) for kind in f.share)])
    columns = ["events", "cores", "disk writes", "store", "load", *(f"cohort, {kind} X" for kind in f.share)]
    return ["", "### Projection", "",
            f"Computed, not measured, from {f.base}: load {f.load * 1e6:.2f} us of processor time an event (this load had {f.busy:.0%} of "
            f"the cores); {f.size:.2f} bytes an event; a cohort costs {f.shard * 1e3:.2f} core-ms a shard and {f.posting * 1e9:.1f} core-ns a "
            "posting.", "", *markdown(columns, rows, range(len(columns)))]
