# SPDX-License-Identifier: Apache-2.0
"""The tables of the peers, and how the columns of the population's CSV files become theirs.

by_patient  every column of every event, by (patient, start)
by_code     what criteria test, by (code, domain, patient, start)
persons, concepts, hierarchy
"""
import csv
import re

CODES = ("code", "source_code", "type", "status", "drg", "value_code", "unit")  # OMOP:123
NUMBERS = ("visit", "days_supply", "quantity", "refills")
MONEY = ("charged", "allowed", "paid")
TABLE = ("patient_id", "start", "stop", "domain", *CODES, *NUMBERS, "value", *MONEY, "plan_source", "source")
BY_CODE = ("code", "domain", "patient_id", "start", "stop", "days_supply", "value", "source")
EVENT_FEEDS = ("members", "medical", "pharmacy", "laboratory", "records")


def feeds(folder):
    """The event files of a folder by feed: {feed: (pattern, columns of the header)}. All files of a feed have one header."""
    found = {}
    for feed in EVENT_FEEDS:
        files = [path for path in sorted(folder.glob(f"{feed}*.csv")) if re.fullmatch(rf"{feed}(-\d+)?", path.stem)]
        if files:
            with open(files[0], encoding="utf-8", newline="") as text:
                found[feed] = (str(folder / f"{feed}*.csv"), next(csv.reader(text)))
    return found
