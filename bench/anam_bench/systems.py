# SPDX-License-Identifier: Apache-2.0
"""The store and its peers behind one set of questions, each asked of a process that stays open. Times are taken inside it."""
import dataclasses
import json
import os
import pathlib
import typing

from . import sql
from .process import Server, probe


@dataclasses.dataclass(frozen=True)
class Question:
    """A cohort: a definition's file, and its SQL for a dialect and a table."""
    file: pathlib.Path
    sql: typing.Callable | None = None


def drop_page_cache(folder):
    """Asks the system to forget the files' pages. Nothing may have them open."""
    for path in folder.rglob("*"):
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(handle)


def took(answer):
    """Seconds, and processor seconds of all threads."""
    return {"seconds": answer["seconds"], "cpu": answer["cpu"]}


class Anam:
    name = "anam"

    def __init__(self, binary, store, threads):
        self.folder = store
        self._threads = threads
        self._binary = binary
        self._server = None

    def _ask(self, *words):
        if self._server is None:
            self.open()
        return self._server.ask(*words)

    def open(self, release=""):
        """Seconds that it takes."""
        if self._server is None:
            self._server = probe(self._binary)
        return self._server.ask("open", self.folder, *([release] if release else []))["seconds"]

    def cohorts(self, questions):
        """What it took, and (patients, rows, check) of each. All in one pass."""
        answer = self._ask("cohort", self._threads, *(question.file for question in questions))
        return took(answer), answer["answers"]

    def timelines(self, ids):
        """Microseconds of each patient of a file of ids, and (events, check)."""
        answer = self._ask("timelines", ids)
        return answer["us"], [answer["events"], answer["check"]]

    def count(self, code):
        """Seconds, and (patients, events) of a code."""
        answer = self._ask("count", self._threads, f"OMOP:{code.number}")
        return answer["seconds"], [answer["patients"], answer["events"]]

    def peak_memory(self):
        return self._server.peak_memory() if self._server else 0

    def close(self):
        if self._server is not None:
            self._server.close()
            self._server = None


class Peer:
    """A peer with its tables in work/NAME."""

    def __init__(self, name, python, work, memory):
        self.name = name
        self.dialect = sql.DIALECTS[name]
        self.folder = work / name
        self._command = [python, "-B", "-m", "anam_bench.peers.worker", name, work, *([memory] if memory else [])]
        self._server = None

    def _start(self):
        os.environ["PYTHONPATH"] = str(pathlib.Path(__file__).resolve().parents[1])
        self._server = Server(self._command, lambda words: json.dumps(words))

    def _ask(self, *words):
        if self._server is None:
            self.open()
        return self._server.ask(*words)

    def open(self):
        if self._server is not None:  # one process opens a database once
            self.close()
        self._start()
        return self._server.ask("open")["seconds"]

    def version(self):
        return self._ask("version")["version"]

    def load(self, folders):
        """Seconds and events. In a fresh process, so that its peak memory is the load's."""
        self.close()
        self._start()
        answer = self._server.ask("load", *map(str, folders))
        return answer["seconds"], answer["events"]

    def cohorts(self, questions, table="by_code"):
        answer = self._ask("query", *(question.sql(self.dialect, table) for question in questions))
        return took(answer), answer["answers"]

    def timelines(self, ids):
        answer = self._ask("timelines", str(ids))
        return answer["us"], [answer["events"], answer["check"]]

    def count(self, code):
        answer = self._ask("query", sql.count(code))
        return answer["seconds"], answer["answers"][0]

    def peak_memory(self):
        return self._server.peak_memory() if self._server else 0

    def close(self):
        if self._server is not None:
            self._server.close()
            self._server = None
