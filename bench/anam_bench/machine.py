# SPDX-License-Identifier: Apache-2.0
"""What a run was measured on."""
import datetime
import os
import platform
import subprocess


def _first(path, key):
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.startswith(key):
                    return line.split(":" if ":" in line else "=", 1)[1].strip().strip('"')
    except OSError:
        pass
    return "unknown"


def _output(*command, cwd=None):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=cwd).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def commit(source):
    """The checkout's commit, with "+" where it has changes of its own."""
    name = _output("git", "rev-parse", "--short=12", "HEAD", cwd=source)
    changed = _output("git", "status", "--porcelain", "--untracked-files=no", cwd=source)
    return (name + "+" if changed else name) or "unknown"


def header(source, anam):
    memory = _first("/proc/meminfo", "MemTotal")
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
        "machine": platform.machine(),
        "cpu": _first("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory": f"{int(memory.split()[0]) / 2**20:.1f} GiB" if memory != "unknown" else memory,
        "system": f"{_first('/etc/os-release', 'PRETTY_NAME')}, Linux {platform.release()}",
        "load": f"{os.getloadavg()[0]:.1f} before the run",
        "anam": _output(str(anam), "--version"),
        "commit": commit(source),
    }
