# SPDX-License-Identifier: Apache-2.0
"""Cohort scenarios: two codes, a protocol, many definitions at once, OHDSI's nine."""
from . import definitions
from .measure import by_turns
from .process import BenchError
from .systems import Question


def _ask(bench, scenario, case, questions, tables=("by_code",), **facts):
    """One question or a batch, of all systems by turns. All must answer alike."""
    runs = {"anam": lambda: bench.anam.cohorts(questions)}
    for peer in bench.peers:
        for table in tables:
            name = peer.name if table == "by_code" else f"{peer.name}, patient-sorted"
            runs[name] = lambda peer=peer, table=table: peer.cohorts(questions, table)
    measured, answers = by_turns(runs, bench.repeat)
    bench.results.add_seconds(scenario, case, measured, patients=sum(answer[0] for answer in answers), **facts)
    return answers


def two_codes(kind):
    def scenario(bench):
        definition, question = bench.population.two_codes()[kind]
        tables = ("by_code", "by_patient")
        _ask(bench, f"cohort-{kind}", f"{definition.x.name}; {definition.y.name}", [question], tables, postings=definition.postings())
    scenario.__doc__ = f"First X, then Y within 90 days, for a {kind} X."
    return scenario


def protocol(bench):
    """A study's protocol: a first drug, observation, a diagnosis, an exclusion, age, a value, and eras for the exit."""
    _ask(bench, "cohort-protocol", "uncontrolled diabetes, first metformin", [bench.population.protocol()])


def batch(bench):
    """Several hundred definitions in one command, and one by one."""
    population = bench.population
    every = definitions.batch(population.codes(), bench.definitions)
    questions = [population.question(f"batch-{number:04}.cohort", one) for number, one in enumerate(every)]
    answers = _ask(bench, "cohort-batch", f"{len(questions)} definitions", questions, postings=sum(one.postings() for one in every))

    def one_by_one():
        each = [bench.anam.cohorts([question]) for question in questions]
        return {key: sum(took[key] for took, _ in each) for key in ("seconds", "cpu")}, [answer for _, [answer] in each]

    measured, alone = by_turns({"anam, one by one": one_by_one}, max(1, bench.repeat // 2), warm_up=0)
    if alone != answers:
        raise BenchError("definitions one by one answer otherwise than together")
    bench.results.add_seconds("cohort-batch", f"{len(questions)} definitions", measured)


def ohdsi_nine(bench):
    """Nine definitions of OHDSI's PhenotypeLibrary as they are, in one command."""
    files = sorted(bench.nine.glob("*.json"), key=lambda path: int(path.stem))
    if not files:
        bench.results.note(f"ohdsi-nine is left out: no definitions in {bench.nine.name} beside the checkout")
        return
    questions = [Question(file) for file in files]
    answers = _ask(bench, "ohdsi-nine", "all nine", questions)
    for question, answer in zip(questions, answers):
        measured, [alone] = by_turns({"anam": lambda question=question: bench.anam.cohorts([question])}, bench.repeat)
        if alone != answer:
            raise BenchError(f"{question.file.name} answers {alone} alone and {answer} among nine")
        bench.results.add_seconds("ohdsi-nine", question.file.stem, measured, patients=answer[0])
