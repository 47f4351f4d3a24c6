# SPDX-License-Identifier: Apache-2.0
"""copies: a store of K copies of everybody says K times what a store of one says."""
import csv
import io
import shutil

from .loads import record_load
from .process import BenchError, measure, run

# Columns of the attrition that are no counts.
NAMES = ("cohort_definition_id", "kind", "mode_id", "rule_sequence", "inclusion_rule_mask")


def _facts(bench, store, files):
    """All counts of a store, by what they count."""
    anam = bench.binaries.anam
    info = bench.population.info(store)
    facts = {("info", "patients"): info["patients"], ("info", "events"): info["events"]}

    def table(words, names):
        for row in csv.DictReader(io.StringIO(run([anam, *words, "--format", "csv"]))):
            key = tuple(row[name] for name in names if name in row)
            for column, cell in row.items():
                if column not in names and cell.isdigit():
                    facts[(words[0], *key, column)] = int(cell)

    table(["codes", store, "OMOP:*", "--used"], ("vocabulary", "code", "name", "domain"))
    table(["cohort", store, *files, "--count"], NAMES)
    table(["cohort", store, *files, "--attrition"], NAMES)
    return facts


def copies(bench):
    """A small population, once and in copies under ids of their own: cohorts, attrition and counts of codes."""
    population, anam = bench.population, bench.binaries.anam
    files = [population.protocol().file, *(question.file for _, question in population.two_codes().values())]
    patients = min(population.patients, bench.copied)
    words = ["--patients", patients, "--seed", "11"]
    facts = []
    for name, more in (("one", []), ("many", ["--copies", bench.copies])):
        store = population.work / f"copies-{name}"
        took = measure([anam, "generate", store, *words, *more], population.work / f"copies-{name}.log")
        facts.append(_facts(bench, store, files))
        shutil.rmtree(store)
    one, many = facts
    wrong = [key for key in one.keys() | many.keys() if one.get(key, 0) * bench.copies != many.get(key, 0)]
    if wrong:
        key = min(wrong)
        raise BenchError(f"{bench.copies} copies: {len(wrong)} counts are not {bench.copies} times those of one; {key}: "
                         f"{one.get(key, 0)}, {many.get(key, 0)}")
    case = f"{patients:,} patients, {bench.copies} copies"
    bench.results.add("copies", case, "anam", "counts that agree", "", [len(one)])
    record_load(bench.results, "copies", case, "anam", [took], many["info", "events"])
