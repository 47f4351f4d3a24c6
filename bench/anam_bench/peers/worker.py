# SPDX-License-Identifier: Apache-2.0
"""Answers requests for one peer: a line of JSON, a list of words, is answered by a line of JSON with the seconds that it took. What
bench/probe is for anam.

  python -m anam_bench.peers.worker duckdb|clickhouse DIRECTORY [MEMORY]
"""
import importlib
import json
import pathlib
import sys
import time

from anam_bench.sql import DUCKDB


def timed(work):
    begin = time.perf_counter()
    result = work()
    return time.perf_counter() - begin, result


class Worker:
    """Requests by name. A peer has open(), load(folders), rows(sql), timeline(patient)."""

    def __init__(self, peer):
        self.peer = peer

    def open(self):
        return {"seconds": timed(self.peer.open)[0]}

    def version(self):
        return {"version": self.peer.version()}

    def load(self, *folders):
        seconds, parts = timed(lambda: self.peer.load([pathlib.Path(folder) for folder in folders]))
        return {"seconds": seconds, "parts": parts, "events": self.peer.rows("SELECT count(*) FROM by_patient")[0][0]}

    def query(self, *statements):
        processor = time.process_time()
        seconds, rows = timed(lambda: [list(self.peer.rows(sql)[0]) for sql in statements])
        return {"seconds": seconds, "cpu": time.process_time() - processor, "answers": [[int(cell) for cell in row] for row in rows]}

    def timelines(self, file):
        times, events, check = [], 0, 0
        for patient in pathlib.Path(file).read_text(encoding="ascii").split():
            seconds, rows = timed(lambda patient=patient: self.peer.timeline(int(patient)))
            times.append(seconds * 1e6)
            events += len(rows)
            check += sum(eval_check(int(patient), day, code) for day, code in self.peer.days_and_codes(rows))
        return {"us": times, "events": events, "check": check}


_check = compile("lambda patient, a, b: " + DUCKDB.check("patient", "a", "b"), "sql.py", "eval")
eval_check = eval(_check)  # the formula of the SQL; of numbers that are not negative it says the same in Python


def main(name, directory, memory=""):
    module = importlib.import_module(f"anam_bench.peers.{name}_peer")
    worker = Worker(module.Peer(pathlib.Path(directory), memory))
    for line in sys.stdin:
        words = json.loads(line)
        try:
            answer = getattr(worker, words[0])(*words[1:])
        except Exception as error:  # whatever a peer raises is told to who asked
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
    worker.peer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
