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


class Semantic:
    """No engine: the manifest of `mak export`, read and validated by the parser that dbt and MetricFlow use."""

    def __init__(self, base, mak):
        try:
            from dbt_semantic_interfaces.parsing.dir_to_model import parse_directory_of_yaml_files_to_semantic_manifest as parse
            from dbt_semantic_interfaces.validations.semantic_manifest_validator import SemanticManifestValidator
        except ImportError as why:
            raise Missing(f"dbt-semantic-interfaces cannot be imported: {why}") from None
        self.parse, self.validator = parse, SemanticManifestValidator
        self.base, self.mak = pathlib.Path(base), mak

    def check(self, parity, sets):
        spine = "project_configuration:\n  time_spines:\n    - node_relation:\n        alias: days\n        schema_name: public\n      primary_column:\n        name: day\n        time_granularity: day\n"
        metrics = 0
        names = ("by hand", "web", "social", "leads and deals", "no refunds")
        for name, folder, _, _ in [one for one in sets if one[0] in names]:
            place = self.base / f"manifest-{name.replace(' ', '-')}"
            place.mkdir()
            (place / "spine.yaml").write_text(spine)
            code, out, error = self.mak(folder, "export")
            (place / "mak.yaml").write_text(out)
            parity.compared += 1
            try:
                manifest = self.parse(str(place)).semantic_manifest
                errors = self.validator().validate_semantic_manifest(manifest).errors
                metrics += len(manifest.metrics)
                if code != 0 or errors:
                    parity.failures.append(f"semantic: {name}: {error[:300]} {[one.message for one in errors][:3]}")
            except Exception as problem:  # noqa: BLE001 - whatever the parser says
                parity.failures.append(f"semantic: {name}: {str(problem)[:500]}")
        print(f"ran     semantic: {metrics} metrics of {len(names)} manifests read and validated by dbt-semantic-interfaces")


# Ten KPIs by hand on DuckDB: plain queries of whoever would write them, over the tables as they are.
CHECKS = {
    "open_rate": "SELECT SUM(opens), SUM(delivered) FROM campaigns",
    "delivery_rate": "SELECT SUM(delivered), SUM(sent) FROM campaigns",
    "aov": "SELECT SUM(amount) - SUM(COALESCE(ABS(refunded), 0)), COUNT(DISTINCT order_id) FILTER (amount >= 0) + COUNT(*) FILTER (order_id IS NULL AND amount >= 0) FROM orders",
    "repeat_purchase_rate": "SELECT COUNT(*) FILTER (n >= 2), COUNT(*) FROM (SELECT customer_id, COUNT(DISTINCT order_id) + COUNT(*) FILTER (order_id IS NULL) AS n FROM orders WHERE amount >= 0 AND customer_id IS NOT NULL GROUP BY customer_id)",
    "arpu": "SELECT SUM(amount) - SUM(COALESCE(ABS(refunded), 0)), (SELECT COUNT(DISTINCT customer_id) FROM orders WHERE amount >= 0) FROM orders",
    "lead_conversion_rate": "SELECT COUNT(won_at), COUNT(*) FROM leads",
    "lead_to_mql_rate": "SELECT COUNT(*) FILTER (COALESCE(mql_at, sql_at, won_at) IS NOT NULL), COUNT(*) FROM leads",
    "mql_to_sql_rate": "SELECT COUNT(*) FILTER (COALESCE(sql_at, won_at) IS NOT NULL), COUNT(*) FILTER (COALESCE(mql_at, sql_at, won_at) IS NOT NULL) FROM leads",
    "follow_up_within_1h": "SELECT COUNT(*) FILTER (first_response_at - created <= INTERVAL 1 HOUR), COUNT(*) FROM leads",
    "cpl": "SELECT (SELECT SUM(spend) FROM campaigns), (SELECT COUNT(*) FROM leads)",
}


class Checks(DuckDb):
    """Queries written by hand beside those of `mak`."""

    name = "checks"

    def check(self, parity, sets):
        import json
        from fractions import Fraction

        for name, folder, tables, _ in [one for one in sets if one[0] == "by hand" or one[0].endswith(" orders")]:
            self.load(folder, tables)
            _, query, _ = self.mak(folder, "sql", "--dialect", "duckdb", "--kpi", ",".join(CHECKS))
            _, out, _ = self.mak(folder, "compute", "-", "--kpi", ",".join(CHECKS), "--format", "json", input=self.run(query).encode())
            kpis = json.loads(out, parse_float=str, parse_int=str)["total"]["kpis"]
            for kpi, query in CHECKS.items():
                above, below = list(csv.reader(io.StringIO(self.run(query))))[1]
                got = kpis.get(kpi, {})
                parity.compared += 1
                parity.values += 1
                same = got and Fraction(got["numerator"]) / Fraction(got["denominator"]) == Fraction(above) / Fraction(below)
                if not same:
                    parity.failures.append(f"checks: {name}: {kpi}: by hand {above} / {below}, mak {got}")
        print(f"ran     checks: {len(CHECKS)} KPIs by hand on DuckDB")

    def __init__(self, base, mak):
        super().__init__(base, mak)
        self.mak = mak


class Parts:
    """No engine: each table in parts, each part to measures, and the measures added up."""

    def __init__(self, _base, mak):
        self.mak = mak

    def check(self, parity, sets):
        from parity import difference, essence

        count = 0
        for name, folder, tables, questions in sets:
            if not any(table.rows for table in tables.values()):
                continue
            for question in questions:
                flags = [word for word in words(question)]
                files = []
                for number in range(3):
                    # Every third row, so that orders, leads and customers are in several parts.
                    place = folder / f"part-{number}"
                    place.mkdir(exist_ok=True)
                    inputs = []
                    for kind, table in tables.items():
                        rows = table.rows[number::3]
                        (place / f"{kind}.csv").write_text(type(table)(table.columns, rows).csv(), encoding="utf-8")
                        inputs.append(f"part-{number}/{kind}.csv")
                    code, out, error = self.mak(folder, "compute", "--no-config", *inputs, *flags, "--emit", "measures", "-o", f"part-{number}.json")
                    if code != 0:
                        break
                    files.append(f"part-{number}.json")
                count += 1
                label = f"parts: {name}: {question or 'everything'}"
                if len(files) < 3:
                    if "is a level" not in error:
                        parity.failures.append(f"{label}\n    {error.strip()[:500]}")
                    continue
                want, _, _ = parity.of_files(name, folder, tables, question)
                _, out, error = self.mak(folder, "compute", "--no-config", *files, *flags, "--format", "json")
                import json

                got = json.loads(out, parse_float=str, parse_int=str) if out.strip() else None
                if got is None or want is None:
                    parity.failures.append(f"{label}\n    {error.strip()[:500]}")
                    continue
                parity.values += sum(len(group["measures"]) + len(group["kpis"]) for group in [want["total"], *want.get("groups", [])])
                found = difference(essence(want), essence(got))
                if found:
                    parity.failures.append(label + "".join(f"\n    {line}" for line in found[:8]))
        parity.compared += count
        print(f"ran     parts: {count} questions over tables in three parts each")


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
    "parts": Parts,
    "semantic": Semantic,
    "checks": Checks,
}
