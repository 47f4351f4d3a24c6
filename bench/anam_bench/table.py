# SPDX-License-Identifier: Apache-2.0
"""Results as an aligned table for people."""


def number(value):
    """Three significant digits, or all of a large number."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


UNITS = {"s": ((1, "s"), (1e-3, "ms"), (1e-6, "us")), "us": ((1e6, "s"), (1e3, "ms"), (1, "us"))}


def scaled(value, unit):
    """A time in the unit that reads best."""
    for size, name in UNITS.get(unit, ()):
        if value >= size:
            return f"{number(value / size)} {name}"
    return f"{number(value)} {unit}".rstrip()


def against(entries):
    """{(scenario, case, quantity): the store's median}, to compare with."""
    return {(e["scenario"], e["case"], e["quantity"]): e["median"] for e in entries if e["system"] == "anam"}


def ratio(entry, ours):
    """A time or size as a multiple of the store's, where there is one."""
    own = ours.get((entry["scenario"], entry["case"], entry["quantity"]))
    if not own or entry["system"] in ("anam", "") or entry["unit"] not in ("s", "us", "bytes/event"):
        return ""
    return f"{number(entry['median'] / own)} x"


def lines(header_words, rows, right=()):
    """Aligned by columns; `right` are the columns of numbers."""
    widths = [max(len(row[i]) for row in [header_words, *rows]) for i in range(len(header_words))]
    for row in [header_words, *rows]:
        cells = [cell.rjust(width) if i in right else cell.ljust(width) for i, (cell, width) in enumerate(zip(row, widths))]
        yield "  ".join(cells).rstrip()


def text(document):
    """All of a run."""
    out = [f"{key:<9} {value}" for key, value in document["header"].items()]
    entries = document["results"]
    ours = against(entries)
    rows = []
    for entry in entries:
        spread = f"{scaled(entry['least'], entry['unit'])} .. {scaled(entry['most'], entry['unit'])}" if entry["runs"] > 1 else ""
        rows.append([entry["scenario"], entry["case"][:44], entry["system"], entry["quantity"], scaled(entry["median"], entry["unit"]),
                     spread, ratio(entry, ours)])
    titles = ["scenario", "case", "system", "what", "median", "spread", "of anam's"]
    out += ["", *lines(titles, rows, right=(4, 6))]
    out += [""] * bool(document["notes"]) + document["notes"]
    return "\n".join(out) + "\n"
