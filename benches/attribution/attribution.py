#!/usr/bin/env python3
"""Measures attribution of one million touches: `mak` against the Python package ChannelAttribution.

    cargo build --release
    python3 benches/attribution/attribution.py FOLDER [--mak target/release/mak] [--rounds 7] [--touches 1000000]

FOLDER receives the data (invented, seed 20261123) and a virtual environment with the packages of
requirements.txt. The same touches are written twice:

paths  a row for each journey: its channels, conversions, value and nulls
log    a row for each touch, out of order: person, time, channel, whether it converted, value

Both programs give first, last and linear touch and a Markov chain of order 1 with nulls. Each is a
process of its own from start to end, files in the page cache. ChannelAttribution reads paths only: its
process joins the log to paths with pandas first, as its users do. Its Markov model is a simulation, at
the settings it comes with; `mak` solves the chain exactly. The programs take turns within each round,
and each round changes who begins.

First, last and linear must agree to 1e-6, Markov to 2 % of all conversions. Printed are medians, the fastest round and
the median of the ratios within each round; `processor` is processor time, which a
busy machine changes least; `models` is the time inside ChannelAttribution's two functions
alone, against the whole process of `mak`. Only ratios mean anything on another machine.

At the end both divide the conversion of a table of two paths in which one channel has no converting path:
the definition of removal effects gives it a third.
"""

import argparse
import csv
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
CHANNELS = ["email", "search", "social", "display", "affiliate", "sms", "video", "direct", "referral", "partner", "print", "podcast"]
START = 1_767_225_600  # 2026-01-01 in UTC

PEER = """
import json, sys, time
import pandas as pd
import ChannelAttribution as ca
kind, file = sys.argv[1:3]
table = pd.read_csv(file)
if kind == "log":
    table = table.sort_values(["customer_id", "time"], kind="stable")
    groups = table.groupby("customer_id", sort=False)
    table = pd.DataFrame({
        "path": groups["channel"].agg(" > ".join),
        "conversions": groups["conversion"].sum(),
        "value": groups["conversion_value"].sum(),
    })
    table["nulls"] = 1 - table["conversions"]
started = time.perf_counter()
rules = ca.heuristic_models(table, "path", "conversions", var_value="value", flg_pro=False)
chain = ca.markov_model(table, "path", "conversions", var_value="value", var_null="nulls", order=1, seed=1, verbose=False, flg_pro=False)
seconds = time.perf_counter() - started
rules = rules.set_index("channel_name")
chain = chain.set_index("channel_name")
models = {name: {channel: float(rules[name + "_touch_conversions"][channel]) for channel in rules.index} for name in ["first", "last", "linear"]}
models["markov"] = {channel: float(chain["total_conversions"][channel]) for channel in chain.index}
print("\\n" + json.dumps({"seconds": seconds, "models": models}))
"""


def generate(folder, touches):
    rng = random.Random(SEED)
    weights = [1 / (number + 1) for number in range(len(CHANNELS))]
    rows, written, person = [], 0, 0
    with open(folder / "paths.csv", "w", newline="") as out:
        paths = csv.writer(out)
        paths.writerow(["path", "conversions", "value", "nulls"])
        while written < touches:
            length = min(1 + int(rng.expovariate(1 / 3)), 30, touches - written)
            path = rng.choices(CHANNELS, weights, k=length)
            converted = int(rng.random() < 0.05 + 0.02 * length)
            value = rng.randrange(500, 30_000) / 100 if converted else 0
            paths.writerow([" > ".join(path), converted, value, 1 - converted])
            moment = START + rng.randrange(180 * 86_400)
            for number, channel in enumerate(path):
                moment += 60 + rng.randrange(5 * 86_400)
                last = number + 1 == length
                at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
                rows.append([f"p{person}", at, channel, converted if last else 0, value if last else 0])
            written += length
            person += 1
    rng.shuffle(rows)
    with open(folder / "log.csv", "w", newline="") as out:
        log = csv.writer(out)
        log.writerow(["customer_id", "time", "channel", "conversion", "conversion_value"])
        log.writerows(rows)


def environment(folder):
    place = folder / "venv"
    python = place / "bin" / "python"
    if not python.exists():
        venv.create(place, with_pip=True)
        requirements = pathlib.Path(__file__).with_name("requirements.txt")
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", requirements], check=True)
    script = folder / "peer.py"
    script.write_text(PEER)
    return [str(python), str(script)]


def timed(command):
    """Seconds on the wall, seconds of processor time, and what was printed."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    took, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}:\n{done.stderr}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took, used, done.stdout


def own(mak, file):
    command = [mak, "attribute", "--no-config", str(file), "--model", "first,last,linear,markov", "--format", "json"]
    took, used, out = timed(command)
    models = json.loads(out)["models"]
    return took, used, {name: {channel: float(credit["conversions"]) for channel, credit in of.items()} for name, of in models.items()}


def theirs(peer, kind, file):
    took, used, out = timed([*peer, kind, str(file)])
    found = json.loads(out.strip().splitlines()[-1])
    return took, used, found["seconds"], found["models"]


def agree(one, other):
    for model, credits in one.items():
        everything = sum(credits.values())
        most = 0.02 if model == "markov" else 1e-6
        for channel, credit in credits.items():
            if abs(credit - other[model].get(channel, 0)) > most * everything:
                sys.exit(f"{model} {channel}: {credit} against {other[model].get(channel)}: nothing is compared")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--mak", default="target/release/mak")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--touches", type=int, default=1_000_000)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    generate(asked.folder, asked.touches)
    peer = environment(asked.folder)
    print(f"{asked.touches:,} touches, {asked.rounds} rounds; seconds, median (fastest)")
    for kind in ("paths", "log"):
        file = asked.folder / f"{kind}.csv"
        wall, used, models_alone = ([], []), ([], []), []
        for number in range(asked.rounds):
            for who in ["mak", "peer"] if number % 2 == 0 else ["peer", "mak"]:
                if who == "mak":
                    took, processor, models = own(asked.mak, file)
                    wall[0].append(took)
                    used[0].append(processor)
                else:
                    took, processor, inside, peer_models = theirs(peer, kind, file)
                    wall[1].append(took)
                    used[1].append(processor)
                    models_alone.append(inside)
            agree(models, peer_models)
        for what, mak_times, times in (("process", *wall), ("processor", *used), ("models", wall[0], models_alone)):
            ratios = sorted(other / one for one, other in zip(mak_times, times))
            print(
                f"  {kind:<5} {what:<9}  mak {statistics.median(mak_times):6.3f} ({min(mak_times):.3f})"
                f"   ChannelAttribution {statistics.median(times):6.3f} ({min(times):.3f})"
                f"   ratio {statistics.median(ratios):.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f})"
            )
    two = asked.folder / "two.csv"
    two.write_text("path,conversions,value,nulls\nsearch,1,100,0\ndisplay > search,0,0,1\n")
    _, _, models = own(asked.mak, two)
    _, _, _, peer_models = theirs(peer, "paths", two)
    print(
        f"  display is in no converting path and gets {models['markov']['display']:.6f} conversions by mak,"
        f" {peer_models['markov']['display']:.6f} by ChannelAttribution"
    )


if __name__ == "__main__":
    main()
