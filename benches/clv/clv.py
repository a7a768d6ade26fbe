#!/usr/bin/env python3
"""Measures the fit of BG/NBD to 23,570 customers: `mak` against the Python package lifetimes.

    cargo build --release && cargo bench --bench clv --no-run
    python3 benches/clv/clv.py FOLDER --bench target/release/deps/clv-… [--mak target/release/mak]
            [--log CDNOW_master.txt] [--rounds 15]

FOLDER receives the table of customers and a virtual environment with the packages of
requirements.txt. The customers are those of a log of purchases with fixed columns (customer, date as
19970101, number, money), as brucehardie.com publishes CDNOW's; without --log they are simulated from
known parameters, seed 20261123.

The two programs take turns within each round, and each round changes who begins. Two things are timed:

process     from the start of the program to its end: read the table of customers (id, frequency,
            recency, T), fit, print. `mak` also writes the probability of being alive of every customer.
processor   the processor time of that, which a busy machine changes least.
fit         inside a process, from the customers in memory to the parameters, reading excluded: the first
            fit of the process and the median of the four after it. `mak` sorts and merges its customers
            each time, and its fit includes the standard errors.

The parameters must agree to 1e-5 in every round. Printed are medians, the fastest round of each and the
median of the ratios within each round; only ratios mean anything on another machine.
"""

import argparse
import csv
import datetime
import json
import pathlib
import random
import resource
import statistics
import subprocess
import sys
import time
import venv

SEED = 20261123
CUSTOMERS = 23_570
TRUTH = {"r": 0.27, "alpha": 6.0, "a": 0.48, "b": 2.1}
FITS = 5

LIFETIMES = """
import json, sys, time
import pandas as pd
from lifetimes import BetaGeoFitter
table = pd.read_csv(sys.argv[1])
seconds = []
for _ in range(int(sys.argv[2])):
    started = time.perf_counter()
    fit = BetaGeoFitter().fit(table["frequency"], table["recency"], table["T"])
    seconds.append(time.perf_counter() - started)
print(json.dumps({"seconds": seconds, "parameters": {name: float(value) for name, value in fit.params_.items()}}))
"""


def of_log(path):
    """Days of purchase of each customer, reduced to frequency, recency and T in weeks."""
    days = {}
    with open(path) as lines:
        for line in lines:
            cells = line.split()
            if len(cells) == 4 and cells[1].isdigit():
                date = datetime.date(int(cells[1][:4]), int(cells[1][4:6]), int(cells[1][6:]))
                days.setdefault(cells[0], set()).add(date)
    end = max(max(dates) for dates in days.values())
    for customer, dates in days.items():
        first, last = min(dates), max(dates)
        yield customer, len(dates) - 1, (last - first).days / 7, (end - first).days / 7


def simulated():
    """Customers who join over twelve weeks and are seen for 66 to 78, by the model itself."""
    rng = random.Random(SEED)
    for customer in range(CUSTOMERS):
        age = 66 + (customer % 84) / 7
        rate = rng.gammavariate(TRUTH["r"], 1 / TRUTH["alpha"])
        leave = rng.betavariate(TRUTH["a"], TRUTH["b"])
        frequency, last, now = 0, 0.0, 0.0
        while True:
            now += rng.expovariate(rate) if rate > 0 else age
            # Purchases of a day are one, as in a log.
            day = round(now * 7) / 7
            if now >= age or day > age:
                break
            if day > last:
                frequency, last = frequency + 1, day
            if rng.random() < leave:
                break
        yield customer, frequency, last, age


def prepare(folder, log):
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / "customers.csv"
    with open(table, "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["customer_id", "frequency", "recency", "T"])
        writer.writerows(of_log(log) if log else simulated())
    environment = folder / "venv"
    python = environment / "bin" / "python"
    if not python.exists():
        venv.create(environment, with_pip=True)
        requirements = pathlib.Path(__file__).with_name("requirements.txt")
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", requirements], check=True)
    script = folder / "fit.py"
    script.write_text(LIFETIMES)
    return table, [str(python), str(script), str(table)]


def timed(command):
    """Seconds on the wall, seconds of processor time, and what was printed."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    took, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took, used, json.loads(out)


def agree(one, other):
    for name, value in one.items():
        if abs(value / other[name] - 1) > 1e-5:
            sys.exit(f"{name}: {value} against {other[name]}: the fits disagree, nothing is compared")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--mak", default="target/release/mak")
    parser.add_argument("--bench", required=True)
    parser.add_argument("--log", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    table, lifetimes = prepare(asked.folder, asked.log)
    mak = [asked.mak, "clv", "--no-config", str(table), "--model", "bg-nbd", "--format", "json"]

    whole = {"mak": lambda: timed(mak), "lifetimes": lambda: timed([*lifetimes, "1"])}
    inside = {
        "mak": lambda: timed([asked.bench, str(table), str(FITS)]),
        "lifetimes": lambda: timed([*lifetimes, str(FITS)]),
    }
    seconds = {what: {"mak": [], "lifetimes": []} for what in ("process", "processor", "first fit", "later fits")}
    for number in range(asked.rounds):
        order = ["mak", "lifetimes"] if number % 2 == 0 else ["lifetimes", "mak"]
        found = {}
        for who in order:
            took, used, document = whole[who]()
            seconds["process"][who].append(took)
            seconds["processor"][who].append(used)
            found[who] = document["fit"]["parameters"] if who == "mak" else document["parameters"]
        agree(found["mak"], found["lifetimes"])
        for who in order:
            _, _, document = inside[who]()
            first, *later = document["seconds"]
            seconds["first fit"][who].append(first)
            seconds["later fits"][who].append(statistics.median(later))
            found[who] = document["parameters"]
        agree(found["mak"], found["lifetimes"])

    with open(table) as lines:
        customers = sum(1 for _ in lines) - 1
    print(f"BG/NBD, {customers:,} customers, {asked.rounds} rounds; milliseconds, median (fastest)")
    for what, times in seconds.items():
        ratios = sorted(other / own for own, other in zip(times["mak"], times["lifetimes"]))
        cells = [f"{who} {statistics.median(times[who]) * 1e3:9.2f} ({min(times[who]) * 1e3:.2f})" for who in times]
        spread = f"{ratios[0]:.1f} to {ratios[-1]:.1f}"
        print(f"  {what:<10}  {cells[0]}   {cells[1]}   ratio {statistics.median(ratios):.1f} ({spread})")


if __name__ == "__main__":
    main()
