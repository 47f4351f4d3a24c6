# SPDX-License-Identifier: Apache-2.0
"""Questions: each as a definition in anam's language and, by sql.py, as SQL."""
import dataclasses
import random


@dataclasses.dataclass(frozen=True)
class Code:
    """A code of the population and how common it is."""
    number: int  # OMOP concept id
    domain: str
    name: str
    patients: int
    events: int


@dataclasses.dataclass(frozen=True)
class TwoCodes:
    """First x, then y within some days; with an `unwanted` code, patients who had that before x are left out."""
    x: Code
    y: Code
    days: int = 90
    observed: int | None = None  # days of observation before
    unwanted: Code | None = None

    def text(self):
        observation = f"\n         with {self.observed} days of observation before" if self.observed is not None else ""
        unwanted = f"exclude  any standard {self.unwanted.domain} OMOP:{self.unwanted.number} before index\n" if self.unwanted else ""
        return (f"# {self.x.name}, then {self.y.name}\n"
                f"index    first standard {self.x.domain} OMOP:{self.x.number}{observation}\n"
                f"{unwanted}"
                f"require  any standard {self.y.domain} OMOP:{self.y.number} within {self.days} days after index\n"
                "exit     at index start\n")

    def postings(self):
        """Events of the codes that it names."""
        return sum(code.events for code in (self.x, self.y, self.unwanted) if code)


PROTOCOL = """\
cohort "New users of metformin with uncontrolled type 2 diabetes"

codes t2d       = OMOP:201826 with descendants
codes metformin = RXNORM:6809 with descendants
codes insulin   = ATC:A10A with descendants
codes hba1c     = LOINC:4548-4

index    first drug metformin
         with 180 days of observation before and 0 days after
require  "has T2D"      at least 1 condition t2d within 365 days before index or on index
exclude  "insulin user" any drug insulin before index
require  "adult"        age 18 to 75 at index
require  "uncontrolled" at least 1 measurement hba1c with value >= 6.5 within 180 days before index or on index
exit     when drug metformin stops, allowing gaps of 30 days, or at death, or 5 years after index
"""

KINDS = ("common", "middling", "rare")


def two_code_cases(codes, patients):
    """For a common, a middling (1 % of the patients) and a rare (1 in 10,000) first code."""
    conditions = [code for code in codes if code.domain == "condition"]
    service = max((code for code in codes if code.domain == "procedure"), key=lambda code: (code.events, -code.number))
    wanted = (max(code.patients for code in conditions), patients / 100, max(3, patients / 10_000))
    return {kind: TwoCodes(min(conditions, key=lambda code: (abs(code.patients - n), code.number)), service)
            for kind, n in zip(KINDS, wanted)}


def batch(codes, count, seed=20240702):
    """Many definitions as a study has them: codes by how common they are, some with observation, some with an exclusion."""
    draw = random.Random(seed)
    by_use = sorted(codes, key=lambda code: (-code.patients, code.number))
    first = [code for code in by_use if code.domain == "condition"][:150]
    later = [code for code in by_use if code.domain in ("procedure", "drug", "measurement")][:100]
    return [TwoCodes(draw.choice(first), draw.choice(later), draw.choice((30, 90, 365)), draw.choice((None, None, 180)),
                     draw.choice((None, None, *first[:50]))) for _ in range(count)]
