"""The engines: each loads tables, runs a query, and returns the answer as CSV."""

import csv
import io
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import time


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


class Postgres:
    """A server of its own on a socket in the temporary folder, asked by psql."""

    name = dialect = "postgres"
    types = {"text": "TEXT", "int": "BIGINT", "decimal": "NUMERIC", "date": "DATE", "timestamp": "TIMESTAMP"}

    def __init__(self, base, _mak):
        found = [shutil.which(name) for name in ("initdb", "postgres", "psql")]
        if None in found:
            raise Missing("initdb, postgres and psql are not all there")
        self.initdb, self.server, self.psql = found
        self.folder = pathlib.Path(base) / "postgres"
        self.folder.mkdir()
        self.user = None
        if os.getuid() == 0:
            # The server does not run as root.
            try:
                import pwd

                pwd.getpwnam("postgres")
            except KeyError:
                raise Missing("run as root, and there is no user postgres") from None
            self.user = "postgres"
            shutil.chown(self.folder, "postgres")
        subprocess.run([self.initdb, "-D", self.folder / "data", "-U", "mak", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"], check=True, capture_output=True, user=self.user, cwd=self.folder)
        command = [self.server, "-D", self.folder / "data", "-k", self.folder, "-c", "listen_addresses=", "-c", "fsync=off"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=self.user, cwd=self.folder)
        self.version = subprocess.run([self.server, "--version"], capture_output=True, text=True).stdout.strip()
        for _ in range(100):
            if subprocess.run(self.client("-c", "SELECT 1"), capture_output=True).returncode == 0:
                return
            time.sleep(0.1)
        raise Missing("the server did not start")

    def client(self, *words):
        return [self.psql, "--no-psqlrc", "--quiet", "--csv", "--set=ON_ERROR_STOP=1", "-h", str(self.folder), "-U", "mak", "postgres", *words]

    def load(self, folder, tables):
        script = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n"
        for kind, table in tables.items():
            columns = ", ".join(f"{quoted(name)} {self.types[type]}" for name, type in table.columns)
            script += f"CREATE TABLE {quoted(kind)} ({columns});\n\\copy {quoted(kind)} FROM '{folder}/{kind}.csv' (FORMAT csv, HEADER)\n"
        subprocess.run(self.client(), input=script, text=True, check=True, capture_output=True)

    def run(self, query):
        done = subprocess.run(self.client(), input=query, text=True, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip()[:1000])
        return done.stdout

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=30)


class ClickHouse:
    """The engine inside this process."""

    name = dialect = "clickhouse"
    types = {"text": "Nullable(String)", "int": "Nullable(Int64)", "decimal": "Nullable(Decimal(18, 6))", "date": "Nullable(Date32)", "timestamp": "Nullable(DateTime64(0, 'UTC'))"}

    def __init__(self, base, _mak):
        try:
            import chdb
            from chdb import session
        except ImportError as why:
            raise Missing(f"chdb cannot be imported: {why}") from None
        self.version = f"chdb {chdb.__version__}"
        self.session = session.Session(str(pathlib.Path(base) / "clickhouse"))
        self.session.query("CREATE DATABASE IF NOT EXISTS shop ENGINE = Atomic")
        self.session.query("USE shop")

    def load(self, folder, tables):
        for kind in ("campaigns", "orders", "leads", "deals", "social", "answers", "web", "ads", "customers"):
            self.session.query(f"DROP TABLE IF EXISTS shop.`{kind}` SYNC")
        for kind, table in tables.items():
            columns = ", ".join(f"`{name}` {self.types[type]}" for name, type in table.columns)
            self.session.query(f"CREATE TABLE shop.`{kind}` ({columns}) ENGINE = MergeTree ORDER BY tuple()")
            structure = columns.replace("\\", "\\\\").replace("'", "\\'")
            settings = "input_format_csv_empty_as_default = 1, input_format_null_as_default = 1, format_csv_null_representation = ''"
            self.session.query(f"INSERT INTO shop.`{kind}` SELECT * FROM file('{folder}/{kind}.csv', 'CSVWithNames', '{structure}') SETTINGS {settings}")

    def run(self, query):
        return self.session.query(query, "CSVWithNames").bytes().decode()

    def close(self):
        self.session.close()


class Spark:
    """Spark in this process, on two threads of this machine."""

    name = dialect = "spark"
    types = {"text": "STRING", "int": "BIGINT", "decimal": "DECIMAL(18, 6)", "date": "DATE", "timestamp": "TIMESTAMP_NTZ"}
    master = "local[2]"

    def __init__(self, base, _mak):
        self.base = pathlib.Path(base)
        if not shutil.which("java"):
            raise Missing("there is no java")
        try:
            from pyspark.sql import SparkSession
        except ImportError as why:
            raise Missing(f"pyspark cannot be imported: {why}") from None
        self.start()
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        builder = SparkSession.builder.master(self.master).appName("parity").config("spark.ui.enabled", "false")
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
        builder = builder.config("spark.sql.shuffle.partitions", "4").config("spark.sql.session.timeZone", "Asia/Bangkok")
        builder = builder.config("spark.sql.warehouse.dir", str(self.base / "warehouse")).config("spark.driver.extraJavaOptions", f"-Dderby.system.home={base}")
        self.spark = builder.getOrCreate()
        self.spark.sparkContext.setLogLevel("ERROR")
        self.version = f"Spark {self.spark.version}, {self.spark.sparkContext.master}"
        self.known = []

    def start(self):
        pass

    def load(self, folder, tables):
        for kind in self.known:
            self.spark.catalog.dropTempView(kind)
        self.known = list(tables)
        for kind, table in tables.items():
            schema = ", ".join(f"`{name}` {self.types[type]}" for name, type in table.columns)
            reader = self.spark.read.schema(schema).option("header", True).option("quote", '"').option("escape", '"')
            # A comma in quotes and a backslash are themselves; a blank is no value.
            reader.option("multiLine", True).option("mode", "FAILFAST").csv(f"file://{folder}/{kind}.csv").createOrReplaceTempView(kind)

    def run(self, query):
        found = self.spark.sql(query)
        return as_csv(found.columns, [tuple(row) for row in found.collect()])

    def close(self):
        self.spark.stop()


class SparkCluster(Spark):
    """A standalone cluster on the loopback: a master and two workers in processes of their own."""

    name = "spark-cluster"
    master = "spark://127.0.0.1:17077"

    def start(self):
        import pyspark

        home = pathlib.Path(pyspark.__file__).parent
        environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1"}
        run = [str(home / "bin" / "spark-class")]
        master = [*run, "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", "17077", "--webui-port", "18080"]
        self.processes = [self.process(master, environment, "master")]
        time.sleep(6)
        for number in (1, 2):
            worker = [*run, "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--webui-port", str(18080 + number), "-c", "1", "-m", "1g", "-d", str(self.base / f"worker-{number}"), self.master]
            self.processes.append(self.process(worker, environment, f"worker-{number}"))
        time.sleep(6)

    def process(self, command, environment, name):
        log = open(self.base / f"spark-{name}.log", "w")  # noqa: SIM115 - open as long as the process
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)

    def close(self):
        workers = self.spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1
        self.version += f", {workers} workers that ran something"
        self.spark.stop()
        for process in reversed(self.processes):
            process.terminate()
            process.wait(timeout=30)


class Parsers:
    """No engine: what sqlglot makes of the queries for engines that are not here."""

    dialects = ["bigquery", "snowflake", "redshift", "trino", "databricks", "duckdb", "postgres", "sqlite", "clickhouse", "spark"]

    def __init__(self, _base, mak):
        try:
            import sqlglot
        except ImportError as why:
            raise Missing(f"sqlglot cannot be imported: {why}") from None
        self.sqlglot, self.mak = sqlglot, mak

    def check(self, parity, sets):
        count = 0
        for dialect in self.dialects:
            for name, folder, _, questions in sets:
                for question in questions:
                    code, query, error = self.mak(folder, "sql", "--dialect", dialect, *words(question))
                    count += 1
                    try:
                        statements = self.sqlglot.parse(query, read=dialect)
                        assert code == 0 and len(statements) == 1 and isinstance(statements[0], self.sqlglot.exp.Select), error
                    except Exception as problem:  # noqa: BLE001 - whatever the parser says
                        parity.failures.append(f"sqlglot {dialect}: {name}: {question}: {str(problem)[:500]}")
        parity.compared += count
        print(f"ran     parsers: {count} queries of {len(self.dialects)} dialects parsed by sqlglot {self.sqlglot.__version__}; syntax only")


def words(question):
    from parity import words as split

    return split(question)


ALL = {
    "duckdb": DuckDb,
    "duckdb-doubles": DuckDbDoubles,
    "sqlite": Sqlite,
    "postgres": Postgres,
    "clickhouse": ClickHouse,
    "spark": Spark,
    "spark-cluster": SparkCluster,
    "parsers": Parsers,
}
