# SPDX-License-Identifier: Apache-2.0
"""The synthetic population that a run is about: its store, its CSV files, its codes."""
import csv
import io
import json
import os
import pathlib
import random
import shutil

from . import definitions, sql
from .process import measure, run
from .systems import Question

SOURCES = ("claims", "clinical")
LINKED_FROM = 1 << 20  # bytes


def copy_of_store(store, target):
    """A store of its own. Large files are shared: they are never written again."""
    def copy(source, destination):
        if os.path.getsize(source) >= LINKED_FROM:
            os.link(source, destination)
        else:
            shutil.copy2(source, destination)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(store, target, copy_function=copy)


def folder_bytes(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def codes_in(anam, store):
    """The codes that events have."""
    out = run([anam, "codes", store, "OMOP:*", "--used", "--format", "csv"])
    return [definitions.Code(int(row["code"]), row["domain"], row["name"], int(row["patients"]), int(row["events"]))
            for row in csv.DictReader(io.StringIO(out)) if row["code"].isdigit()]


class Population:
    def __init__(self, anam, work, patients, preset, seed, memory):
        self.anam, self.work, self.patients = anam, work, patients
        self.words = ["--patients", patients, "--seed", seed, "--preset", preset]
        self._memory = ["--memory", memory] if memory else []
        self.store = work / "store"
        self.first_release = work / "first-release"  # the claims alone
        self.files = work / "csv"
        self._codes = None

    def make_source(self, store, source):
        """Makes and loads one source's release; returns what process.measure() tells."""
        return measure([self.anam, "generate", store, *self.words, "--sources", source, *self._memory],
                       self.work / f"{source}.log")

    def make_store(self):
        """The store with both releases, and a copy with the first one. Returns what each took."""
        shutil.rmtree(self.store, ignore_errors=True)
        took = {}
        for source in SOURCES:
            took[source] = self.make_source(self.store, source)
            if source == SOURCES[0]:
                copy_of_store(self.store, self.first_release)
        return took

    def ensure_store(self):
        if not self.store.exists():
            self.make_store()

    def ensure_files(self):
        if not self.files.exists():
            run([self.anam, "generate", self.files, *self.words, "--format", "events"])

    def folders(self):
        return [self.files / source for source in SOURCES]

    def load_files(self, store):
        """Loads the CSV files into a new store; what it took, over both sources."""
        shutil.rmtree(store, ignore_errors=True)
        took = [measure([self.anam, "load", store, "--format", "events", "--source", folder.name, *self._memory, folder],
                        self.work / f"csv-{folder.name}.log") for folder in self.folders()]
        return {"seconds": sum(t["seconds"] for t in took), "cpu": sum(t["cpu"] for t in took),
                "memory": max(t["memory"] for t in took)}

    def info(self, store=None):
        return json.loads(run([self.anam, "info", store or self.store, "--format", "json"]))

    def codes(self):
        if self._codes is None:
            self.ensure_store()
            self._codes = codes_in(self.anam, self.store)
        return self._codes

    def write(self, name, text):
        path = self.work / "definitions" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def two_codes(self):
        """{kind: (definition, question)}"""
        cases = definitions.two_code_cases(self.codes(), self.patients)
        return {kind: (case, self.question(f"{kind}.cohort", case)) for kind, case in cases.items()}

    def question(self, name, definition):
        return Question(self.write(name, definition.text()),
                        lambda dialect, table: sql.two_codes(definition, dialect, table))

    def protocol(self):
        return Question(self.write("protocol.cohort", definitions.PROTOCOL), sql.protocol)

    def some_patients(self, count, seed):
        """A file of patient ids drawn from all."""
        draw = random.Random(seed)
        ids = [str(1 + draw.randrange(self.patients)) for _ in range(count)]
        path = pathlib.Path(self.work) / f"patients-{count}-{seed}.txt"
        path.write_text("\n".join(ids) + "\n", encoding="ascii")
        return path
