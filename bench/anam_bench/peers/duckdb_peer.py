# SPDX-License-Identifier: Apache-2.0
"""DuckDB: a table sorted by patient and one sorted by code, which zone maps search."""
import datetime
import shutil

import duckdb

from .columns import BY_CODE, CODES, MONEY, NUMBERS, TABLE, feeds

TYPES = {"patient_id": "BIGINT", "start": "DATE", "end": "DATE", "value": "DECIMAL(18,4)",
         **{name: "INTEGER" for name in NUMBERS if name != "visit"}, "visit": "BIGINT", **{name: "DECIMAL(14,2)" for name in MONEY}}
EPOCH = datetime.date(1970, 1, 1)


def _column(name, header, source):
    if name == "source":
        return f"'{source}' AS source"
    if name == "stop":
        return '"end" AS stop'
    if name in CODES:
        number = f"CAST(substr({name}, 6) AS INTEGER)" if name in header else "CAST(NULL AS INTEGER)"
        return f"coalesce({number}, 0) AS {name}" if name == "code" else f"{number} AS {name}"
    return f"{name} AS {name}" if name in header else f"CAST(NULL AS {TYPES.get(name, 'VARCHAR')}) AS {name}"


class Peer:
    def __init__(self, directory, memory):
        self.file = directory / "duckdb" / "events.duckdb"
        self.memory = memory
        self.connection = None

    def version(self):
        return "DuckDB " + duckdb.__version__

    def open(self):
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.connection = duckdb.connect(str(self.file), config={"memory_limit": self.memory} if self.memory else {})
        self.connection.execute("SET preserve_insertion_order = false")
        self.connection.execute("SET enable_progress_bar = false")

    def close(self):
        if self.connection is not None:
            self.connection.close()

    def load(self, folders):
        self.close()
        shutil.rmtree(self.file.parent, ignore_errors=True)
        self.open()
        selects = []
        for folder in folders:
            for pattern, header in feeds(folder).values():
                types = ", ".join(f"'{name}': '{TYPES.get(name, 'VARCHAR')}'" for name in header)
                columns = ", ".join(_column(name, header, folder.name) for name in TABLE)
                selects.append(f"SELECT {columns} FROM read_csv('{pattern}', header = true, columns = {{{types}}})")
        run = self.connection.execute
        run("CREATE TABLE events AS " + " UNION ALL ".join(selects))
        run("CREATE TABLE by_patient AS SELECT * FROM events ORDER BY patient_id, start")
        run(f"CREATE TABLE by_code AS SELECT {', '.join(BY_CODE)} FROM events ORDER BY code, domain, patient_id, start")
        run("DROP TABLE events")
        people = ", ".join(f"'{folder}/patients.csv'" for folder in folders)
        run("CREATE TABLE persons AS SELECT patient_id, any_value(birth_year) AS birth_year, any_value(sex) AS sex "
            f"FROM read_csv([{people}]) GROUP BY patient_id")
        run(f"CREATE TABLE concepts AS SELECT CAST(code AS INTEGER) AS code, name, alias FROM read_csv('{folders[0]}/codes.csv')")
        run("CREATE TABLE hierarchy AS SELECT CAST(substr(ancestor, 6) AS INTEGER) AS ancestor, CAST(substr(descendant, 6) AS INTEGER) "
            f"AS descendant FROM read_csv('{folders[0]}/hierarchy.csv') ORDER BY ancestor")
        run("CHECKPOINT")
        return {}

    def rows(self, sql):
        return self.connection.execute(sql).fetchall()

    def timeline(self, patient):
        return self.connection.execute("SELECT * FROM by_patient WHERE patient_id = ?", [patient]).fetchall()

    @staticmethod
    def days_and_codes(rows):
        start, code = TABLE.index("start"), TABLE.index("code")
        return [((row[start] - EPOCH).days, row[code]) for row in rows]
