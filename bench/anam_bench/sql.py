# SPDX-License-Identifier: Apache-2.0
"""The same questions as SQL, for tables that peers/ describes, in the two dialects. Every query returns one row: patients, rows,
and the check that bench/probe/answers.cc computes over (patient, start, end)."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Dialect:
    name: str

    def number(self, date):
        """Days since 1970-01-01."""
        return f"({date} - DATE '1970-01-01')" if self.name == "duckdb" else f"toInt64(toInt32({date}))"

    def check(self, patient, a, b):
        return f"(({patient} % 1000000007 * 20011 + {a}) % 1000000007 * 20011 + {b}) % 1000000007"

    def total(self, expression):
        return f"CAST(coalesce(sum({expression}), 0) AS BIGINT)"


DUCKDB = Dialect("duckdb")
CLICKHOUSE = Dialect("clickhouse")
DIALECTS = {"duckdb": DUCKDB, "clickhouse": CLICKHOUSE}


def _answer(dialect, source, start, end):
    check = dialect.check("patient_id", dialect.number(start), dialect.number(end))
    return f"SELECT count(DISTINCT patient_id), count(*), {dialect.total(check)} FROM {source}"


def _events(table, code):
    return f"SELECT patient_id, start FROM {table} WHERE code = {code.number} AND domain = '{code.domain}'"


def two_codes(definition, dialect, table="by_code"):
    parts = [f"x AS (SELECT patient_id, min(start) AS day FROM ({_events(table, definition.x)}) AS e GROUP BY patient_id)"]
    last = "x"
    if definition.observed is not None:
        parts.append("o AS (SELECT DISTINCT x.patient_id AS patient_id, x.day AS day FROM x INNER JOIN (SELECT patient_id, start, stop FROM "
                     f"{table} WHERE domain = 'enrollment') AS p ON p.patient_id = x.patient_id "
                     f"WHERE p.start + {definition.observed} <= x.day AND x.day <= p.stop)")
        last = "o"
    if definition.unwanted:
        if dialect is DUCKDB:
            parts.append(f"w AS (SELECT * FROM {last} AS i WHERE NOT EXISTS (SELECT 1 FROM ({_events(table, definition.unwanted)}) AS z "
                         "WHERE z.patient_id = i.patient_id AND z.start < i.day))")
        else:  # no correlated subqueries: the first one tells
            parts.append(f"w AS (SELECT i.patient_id AS patient_id, i.day AS day FROM {last} AS i LEFT JOIN (SELECT patient_id, "
                         f"min(start) AS first FROM ({_events(table, definition.unwanted)}) AS e GROUP BY patient_id) AS z "
                         "ON z.patient_id = i.patient_id WHERE z.patient_id = 0 OR z.first >= i.day)")
        last = "w"
    near = f"y.start >= i.day + 1 AND y.start <= i.day + {definition.days}"
    if dialect is DUCKDB:
        parts.append(f"r AS (SELECT * FROM {last} AS i WHERE EXISTS (SELECT 1 FROM ({_events(table, definition.y)}) AS y "
                     f"WHERE y.patient_id = i.patient_id AND {near}))")
    else:
        parts.append(f"r AS (SELECT DISTINCT i.patient_id AS patient_id, i.day AS day FROM ({_events(table, definition.y)}) AS y "
                     f"INNER JOIN {last} AS i ON y.patient_id = i.patient_id WHERE {near})")
    return f"WITH {', '.join(parts)} {_answer(dialect, 'r', 'day', 'day')}"


def _below(*aliases):
    names = ", ".join(f"'{alias}'" for alias in aliases)
    return f"SELECT descendant FROM hierarchy WHERE ancestor IN (SELECT code FROM concepts WHERE alias IN ({names}))"


def protocol(dialect, table="by_code"):
    """definitions.PROTOCOL. Each step names the one before once: ClickHouse evaluates a WITH as often as it is named."""
    drugs = f"SELECT patient_id, start, stop, days_supply FROM {table} WHERE domain = 'drug' AND code IN ({_below('RxNorm:6809')})"
    supply = "CASE WHEN stop IS NOT NULL THEN stop WHEN days_supply > 0 THEN start + days_supply ELSE start + 1 END"
    # Patients of the last step who have an event in a window: joined, then made distinct, which both do well.
    near = ("SELECT DISTINCT i.patient_id AS patient_id, i.day AS day, i.period_end AS period_end FROM ({events}) AS e "
            "INNER JOIN {last} AS i ON e.patient_id = i.patient_id WHERE {window}")
    t2d = f"SELECT patient_id, start FROM {table} WHERE domain = 'condition' AND code IN (SELECT descendant FROM hierarchy WHERE ancestor = 201826)"
    insulin = (f"SELECT patient_id, min(start) AS first FROM {table} WHERE domain = 'drug' AND code IN ({_below('ATC:A10A')}) "
               "GROUP BY patient_id")
    a1c = (f"SELECT patient_id, start FROM {table} WHERE domain = 'measurement' AND value >= 6.5 "
           "AND code IN (SELECT code FROM concepts WHERE alias = 'LOINC:4548-4')")
    # What an outer join leaves empty is null in DuckDB and 0 in ClickHouse.
    absent = "({0}.patient_id IS NULL OR {0}.patient_id = 0)".format
    island = "PARTITION BY patient_id ORDER BY start, supplied ROWS BETWEEN UNBOUNDED PRECEDING AND"
    return f"""
WITH m AS (SELECT patient_id, start, {supply} AS supplied FROM ({drugs}) AS d),
x AS (SELECT patient_id, min(start) AS day FROM m GROUP BY patient_id),
o AS (SELECT x.patient_id AS patient_id, x.day AS day, max(p.stop) AS period_end FROM
      (SELECT patient_id, start, stop FROM {table} WHERE domain = 'enrollment') AS p INNER JOIN x ON p.patient_id = x.patient_id
      WHERE p.start + 180 <= x.day AND x.day <= p.stop GROUP BY x.patient_id, x.day),
t AS ({near.format(last='o', events=t2d, window='e.start >= i.day - 365 AND e.start <= i.day')}),
n AS (SELECT t.patient_id AS patient_id, t.day AS day, t.period_end AS period_end FROM t LEFT JOIN ({insulin}) AS e
      ON e.patient_id = t.patient_id WHERE {absent('e')} OR e.first >= t.day),
a AS (SELECT n.patient_id AS patient_id, n.day AS day, n.period_end AS period_end FROM n INNER JOIN persons AS p
      ON p.patient_id = n.patient_id WHERE extract(YEAR FROM n.day) - p.birth_year BETWEEN 18 AND 75),
u AS ({near.format(last='a', events=a1c, window='e.start >= i.day - 180 AND e.start <= i.day')}),
s AS (SELECT m.patient_id AS patient_id, u.day AS day, u.period_end AS period_end, m.start AS start, m.supplied AS supplied
      FROM m INNER JOIN u ON u.patient_id = m.patient_id),
b AS (SELECT *, max(supplied) OVER ({island} 1 PRECEDING) AS before, row_number() OVER ({island} CURRENT ROW) AS k FROM s),
g AS (SELECT *, sum(CASE WHEN k > 1 AND start > before + 30 THEN 1 ELSE 0 END) OVER ({island} CURRENT ROW) AS gaps FROM b),
f AS (SELECT patient_id, day, period_end, max(supplied) AS era_end FROM g WHERE gaps = 0 GROUP BY patient_id, day, period_end),
r AS (SELECT f.patient_id AS patient_id, f.day AS day, least(f.era_end, f.period_end, f.day + 1825,
      CASE WHEN {absent('d')} THEN DATE '2100-01-01' ELSE d.died END) AS last
      FROM f LEFT JOIN (SELECT patient_id, min(start) AS died FROM {table} WHERE domain = 'death' GROUP BY patient_id) AS d
      ON d.patient_id = f.patient_id)
{_answer(dialect, 'r', 'day', 'last')}"""


def count(code, table="by_code"):
    return f"SELECT count(DISTINCT patient_id), count(*) FROM {table} WHERE code = {code.number}"
