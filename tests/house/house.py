# SPDX-License-Identifier: Apache-2.0
"""The house rules that no compiler checks. `house.py RULE ROOT` prints each violation and exits with 1 if there is one;
`house.py selftest` shows that each rule finds what it is there for."""
import os
import pathlib
import re
import sys
import tempfile

# What a folder may include: itself and what lies below it. query and ingest do not know each other.
LIBRARY = ("storage", "index", "ingest", "query")
LAYERS = {
    "storage": {"storage"},
    "index": {"storage", "index"},
    "ingest": {"storage", "index", "ingest"},
    "query": {"storage", "index", "query"},
    "tools": {*LIBRARY, "tools"},
    "bench": {*LIBRARY, "tools", "bench"},
    "tests": {*LIBRARY, "tools", "tests"},
}
SPDX = "// SPDX-License-Identifier: Apache-2.0"
TEXT = {".h", ".cc", ".fbs", ".txt", ".cmake", ".in", ".py", ".sh", ".md", ".json", ".cohort", ""}
SOURCE = TEXT - {".md", ".json", ".cohort"}


def files(root, suffixes, folders=(".",)):
    """Files below the root, without build trees, version control and what hidden tools leave. Paths are relative."""
    for folder in folders:
        for directory, names, leaves in os.walk(root / folder):
            names[:] = sorted(n for n in names if n not in ("build", "__pycache__") and (n == ".ci" or n[0] != "."))
            for leaf in sorted(set(leaves) - {".git"}):  # a file in a worktree
                path = pathlib.Path(directory, leaf)
                if path.suffix in suffixes and not path.is_symlink():
                    yield path.relative_to(root)


def lines(root, path):
    text = (root / path).read_bytes().decode("utf-8", "surrogateescape")
    return enumerate(text.splitlines(), 1) if "\0" not in text else ()


def layers(root):
    """Includes point down only, and name their folder."""
    for path in files(root, {".h", ".cc"}, LAYERS):
        if path.parts[:3] == ("tests", "package", "consumer"):
            continue  # another project
        for number, line in lines(root, path):
            match = re.match(r'\s*#\s*include\s*"([^"]*)"', line)
            if match:
                target = match[1].split("/")[0] if "/" in match[1] else None
                if target not in LAYERS[path.parts[0]]:
                    yield f'{path}:{number}: {path.parts[0]}/ may not include "{match[1]}"'


def headers(root):
    """Every source begins with its licence; every header is included once."""
    for path in files(root, {".h", ".cc"}, LAYERS):
        text = [line for _, line in lines(root, path)]
        if text[:1] != [SPDX]:
            yield f"{path}:1: first line is not '{SPDX}'"
        if path.suffix == ".h" and text.count("#pragma once") != 1:
            yield f"{path}:1: not exactly one '#pragma once'"


def listed(root):
    """Every source stands in the CMakeLists.txt of its folder or of one above it."""
    for path in files(root, {".h", ".cc", ".fbs"}, LAYERS):
        for folder in path.parents:
            cmake = root / folder / "CMakeLists.txt"
            name = re.escape(path.relative_to(folder).as_posix())
            if cmake.exists() and re.search(rf"(?m)^[^#\n]*(?<![\w./-]){name}(?![\w./-])", cmake.read_text()):
                break
        else:
            yield f"{path}: in no CMakeLists.txt"


def paths(root):
    """No file names a place that exists on one machine only."""
    place = re.compile(r"(?<![\w.})/-])/(?:home|root|work|tmp|Users|mnt)/[\w.]")
    for path in files(root, TEXT):
        for number, line in lines(root, path):
            if place.search(line):
                yield f"{path}:{number}: names a path of one machine: {line.strip()[:100]}"


def ascii_only(root):
    """Sources are ASCII; other characters are written as escapes."""
    for path in files(root, SOURCE):
        for number, line in lines(root, path):
            if not line.isascii():
                yield f"{path}:{number}: not ASCII: {line.strip()[:100]!a}"


RULES = {"layers": layers, "headers": headers, "listed": listed, "paths": paths, "ascii": ascii_only}


def selftest():
    good = SPDX + "\n#pragma once\n"
    listing = "# c.h\ntarget_sources(anam PRIVATE\n  a.h\n  b.cc\n)\n"
    cases = [  # rule, files, how many violations
        ("layers", {"query/a.h": '#include "storage/x.h"\n#include <vector>\n'}, 0),
        ("layers", {"query/a.h": '#include "ingest/x.h"\n'}, 1),
        ("layers", {"storage/a.cc": '# include "index/x.h"\n#include "bare.h"\n'}, 2),
        ("layers", {"bench/a.cc": '#include "tests/x.h"\n'}, 1),
        ("headers", {"index/a.h": good, "index/b.cc": SPDX + "\n"}, 0),
        ("headers", {"index/a.h": "#pragma once\n", "tools/b.h": SPDX + "\n", "tools/c.cc": ""}, 3),
        ("listed", {"storage/a.h": "", "storage/b.cc": "", "storage/CMakeLists.txt": listing}, 0),
        ("listed", {"storage/c.h": "", "storage/b.c.cc": "", "storage/CMakeLists.txt": listing}, 2),
        ("listed", {"tests/x/y_test.cc": "", "tests/CMakeLists.txt": "a(x/y_test.cc)\n"}, 0),
        ("paths", {"docs/a.md": "see /usr/include, build/tmp/x and https://example.org/home/x\n"}, 0),
        ("paths", {"docs/a.md": "see /" + "home/me/x\n", "tools/run": "cd /" + "tmp/x\n"}, 2),
        ("ascii", {"storage/a.cc": "plain\n", "docs/a.md": "\u00e9\n", "build/a.cc": "\u00e9\n"}, 0),
        ("ascii", {"storage/a.cc": "// \u00e9\n", "tools/run": "echo \u00e9\n"}, 2),
    ]
    for rule, tree, expected in cases:
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            for name, text in tree.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            found = list(RULES[rule](root))
            if len(found) != expected:
                yield f"rule {rule} on {tree}: expected {expected} violations, found {found}"


def main():
    if sys.argv[1] == "selftest":
        found = list(selftest())
    else:
        found = list(RULES[sys.argv[1]](pathlib.Path(sys.argv[2])))
    for violation in found:
        print(violation)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
