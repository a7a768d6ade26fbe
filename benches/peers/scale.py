#!/usr/bin/env python3
"""Measures how the cost of `mak` grows with its input: 0.1, 1 and 10 GB.

    python3 benches/peers/scale.py FOLDER [--mak target/release/mak] [--rounds 3] [--sizes 0.1,1,10] [--keep]

FOLDER receives one table of campaigns at a time, of the same columns as that of peers.py (seed
20261123), and it is removed after use unless `--keep` is given: the largest takes as much disk as
its name says. No row stands twice: each block of rows that is drawn once is written again and again
with other money in it, so that every size has the same groups. For each question and size the medians
of processor time and wall time are printed, then both as nanoseconds a byte, the peak memory, and the
processor time a byte as a share of that of 1 GB. Times a byte are of what comes on top of a table of one
block (8 MB), which has all the groups: starting and writing the answer cost the same at every size. The
file is in the page cache as far as memory allows: where it does not, wall time includes the disk.
"""

import argparse
import os
import pathlib
import platform
import random
import statistics
import subprocess
import sys
import time

SEED = 20261123
THREADS = 2
CHANNELS = ["email", "search", "social", "display", "affiliate", "sms"]
HEADER = "campaign,channel,date,sent,delivered,opens,clicks,bounces,unsubscribes,conversions,spend,revenue\n"
SUMS = "sent,delivered,opens,clicks,bounces,unsubscribes,spend,revenue"
QUESTIONS = {
    "8 sums by channel": ["--by", "channel", "--kpi", SUMS],
    "by campaign and month": ["--by", "campaign,month", "--kpi", SUMS],
}
BLOCK_ROWS = 100_000


def block_pieces():
    """The rows of a block in pieces; between two pieces stand four digits that differ by block."""
    rng = random.Random(SEED)
    pick = rng.random
    names = [f'"Spring sale {number}, part 2"' if number % 100 == 0 else f"Spring sale {number}" for number in range(5_000)]
    pieces, before = [], ""
    for _ in range(BLOCK_ROWS):
        sent = 1_000 + int(pick() * 90_000)
        bounces = sent // 50 + int(pick() * 20)
        delivered = sent - bounces
        opens = int(delivered * pick() * 0.6)
        clicks = int(opens * pick() * 0.4)
        month = int(pick() * 24)
        pieces.append(
            f"{before}{names[int(pick() * 5_000)]},{CHANNELS[int(pick() * 6)]},{2024 + month // 12}-{month % 12 + 1:02}-{1 + int(pick() * 28):02},"
            f"{sent},{delivered},{opens},{clicks},{bounces},{int(pick() * 40)},{int(clicks * pick() * 0.2)},{int(pick() * 1_000_000) / 100:.2f},"
            f"{1 + int(pick() * 8)}"
        )
        before = f".{int(pick() * 100):02}\n"
    return pieces, before


def write(path, size):
    """About `size` bytes, or one block; the revenue of block n has n in its last four whole digits."""
    pieces, end = block_pieces()
    with open(path, "wb", buffering=1 << 22) as out:
        out.write(HEADER.encode())
        number = 0
        while number == 0 or out.tell() < size:
            text = f"{number:04}".join(pieces) + f"{number:04}" + end
            missing = size - out.tell()
            if size and missing < len(text):
                text = text[: text.rindex("\n", 0, max(missing, 200)) + 1]
            out.write(text.encode())
            number += 1


def write_in_a_child(path, size):
    """In a process of its own: the peak of a program's memory begins with that of its parent."""
    part = path.with_suffix(".part")
    child = os.fork()
    if child == 0:
        try:
            write(part, size)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if status != 0:
        part.unlink(missing_ok=True)
        sys.exit(f"{path} cannot be written")
    part.rename(path)


def run(command):
    """Wall seconds, processor seconds and peak memory in MiB of a process."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} failed: {error.decode()[-2000:]}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def medians(command, rounds):
    run(command)
    return [statistics.median(values) for values in zip(*(run(command) for _ in range(rounds)))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--mak", default="target/release/mak")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", default="0.1,1,10", help="gigabytes, with commas between them")
    parser.add_argument("--keep", action="store_true", help="keep the tables")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    sizes = [float(size) for size in options.sizes.split(",")]
    answer = options.folder / "answer.ndjson"

    def command(path, question):
        return [options.mak, "compute", str(path), "--no-config", *QUESTIONS[question], "--threads", str(THREADS), "--format", "ndjson", "-o", str(answer)]

    measured = {}
    for size in [0.0, *sizes]:
        path = options.folder / f"campaigns-{size:g}.csv"
        if not path.exists():
            write_in_a_child(path, int(size * 1e9))
        length = path.stat().st_size
        for question in QUESTIONS:
            measured[question, size] = (length, *medians(command(path, question), options.rounds))
        if not options.keep:
            path.unlink()
    answer.unlink()

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"{platform.machine()}, {os.cpu_count()} processors, {memory:.0f} GiB, {platform.system()} · {options.rounds} rounds · {THREADS} threads · seed {SEED}\n")
    print("| question | GB | processor s | wall s | processor ns a byte | wall ns a byte | peak MiB | processor a byte by that of 1 GB |")
    print("|---|---|---|---|---|---|---|---|")
    for question in QUESTIONS:
        block, block_wall, block_cpu, _ = measured[question, 0.0]
        rows = {}
        for size in sizes:
            length, wall, cpu, peak = measured[question, size]
            more = length - block
            rows[size] = (cpu, wall, (cpu - block_cpu) / more * 1e9, (wall - block_wall) / more * 1e9, peak)
        whole = rows.get(1.0, rows[sizes[0]])[2]
        for size, (cpu, wall, cpu_a_byte, wall_a_byte, peak) in rows.items():
            print(f"| {question} | {size:g} | {cpu:.2f} | {wall:.2f} | {cpu_a_byte:.3f} | {wall_a_byte:.3f} | {peak:.0f} | {cpu_a_byte / whole:.2f} |")


if __name__ == "__main__":
    main()
