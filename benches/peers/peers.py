#!/usr/bin/env python3
"""Measures `mak` against DuckDB, Polars and `wc -l` on two generated files of 1 GB.

    python3 benches/peers/peers.py FOLDER [--mak target/release/mak] [--rounds 7] [--share 1.0]

FOLDER receives the data (generated once, seed 20261123) and a virtual environment with the
packages of requirements.txt beside this script. Each question is first asked of every program, and
the answers must agree to the last digit (Polars adds floats and is compared rounded to cents). Then
the programs take turns (A B C A B C ...), and medians of wall time, processor time and peak memory
are printed, with the median of the ratios within each round. Only ratios mean anything on another
machine. Every program is a process of its own that reads a file in the page cache and uses two
threads. `--share 0.1` generates a tenth of the rows.
"""

import argparse
import csv
import decimal
import json
import os
import pathlib
import platform
import random
import resource
import statistics
import subprocess
import sys
import time
import venv

SEED = 20261123
THREADS = 2
CAMPAIGN_ROWS = 12_000_000
REVENUE_ROWS = 22_000_000
CHANNELS = ["email", "search", "social", "display", "affiliate", "sms"]
MEASURES = ["sent", "delivered", "opens", "clicks", "bounces", "unsubscribes", "conversions", "spend", "revenue"]
SUMS = ["sent", "delivered", "opens", "clicks", "bounces", "unsubscribes", "spend", "revenue"]


def campaigns(path, rows):
    """Rows of twelve columns; one name in a hundred is quoted and has a comma."""
    rng = random.Random(SEED)
    names = []
    for number in range(5_000):
        name = f"{rng.choice(['Spring', 'Summer', 'Winter', 'Welcome', 'Winback'])} {rng.choice(['sale', 'news', 'offer'])} {number}"
        names.append(f'"{name}, part 2"' if number % 100 == 0 else name)
    months = [f"{2024 + month // 12}-{month % 12 + 1:02}" for month in range(24)]
    pick = rng.random
    with open(path, "w", newline="", buffering=1 << 22) as out:
        out.write("campaign,channel,date," + ",".join(MEASURES) + "\n")
        lines = []
        for row in range(rows):
            sent = 1_000 + int(pick() * 90_000)
            bounces = sent // 50 + int(pick() * 20)
            delivered = sent - bounces
            opens = int(delivered * pick() * 0.6)
            clicks = int(opens * pick() * 0.4)
            lines.append(
                f"{names[int(pick() * 5_000)]},{CHANNELS[int(pick() * 6)]},{months[int(pick() * 24)]}-{1 + int(pick() * 28):02},{sent},{delivered},"
                f"{opens},{clicks},{bounces},{int(pick() * 40)},{int(clicks * pick() * 0.2)},{int(pick() * 1_000_000) / 100:.2f},"
                f"{int(pick() * 5_000_000) / 100:.2f}\n"
            )
            if len(lines) == 50_000:
                out.write("".join(lines))
                lines.clear()
        out.write("".join(lines))


def revenue(path, rows):
    """A row an order, of customers some of whom come back."""
    rng = random.Random(SEED + 1)
    pick = rng.random
    customers = max(1, rows * 3 // 22)
    days = [f"{2024 + month // 12}-{month % 12 + 1:02}-{day:02}" for month in range(24) for day in range(1, 29)]
    with open(path, "w", newline="", buffering=1 << 22) as out:
        out.write("customer_id,order_id,date,amount,channel\n")
        lines = []
        for row in range(rows):
            lines.append(
                f"C{1_000_000 + int(pick() * customers)},{100_000_000 + row},{days[int(pick() * len(days))]},"
                f"{int(pick() * 50_000) / 100 + 1:.2f},{CHANNELS[int(pick() * 6)]}\n"
            )
            if len(lines) == 50_000:
                out.write("".join(lines))
                lines.clear()
        out.write("".join(lines))


SQL_TYPES = {"campaigns": "{" + ", ".join(
    [f"'{name}': 'VARCHAR'" for name in ("campaign", "channel")] + ["'date': 'DATE'"]
    + [f"'{name}': 'BIGINT'" for name in MEASURES[:7]] + ["'spend': 'DECIMAL(18,2)'", "'revenue': 'DECIMAL(18,2)'"]) + "}",
    "revenue": "{'customer_id': 'VARCHAR', 'order_id': 'VARCHAR', 'date': 'DATE', 'amount': 'DECIMAL(18,2)', 'channel': 'VARCHAR'}"}

DUCKDB = """
import duckdb, sys
con = duckdb.connect(config={{'threads': {threads}, 'preserve_insertion_order': False}})
con.execute(\"\"\"copy ({query}) to '{out}' (header true)\"\"\")
"""

POLARS = """
import os
os.environ['POLARS_MAX_THREADS'] = '{threads}'
import polars as pl
lazy = pl.scan_csv('{file}', schema_overrides={{'date': pl.String, 'customer_id': pl.String, 'order_id': pl.String}})
{query}.collect(engine='streaming').write_csv('{out}')
"""


def questions(folder):
    campaigns_csv, revenue_csv = folder / "campaigns.csv", folder / "revenue.csv"
    table = lambda file, kind: f"read_csv('{file}', header=true, delim=',', quote='\"\"', columns={SQL_TYPES[kind]})".replace("'\"\"'", "'\"'")
    sums = ", ".join(f"sum({name}) as {name}" for name in SUMS)
    floats = ", ".join(f"pl.col('{name}').sum()" for name in SUMS)
    kpis = ",".join(SUMS)
    return {
        "8 sums by channel": dict(
            file=campaigns_csv, keys=["channel"], values=SUMS,
            mak=["--by", "channel", "--kpi", kpis],
            duckdb=f"select channel, {sums} from {table(campaigns_csv, 'campaigns')} group by all",
            polars=f"lazy.group_by('channel').agg({floats})",
        ),
        "by campaign and month": dict(
            file=campaigns_csv, keys=["campaign", "month"], values=SUMS,
            mak=["--by", "campaign,month", "--kpi", kpis],
            duckdb=f"select campaign, strftime(date, '%Y-%m') as month, {sums} from {table(campaigns_csv, 'campaigns')} group by all",
            polars=f"lazy.with_columns(pl.col('date').str.slice(0, 7).alias('month')).group_by('campaign', 'month').agg({floats})",
        ),
        "customers": dict(
            file=revenue_csv, keys=[], values=["customers", "repeat_customers", "repeat_revenue", "revenue"],
            mak=["--kpi", "customers,repeat_customers,repeat_revenue,revenue"],
            duckdb="select count(*) as customers, count(*) filter (n >= 2) as repeat_customers, sum(total) filter (n >= 2) as repeat_revenue, "
            f"sum(total) as revenue from (select customer_id, count(*) as n, sum(amount) as total from {table(revenue_csv, 'revenue')} group by all)",
            polars="lazy.group_by('customer_id').agg(pl.len().alias('n'), pl.col('amount').sum().alias('total')).select("
            "pl.len().alias('customers'), (pl.col('n') >= 2).sum().alias('repeat_customers'), "
            "pl.col('total').filter(pl.col('n') >= 2).sum().alias('repeat_revenue'), pl.col('total').sum().alias('revenue'))",
        ),
    }


def commands(folder, python, mak, question):
    asked = questions(folder)[question]
    out = {name: folder / f"answer.{name}" for name in ("mak", "duckdb", "polars", "wc")}
    fill = dict(threads=THREADS, file=asked["file"])
    return asked, out, {
        "mak": [mak, "compute", str(asked["file"]), *asked["mak"], "--threads", str(THREADS), "--format", "ndjson", "-o", str(out["mak"])],
        "duckdb": [python, "-c", DUCKDB.format(query=asked["duckdb"], out=out["duckdb"], **fill)],
        "polars": [python, "-c", POLARS.format(query=asked["polars"], out=out["polars"], **fill)],
        "wc": ["wc", "-l", str(asked["file"])],
    }


def run(command):
    """Wall seconds, processor seconds and peak memory in MiB of a process."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} failed: {error.decode()[-2000:]}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def mak_answer(path, keys, values):
    answer = {}
    for line in path.read_text().splitlines():
        document = json.loads(line, parse_float=decimal.Decimal, parse_int=decimal.Decimal)
        by = document.get("by")
        if bool(keys) != bool(by) or "measures" not in document:
            continue
        measures = document["measures"]
        answer[tuple(by[key] for key in keys) if keys else ()] = [measures[value] for value in values]
    return answer


def csv_answer(path, keys, values):
    with open(path, newline="") as file:
        return {tuple(row[key] for key in keys): [decimal.Decimal(row[value]) for value in values] for row in csv.DictReader(file)}


def agree(asked, out):
    keys, values = asked["keys"], asked["values"]
    ours, exact, floats = (mak_answer(out["mak"], keys, values), csv_answer(out["duckdb"], keys, values), csv_answer(out["polars"], keys, values))
    if ours != exact:
        different = [key for key in exact if ours.get(key) != exact[key]][:3]
        sys.exit(f"mak and DuckDB differ, as in {[(key, ours.get(key), exact[key]) for key in different]}")
    cents = lambda answer: {key: [value.quantize(decimal.Decimal("0.01")) for value in row] for key, row in answer.items()}
    return cents(floats) == cents(exact)


def agree_in_a_child(asked, out):
    """In a process of its own: the peak of a program's memory begins with that of its parent."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if agree(asked, out) else 3)
        except SystemExit as different:
            print(different, file=sys.stderr)
            os._exit(1)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 3):
        sys.exit("the answers differ")
    return code == 0


def environment(folder):
    home = folder / "venv"
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", pathlib.Path(__file__).with_name("requirements.txt")], check=True)
    return str(python)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--mak", default="target/release/mak")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--only", help="a part of the question's name")
    options = parser.parse_args()
    folder = options.folder.resolve() / f"share-{options.share:g}"
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows, write in [("campaigns", CAMPAIGN_ROWS, campaigns), ("revenue", REVENUE_ROWS, revenue)]:
        path = folder / f"{name}.csv"
        if not path.exists():
            print(f"generating {path}", file=sys.stderr)
            write(path.with_suffix(".part"), int(rows * options.share))
            path.with_suffix(".part").rename(path)
    python = environment(options.folder.resolve())
    versions = subprocess.run([python, "-c", "import duckdb, polars; print('DuckDB', duckdb.__version__, '· Polars', polars.__version__)"],
                              capture_output=True, text=True, check=True).stdout.strip()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"{platform.machine()}, {os.cpu_count()} processors, {memory:.0f} GiB, {platform.system()} · {versions} · share {options.share:g} · {options.rounds} rounds · seed {SEED}\n")
    print("| question | program | wall s | processor s | peak MiB | mak's wall as a share of it | mak's processor time |")
    print("|---|---|---|---|---|---|---|")
    for question in questions(folder):
        if options.only and options.only not in question:
            continue
        asked, out, programs = commands(folder, python, options.mak, question)
        for command in programs.values():
            run(command)
        exact_floats = agree_in_a_child(asked, out)
        runs = {name: [] for name in programs}
        for _ in range(options.rounds):
            for name, command in programs.items():
                runs[name].append(run(command))
        for name, measured in runs.items():
            wall, cpu, memory = (statistics.median(values) for values in zip(*measured))
            ratio = statistics.median(ours[0] / theirs[0] for ours, theirs in zip(runs["mak"], measured))
            work = statistics.median(ours[1] / theirs[1] for ours, theirs in zip(runs["mak"], measured))
            note = " (rounds differently)" if name == "polars" and not exact_floats else ""
            print(f"| {question} | {name}{note} | {wall:.3f} | {cpu:.3f} | {memory:.0f} | {ratio:.3f} | {work:.3f} |", flush=True)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
