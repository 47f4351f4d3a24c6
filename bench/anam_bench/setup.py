# SPDX-License-Identifier: Apache-2.0
"""Everything that a run needs: packages, a build, and the peers in a virtual environment of their own."""
import pathlib
import shutil
import subprocess
import sys

from .process import BenchError

PACKAGES = {"duckdb": "duckdb", "clickhouse": "chdb"}  # on PyPI; for benchmarks only


class Binaries:
    """The command and the probe of one build."""

    def __init__(self, build):
        self.anam = pathlib.Path(build).resolve() / "bin" / "anam"
        self.probe = self.anam.with_name("store_probe")
        for program in (self.anam, self.probe):
            if not program.exists():
                raise BenchError(f"not built: {program}")


def build(source, say):
    """Builds the `bench` preset, installing what it needs first."""
    say("building the bench preset")
    script = f'set -e; source "{source}/tools/setup/packages.sh"; ensure_packages build test bench; cd "{source}"; ' \
             'if command -v ccache >/dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}; fi; ' \
             'cmake --preset bench; cmake --build --preset bench --target anam_cli store_probe --parallel "$(nproc)"'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"the build failed\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return Binaries(source / "build" / "bench")


def _has(python, package):
    return subprocess.run([str(python), "-c", f"import {package}"], capture_output=True, check=False).returncode == 0


def peer_pythons(names, directory, say):
    """The Python that has each peer's package, and a note on each peer that cannot be had. `directory` is where the virtual
    environment is made where it is needed."""
    pythons, notes = {}, []
    venv = directory / "bin" / "python"
    for name in names:
        package = PACKAGES[name]
        if not venv.exists() and _has(sys.executable, package):
            pythons[name] = pathlib.Path(sys.executable)
            continue
        try:
            if not venv.exists():
                say(f"making a virtual environment for the peers in {directory}")
                subprocess.run([sys.executable, "-m", "venv", str(directory)], capture_output=True, text=True, check=True)
            if not _has(venv, package):
                say(f"installing {package} from PyPI")
                subprocess.run([str(venv), "-m", "pip", "install", "--quiet", package], capture_output=True, text=True, check=True)
            pythons[name] = venv
        except (OSError, subprocess.CalledProcessError) as error:
            if not venv.exists():
                shutil.rmtree(directory, ignore_errors=True)
            reason = (getattr(error, "stderr", "") or str(error)).strip().splitlines()[-1:]
            notes.append(f"{name} is left out: {package} cannot be installed ({' '.join(reason)})")
    return pythons, notes
