# SPDX-License-Identifier: Apache-2.0
"""ClickHouse, embedded (chdb): MergeTree tables ordered by patient and by code, merged to one part each."""
import json
import shutil

from chdb import session

from .columns import BY_CODE, CODES, MONEY, NUMBERS, TABLE, feeds

TYPES = {"patient_id": "Int64", "start": "Date", "stop": "Nullable(Date)", "domain": "LowCardinality(String)", "code": "Int32",
         "visit": "Nullable(Int64)", "value": "Nullable(Decimal(18, 4))", "plan_source": "LowCardinality(Nullable(String))",
         "source": "LowCardinality(String)", **{name: "Nullable(Int32)" for name in (*CODES[1:], *NUMBERS[1:])},
         **{name: "Nullable(Decimal(14, 2))" for name in MONEY}}
READ = {name: kind for name, kind in TYPES.items() if name not in (*CODES, "stop")}
SETTINGS = "SETTINGS join_use_nulls = 0"


def _column(name, header, source):
    if name == "source":
        return f"'{source}' AS source"
    if name == "stop":
        return "end AS stop"
    if name in CODES:
        number = f"toInt32OrNull(substring({name}, 6)) AS {name}" if name in header else f"CAST(NULL, 'Nullable(Int32)') AS {name}"
        return f"coalesce(toInt32OrNull(substring(code, 6)), 0) AS code" if name == "code" else number
    return name if name in header else f"CAST(NULL, '{TYPES[name]}') AS {name}"


class Peer:
    def __init__(self, directory, memory):
        self.directory = directory / "clickhouse"
        self.memory = memory
        self.session = None

    def version(self):
        return "ClickHouse " + self.rows("SELECT version()")[0][0] + " (chdb)"

    def open(self):
        self.directory.mkdir(parents=True, exist_ok=True)
        self.session = session.Session(str(self.directory))
        if self.memory:
            self._run(f"SET max_memory_usage = {bytes_of(self.memory)}")
        self._run("SET join_use_nulls = 0")
        self._run("CREATE DATABASE IF NOT EXISTS bench ENGINE = Atomic")
        self._run("USE bench")

    def close(self):
        if self.session is not None:
            self.session.close()

    def _run(self, sql):
        return self.session.query(sql, "JSONCompact")

    def load(self, folders):
        self.close()
        shutil.rmtree(self.directory, ignore_errors=True)
        self.open()
        for table, columns, order, grain in (("by_patient", TABLE, "patient_id, start", 1024),
                                             ("by_code", BY_CODE, "code, domain, patient_id, start", 8192)):
            self._run(f"CREATE TABLE {table} ({', '.join(f'{name} {TYPES[name]}' for name in columns)}) ENGINE = MergeTree "
                      f"ORDER BY ({order}) SETTINGS index_granularity = {grain}")
        for folder in folders:
            for pattern, header in feeds(folder).values():
                structure = ", ".join(f"{name} {'Nullable(Date)' if name == 'end' else READ.get(name, 'String')}" for name in header)
                columns = ", ".join(_column(name, header, folder.name) for name in TABLE)
                self._run(f"INSERT INTO by_patient SELECT {columns} FROM file('{pattern}', 'CSVWithNames', '{structure}')")
        self._run(f"INSERT INTO by_code SELECT {', '.join(BY_CODE)} FROM by_patient")
        people = " UNION ALL ".join(f"SELECT * FROM file('{folder}/patients.csv', 'CSVWithNames', 'patient_id Int64, sex String, "
                                    "birth_year Int32, race String, state String, zip String')" for folder in folders)
        self._run("CREATE TABLE persons ENGINE = MergeTree ORDER BY patient_id AS SELECT patient_id, any(birth_year) AS birth_year, "
                  f"any(sex) AS sex FROM ({people}) GROUP BY patient_id")
        self._run("CREATE TABLE concepts ENGINE = MergeTree ORDER BY alias AS SELECT code, name, alias FROM "
                  f"file('{folders[0]}/codes.csv', 'CSVWithNames', 'vocabulary String, code Int32, name String, standard String, "
                  "class String, domain String, alias String')")
        self._run("CREATE TABLE hierarchy ENGINE = MergeTree ORDER BY ancestor AS SELECT toInt32(substring(ancestor, 6)) AS ancestor, "
                  "toInt32(substring(descendant, 6)) AS descendant FROM "
                  f"file('{folders[0]}/hierarchy.csv', 'CSVWithNames', 'ancestor String, descendant String')")
        for table in ("by_patient", "by_code"):
            self._run(f"OPTIMIZE TABLE {table} FINAL")
        return {}

    def rows(self, sql):
        return json.loads(self._run(sql).bytes())["data"]

    def timeline(self, patient):
        return self.rows(f"SELECT * FROM by_patient WHERE patient_id = {patient}")

    @staticmethod
    def days_and_codes(rows):
        import datetime
        start, code, epoch = TABLE.index("start"), TABLE.index("code"), datetime.date(1970, 1, 1)
        return [((datetime.date.fromisoformat(row[start]) - epoch).days, row[code]) for row in rows]


def bytes_of(size):
    """4GiB, 512M, 2GB as bytes."""
    units = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
    number = size.upper().rstrip("IB")
    unit = number[-1] if number[-1] in units else ""
    return int(float(number[:len(number) - len(unit)]) * units[unit])
