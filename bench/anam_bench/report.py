# SPDX-License-Identifier: Apache-2.0
"""Markdown tables from the JSON files of bench/run."""
import argparse
import json
import pathlib
import sys

from . import projection, table

BEGIN = "<!-- bench/report begins -->"
END = "<!-- bench/report ends -->"

# Scenarios of each table; their cases are named where they are the same at every size.
SECTIONS = (
    ("Loading", ("load-stream", "load-csv"), ("time", "rate", "processor time", "peak memory")),
    ("Bytes", ("load-stream", "load-csv"), ("size",)),
    ("Cohorts", ("cohort-common", "cohort-middling", "cohort-rare", "cohort-protocol", "cohort-batch", "ohdsi-nine"), None),
    ("Timelines and opening", ("timeline-warm", "timeline-cold", "open-first-query"), None),
    ("Readers beside a load", ("readers-60",), None),
    ("Copies", ("copies",), None),
)
CASES = ("load-stream", "load-csv", "cohort-batch", "ohdsi-nine", "readers-60", "copies")


def read(files):
    """The documents, small populations first."""
    documents = [json.loads(pathlib.Path(file).read_text(encoding="utf-8")) for file in files]
    return sorted(documents, key=lambda document: (document["preset"], document["patients"]))


def title(document):
    return f"{document['patients']:,} patients" + (f", {document['preset']}" if document["preset"] != "lean" else "")


def markdown(header, rows, right):
    """A table; columns in `right` are numbers."""
    yield "| " + " | ".join(header) + " |"
    yield "| " + " | ".join("---:" if i in right else "---" for i in range(len(header))) + " |"
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "/") for cell in row) + " |"


def _cell(entry, ours):
    if entry is None:
        return ""
    multiple = table.ratio(entry, ours)
    return table.scaled(entry["median"], entry["unit"]) + (f" ({multiple})" if multiple else "")


def section(documents, scenarios, quantities):
    """A row for each scenario, case, system and quantity; a column for each document."""
    rows = {}
    for column, document in enumerate(documents):
        ours = table.against(document["results"])
        for entry in document["results"]:
            if entry["scenario"] not in scenarios or (quantities and entry["quantity"] not in quantities):
                continue
            case = entry["case"] if entry["scenario"] in CASES else ""
            key = (entry["scenario"], case, entry["system"], entry["quantity"])
            rows.setdefault(key, [""] * len(documents))[column] = _cell(entry, ours)
    order = sorted(rows, key=lambda key: scenarios.index(key[0]))  # else as they were measured
    if not order:
        return []
    return list(markdown(["scenario", "case", "system", "what", *map(title, documents)],
                         [[*key, *rows[key]] for key in order], range(4, 4 + len(documents))))


def headers(documents):
    keys = list(dict.fromkeys(key for document in documents for key in document["header"]))
    return list(markdown(["", *map(title, documents)],
                         [[key, *(str(document["header"].get(key, "")) for document in documents)] for key in keys], ()))


def report(documents):
    out = ["### Machine and versions", "", *headers(documents)]
    for name, scenarios, quantities in SECTIONS:
        lines = section(documents, scenarios, quantities)
        if lines:
            out += ["", f"### {name}", "", *lines]
    notes = list(dict.fromkeys(note for document in documents for note in document["notes"]))
    if notes:
        out += ["", *(f"- {note}" for note in notes)]
    out += projection.section(documents, markdown)
    return "\n".join(out) + "\n"


def put_into(page, text):
    """The page with the text between its marks."""
    before, begin, rest = page.partition(BEGIN + "\n")
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no lines {BEGIN} and {END}")
    return before + begin + "\n" + text + "\n" + end + after


def main(words=None):
    parser = argparse.ArgumentParser(prog="bench/report", description="Tables in markdown from the JSON files of bench/run.")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--into", type=pathlib.Path, metavar="PAGE", help="write them between the marks in this page")
    given = parser.parse_args(words)
    text = report(read(given.files))
    if given.into is None:
        sys.stdout.write(text)
        return 0
    try:
        given.into.write_text(put_into(given.into.read_text(encoding="utf-8"), text), encoding="utf-8")
    except ValueError as error:
        print(f"bench/report: {given.into}: {error}", file=sys.stderr)
        return 1
    return 0
