#!/usr/bin/env python3
"""Holds the SQL that `mak` writes equal to what `mak` computes from files, on engines that run.

    tests/engines/parity.py                                  DuckDB and SQLite, small tables
    tests/engines/parity.py --engines all                    every engine that this machine has
    tests/engines/parity.py --engines duckdb --rows 1000000  a million orders as well

It makes a virtual environment of its own, installs what the engines named need, loads the same rows
into files and tables, asks both the same question, and compares every measure, KPI, group and reason
digit by digit. It says what it ran and what it skipped, and exits 1 where anything differs.
"""

import argparse
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))

import scenarios  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", default="duckdb,sqlite", help="a list, or all: duckdb, sqlite, postgres, clickhouse, spark, spark-cluster, parsers, semantic")
    parser.add_argument("--mak", help="the binary; built and found by cargo when absent")
    parser.add_argument("--rows", type=int, default=2000, help="orders in the seeded shop (2000)")
    parser.add_argument("--venv", help="where the virtual environment is kept (target/engines)")
    return parser.parse_args()


def target():
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def enter_venv(options, engines):
    """Installs the packages of those engines and goes on inside the environment."""
    folder = pathlib.Path(options.venv or target() / "engines").resolve()
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    wanted = [str(HERE / f"requirements-{engine}.txt") for engine in engines]
    wanted = [file for file in wanted if os.path.exists(file)]
    stamp = folder / "installed.txt"
    installed = stamp.read_text().split() if stamp.exists() else []
    texts = {file: pathlib.Path(file).read_text() for file in wanted}
    missing = [file for file in wanted if f"{pathlib.Path(file).name}:{abs(hash_of(texts[file]))}" not in installed]
    if missing:
        flags = [flag for file in missing for flag in ("-r", file)]
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *flags], check=True)
        stamp.write_text("\n".join(installed + [f"{pathlib.Path(file).name}:{abs(hash_of(texts[file]))}" for file in missing]))
    if pathlib.Path(sys.prefix).resolve() != folder:
        os.environ["MAK_PARITY_STARTED"] = os.environ.get("MAK_PARITY_STARTED", str(time.time()))
        os.execv(python, [str(python), *sys.argv])


def hash_of(text):
    import zlib

    return zlib.crc32(text.encode())


def binary(options):
    if options.mak:
        return str(pathlib.Path(options.mak).resolve())
    subprocess.run(["cargo", "build", "--quiet", "--locked"], cwd=ROOT, check=True)
    return str(target().resolve() / "debug" / "mak")


def words(question):
    """The flags of a question; what stands behind a | is one word."""
    flags, *last = question.split("|", 1)
    return shlex.split(flags) + last


class Mak:
    """The binary, run in a folder with a mak.toml."""

    def __init__(self, path):
        self.path = path

    def __call__(self, folder, *words, input=None):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("MAK_")}
        done = subprocess.run([self.path, *words], cwd=folder, input=input, capture_output=True, env=environment)
        return done.returncode, done.stdout.decode(), done.stderr.decode()


def mapping(tables, prefix=""):
    """The mak.toml of these tables."""
    text = ""
    for kind, table in tables.items():
        columns = ", ".join(json.dumps(column(kind, name)) + " = " + json.dumps(name) for name, _ in table.columns)
        text += f"[source.{kind}]\ntable = {json.dumps(prefix + kind)}\ncolumns = {{ {columns} }}\n\n"
    return text


def column(kind, name):
    """Our id for a column that a plain file calls otherwise."""
    return {("deals", "deal_id"): "id"}.get((kind, name), name)


def essence(document):
    """What must be equal: measures and KPIs with all their digits, and why there is none."""

    def of(group):
        reasons = {id: (missing["code"], missing.get("needs")) for id, missing in group["unavailable"].items()}
        return {"by": group.get("by"), "measures": group["measures"], "kpis": group["kpis"], "unavailable": reasons}

    inputs = [(one["kind"], one["used"], one.get("from"), one.get("to")) for one in document["inputs"]]
    return {"total": of(document["total"]), "groups": [of(group) for group in document.get("groups", [])], "inputs": sorted(inputs, key=str)}


def difference(ours, theirs, path=""):
    """The first places where two values differ."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = []
        for key in {**ours, **theirs}:
            found += difference(ours.get(key), theirs.get(key), f"{path}/{key}")
        return found
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [line for index, pair in enumerate(zip(ours, theirs)) for line in difference(*pair, f"{path}/{index}")]
    return [] if ours == theirs else [f"{path}: files {ours}, engine {theirs}"]


class Parity:
    def __init__(self, mak):
        self.mak = mak
        self.compared = 0
        self.values = 0
        self.failures = []
        self.files = {}

    def of_files(self, name, folder, tables, question):
        """What the files give; asked once for all engines."""
        key = (name, question)
        if key not in self.files:
            files = [f"{kind}.csv" for kind in tables]
            code, out, error = self.mak(folder, "compute", "--no-config", *files, *words(question), "--format", "json")
            self.files[key] = (json.loads(out, parse_float=str, parse_int=str) if out.strip() else None, error, code)
        return self.files[key]

    def ask(self, engine, folder, question):
        code, query, error = self.mak(folder, "sql", "--dialect", engine.dialect, *words(question))
        if code != 0:
            return None, error
        try:
            answer = engine.run(query)
        except Exception as problem:  # noqa: BLE001 - any engine's error is a finding
            return None, f"{engine.name}: {problem}"
        code, out, error = self.mak(folder, "compute", "-", *words(question), "--format", "json", input=answer.encode())
        return (json.loads(out, parse_float=str, parse_int=str) if out.strip() else None), error

    def compare(self, engine, name, folder, tables, question):
        want, error, _ = self.of_files(name, folder, tables, question)
        got, problem = self.ask(engine, folder, question)
        self.compared += 1
        label = f"{engine.name}: {name}: {question or 'everything'}"
        if want is None or got is None:
            self.failures.append(f"{label}\n    files: {error.strip()[:1000]}\n    engine: {problem.strip()[:2000]}")
            return
        want, got = essence(want), essence(got)
        self.values += sum(len(group["measures"]) + len(group["kpis"]) for group in [want["total"], *want["groups"]])
        found = difference(want, got)
        if found:
            self.failures.append(label + "".join(f"\n    {line}" for line in found[:8]) + (f"\n    and {len(found) - 8} more" if len(found) > 8 else ""))

    def refused(self, engine, name, folder, question, reason):
        got, problem = self.ask(engine, folder, question)
        self.compared += 1
        if got is not None or reason not in problem:
            self.failures.append(f"{engine.name}: {name}: not refused as {reason}: {problem.strip()[:500]}")


def prepared(base, name, tables):
    folder = pathlib.Path(base) / name.replace(" ", "-")
    folder.mkdir()
    for kind, table in tables.items():
        (folder / f"{kind}.csv").write_text(table.csv(), encoding="utf-8")
    (folder / "mak.toml").write_text(mapping(tables), encoding="utf-8")
    return folder


def run_engine(engine, parity, sets, seeded):
    started = time.time()
    before = parity.compared
    for name, folder, tables, questions in sets:
        engine.load(folder, tables)
        for question in questions:
            parity.compare(engine, name, folder, tables, question)
    for name, folder, tables, question, reason in seeded["refused"]:
        engine.load(folder, tables)
        parity.refused(engine, name, folder, question, reason)
    engine.close()
    print(f"ran     {engine.name}: {parity.compared - before} questions in {time.time() - started:.0f} s ({engine.version})")


def main():
    options = arguments()
    import engines as known

    names = list(known.ALL) if options.engines == "all" else options.engines.split(",")
    unknown = [name for name in names if name not in known.ALL]
    if unknown:
        sys.exit(f"no engine is called {', '.join(unknown)}; there are {', '.join(known.ALL)}")
    enter_venv(options, names)
    mak = Mak(binary(options))
    parity = Parity(mak)
    with tempfile.TemporaryDirectory(prefix="parity-", ignore_cleanup_errors=True) as base:
        os.chmod(base, 0o755)
        sets = [(name, prepared(base, name, tables), tables, questions) for name, tables, questions in scenarios.ALL]
        shop = scenarios.seeded(options.rows)
        sets.append((f"{options.rows} orders", prepared(base, "seeded", shop), shop, scenarios.SEEDED_QUESTIONS))
        refused = [(name, prepared(base, name, tables), tables, question, reason) for name, tables, question, reason in scenarios.REFUSED]
        for name in names:
            try:
                engine = known.ALL[name](base, mak)
            except known.Missing as why:
                print(f"skipped {name}: {why}")
                continue
            if hasattr(engine, "check"):
                engine.check(parity, sets)
            else:
                run_engine(engine, parity, sets, {"refused": refused})
    for name in (name for name in known.ALL if name not in names):
        print(f"skipped {name}: not asked for")
    for failure in parity.failures:
        print(f"DIFFERS {failure}")
    print(f"{parity.compared} questions, {parity.values} values compared, {len(parity.failures)} differ")
    sys.exit(1 if parity.failures else 0)


if __name__ == "__main__":
    main()
