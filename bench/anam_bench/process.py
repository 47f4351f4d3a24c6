# SPDX-License-Identifier: Apache-2.0
"""Programs that are measured: run to their end, or kept to answer requests."""
import json
import os
import subprocess
import time


class BenchError(Exception):
    """What ends a benchmark: a program failed, or an answer is wrong."""


def run(command, **more):
    """Runs a command that must succeed; returns its output."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        raise BenchError(f"{' '.join(map(str, command))}\nexit {done.returncode}\n{done.stderr[-4000:]}")
    return done.stdout


def measure(command, log):
    """Runs a command that must succeed, and keeps what it says in a file; returns seconds, processor seconds and peak memory in bytes."""
    begin = time.perf_counter()
    with open(log, "wb") as said:
        with subprocess.Popen([str(word) for word in command], stdout=said, stderr=said) as child:
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        errors = log.read_text(encoding="utf-8", errors="replace")
        raise BenchError(f"{' '.join(map(str, command))}\nexit {child.returncode}\n{errors[-4000:]}")
    return {"seconds": time.perf_counter() - begin, "cpu": usage.ru_utime + usage.ru_stime,
            "memory": usage.ru_maxrss * 1024}


class Server:
    """A program that answers requests, a line each; what it says on standard error is shown when it fails."""

    def __init__(self, command, encode):
        self._command = [str(word) for word in command]
        self._encode = encode
        self._child = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                       encoding="utf-8")

    def send(self, *words):
        self._child.stdin.write(self._encode(words) + "\n")
        self._child.stdin.flush()

    def receive(self):
        line = self._child.stdout.readline()
        if not line:
            raise BenchError(f"{self._command[0]} ended with {self._child.wait()} in place of an answer")
        answer = json.loads(line)
        if "error" in answer:
            raise BenchError(f"{self._command[-1]}: {answer['error']}")
        return answer

    def ask(self, *words):
        self.send(*words)
        return self.receive()

    def peak_memory(self):
        """Bytes; 0 where the system does not tell."""
        try:
            with open(f"/proc/{self._child.pid}/status", encoding="ascii") as status:
                for line in status:
                    if line.startswith("VmHWM:"):
                        return int(line.split()[1]) * 1024
        except OSError:
            pass
        return 0

    def close(self):
        if self._child.poll() is None:
            self._child.stdin.close()
            try:
                self._child.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self._child.kill()
        self._child.wait()
        self._child.stdout.close()


def probe(binary):
    """bench/probe: the store, in a process of its own."""
    return Server([binary], lambda words: "\t".join(map(str, words)))
