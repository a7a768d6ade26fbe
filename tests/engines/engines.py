"""The engines: each loads tables, runs a query, and returns the answer as CSV."""

import csv
import io
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys


class Missing(Exception):
    """The machine has no such engine."""


def bin_of_venv(name):
    return pathlib.Path(sys.prefix) / "bin" / name


def as_csv(header, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([["" if cell is None else cell for cell in row] for row in rows])
    return out.getvalue()


def quoted(name, mark='"'):
    return mark + name.replace(mark, mark + mark) + mark


class DuckDb:
    """The command-line client over a database file; amounts as decimals."""

    name = dialect = "duckdb"
    types = {"text": "VARCHAR", "int": "BIGINT", "decimal": "DECIMAL(18, 4)", "date": "DATE", "timestamp": "TIMESTAMP"}

    def __init__(self, base, _mak):
        self.client = bin_of_venv("duckdb")
        if not self.client.exists():
            raise Missing("duckdb-cli is not installed")
        self.base = pathlib.Path(base)
        self.version = subprocess.run([self.client, "--version"], capture_output=True, text=True).stdout.strip()
        self.number = 0

    def load(self, folder, tables):
        self.number += 1
        self.file = self.base / f"{self.name}-{self.number}.db"
        script = ""
        for kind, table in tables.items():
            columns = ", ".join(f"{quoted(name)} {self.types[type]}" for name, type in table.columns)
            script += f"CREATE TABLE {quoted(kind)} ({columns});\n"
            script += f"COPY {quoted(kind)} FROM '{folder}/{kind}.csv' (HEADER, DELIMITER ',', QUOTE '\"', ESCAPE '\"', NULLSTR '');\n"
        subprocess.run([self.client, "-bail", self.file], input=script, text=True, check=True, capture_output=True)

    def run(self, query):
        done = subprocess.run([self.client, "-csv", "-bail", self.file], input=query, text=True, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip()[:1000])
        return done.stdout

    def close(self):
        pass


class DuckDbDoubles(DuckDb):
    """The same, with amounts in doubles, as tables made straight from CSV have them."""

    name = "duckdb-doubles"
    types = {**DuckDb.types, "decimal": "DOUBLE"}


class Sqlite:
    """Everything is text, as `.import` leaves it."""

    name = dialect = "sqlite"
    types = {}

    def __init__(self, _base, _mak):
        self.version = sqlite3.sqlite_version
        self.db = None

    def load(self, _folder, tables):
        self.db = sqlite3.connect(":memory:")
        for kind, table in tables.items():
            columns = ", ".join(f"{quoted(name)} {self.types.get(type, 'TEXT')}" for name, type in table.columns)
            self.db.execute(f"CREATE TABLE {quoted(kind)} ({columns})")
            marks = ", ".join("?" for _ in table.columns)
            self.db.executemany(f"INSERT INTO {quoted(kind)} VALUES ({marks})", [["" if cell is None else cell for cell in row] for row in table.rows])

    def run(self, query):
        found = self.db.execute(query)
        return as_csv([column[0] for column in found.description], found.fetchall())

    def close(self):
        self.db.close()


ALL = {"duckdb": DuckDb, "duckdb-doubles": DuckDbDoubles, "sqlite": Sqlite}
