# SPDX-License-Identifier: Apache-2.0
"""Runs the examples of the documentation as they are written.

A ```console block holds commands ("$ ...") and what they print; a line "..." there stands for any lines. The blocks of a page run in one
directory, where `samples` is the project's. The ```csv blocks of a page are files of the events format, loaded together. Each ```cohort
block is a definition, asked of the sample (one without an index event is given one; other definitions that it names are there).

  run_examples.py ANAM_BINARY SOURCE_DIRECTORY PAGE...
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile


def blocks(page, kind):
    return re.findall(r"^```" + kind + r"\n(.*?)^```$", page.read_text(), re.M | re.S)


def matches(expected, printed):
    pattern = "".join(
        r"(?:.*\n)*" if line == "..." else re.escape(line) + r" *\n" for line in expected
    )
    return re.fullmatch(pattern, printed) is not None


# What long work says of itself on a slow or busy machine.
PROGRESS = re.compile(r"^[a-z][a-z ]*  (?:.*  )?\d+:\d\d\b.*\n", re.M)


def run_console(page, directory, environment):
    count = 0
    for block in blocks(page, "console"):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, *expected = part.rstrip("\n").split("\n")
            done = subprocess.run(["bash", "-c", command], cwd=directory, env=environment, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL)
            if not matches(expected, PROGRESS.sub("", done.stdout)):
                sys.exit(f"{page.name}: $ {command}\nprinted\n{done.stdout}\nwhere the page has\n" + "\n".join(expected))
            count += 1
    return count


def run_csv(page, directory, environment):
    files = []
    for number, block in enumerate(blocks(page, "csv")):
        files.append(f"example-{number}.csv")
        (directory / files[-1]).write_text(block)
    if files:
        done = subprocess.run(["anam", "load", "csv-examples", "--format", "events", "--source", "page", *files], cwd=directory,
                              env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{page.name}: its csv examples do not load\n{done.stderr}")
    return len(files)


def run_cohorts(page, directory, environment):
    examples = blocks(page, "cohort")
    if not examples:
        return 0
    subprocess.run("anam load sample-store --format events --source sample samples/*.csv", shell=True, cwd=directory, env=environment,
                   check=True, capture_output=True)
    names = []
    for number, block in enumerate(examples):
        names.append(f"example-{number}.cohort")
        has_index = re.search(r"^\s*index\b", block, re.M)
        (directory / names[-1]).write_text(block if has_index else block + "\nindex any event\n")
        for other in re.findall(r'\bcohort file "(.*?)"', block):
            (directory / other).parent.mkdir(parents=True, exist_ok=True)
            (directory / other).write_text("index any condition exit at index end\n")
    done = subprocess.run(["anam", "cohort", "sample-store", *names, "--count"], cwd=directory, env=environment, capture_output=True,
                          text=True)
    if done.returncode != 0:
        sys.exit(f"{page.name}: its cohort examples do not run\n{done.stderr}")
    return len(names)


def main(binary, source, *pages):
    source = pathlib.Path(source).resolve()
    environment = dict(os.environ, PATH=str(pathlib.Path(binary).resolve().parent) + os.pathsep + os.environ["PATH"], LC_ALL="C")
    count = 0
    for name in pages:
        with tempfile.TemporaryDirectory() as directory:
            directory = pathlib.Path(directory)
            (directory / "samples").symlink_to(source / "samples")
            count += run_console(source / name, directory, environment)
            count += run_csv(source / name, directory, environment)
            count += run_cohorts(source / name, directory, environment)
    if count == 0:
        sys.exit("no examples found")
    print(f"{count} examples do what the pages say")


if __name__ == "__main__":
    main(*sys.argv[1:])
