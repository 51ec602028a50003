#!/usr/bin/env python3
"""Give the program mutated plan files and traces, and see that it neither panics, hangs, nor takes more than it may.

usage: mutate.py [--seed N] [--count M] [--seconds S] [--jobs J] [--only INDEX] [--refusals] [--skyspan PATH] [--self-test]

Each input comes from the seed and its index: a fixture of the repository, changed once or a few times (mutations.py), with a
command line that reads it. Of each is asked (judgement.py)

  that it ends by itself, within the seconds and the memory that it may have,
  that it exits with 0, 1 or 2, and prints UTF-8,
  that what is refused is told on standard error: the file, what was expected, what was found, on lines of bounded length that have no
  character in them which a terminal would obey.

What is not so is printed, and kept in target/mutations: the input, with a command line that shows it again. The counts tell how many
ran and how many were refused. With --seconds the search ends then, however many are left, and says so.
--refusals prints one refusal of each kind, for people to read. --self-test lets programs do each of these wrongs, and sees that each is
noticed. Exits 0 where nothing is wrong, 1 otherwise. Needs nothing but Python and target/release/skyspan.
"""

import argparse
import random
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from judgement import Judgement, kind_of_refusal, run, self_test
from mutations import mutated

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "target" / "mutations"

# What the plan files of a search may do; a mutated number may ask for a million of anything.
FEW = ["--limit", "messages=20_000", "--limit", "spans=50_000", "--limit", "kept_bytes=50_000_000"]
PLAN_COMMANDS = [
    ["run", "--spans", "none", *FEW],
    ["run", "--spans", "tree", *FEW],
    ["run", "--convention", "nested", *FEW],
    ["run", "--estimate", *FEW],
    ["run", "--table", *FEW],
]
TRACE_COMMANDS = [
    ["tree"],
    ["tree", "--all", "--up-to-cut"],
    ["tree", "--group-by", "run", "--redact"],
    ["query", "{ duration > 1ms }"],
    ["query", "--json", "{} | rate() by (name)"],
    *(["convert", "--to", to] for to in ("console", "otlp", "otlp-proto", "jaeger", "zipkin", "perfetto", "speedscope")),
]
QUERY_COMMAND = ["query", str(ROOT / "fixtures" / "traces" / "structure.json")]


class Seeds:
    """The fixtures that are changed, by what reads them."""

    def __init__(self):
        files = lambda *patterns: sorted(path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file())
        self.plans = files("fixtures/plans/*.yaml", "fuzz/seeds/plan_file/*")
        self.traces = files(
            "fixtures/traces/*.json", "fixtures/otlp/*.json*", "fixtures/jaeger/*.json", "fixtures/formats/*.[jtp]*",
            "fixtures/formats/*.gz", "fuzz/seeds/trace_file/*", "fuzz/seeds/console_json/*",
        )
        self.queries = files("fuzz/seeds/query/*")
        for name, found in vars(self).items():
            if not found:
                sys.exit(f"no fixtures of {name} below {ROOT}")


def one_case(seed, index, seeds):
    """The input of an index, the file that it comes from, and the command that reads it, without the file."""
    chance = random.Random(f"{seed} {index}")
    kind = chance.choices(["plans", "traces", "queries"], [5, 5, 1])[0]
    source = chance.choice(getattr(seeds, kind))
    others = [chance.choice(getattr(seeds, kind)).read_bytes() for _ in range(2)]
    data = mutated(source.read_bytes(), others, chance)
    if kind == "plans":
        return data, source, chance.choice(PLAN_COMMANDS)
    return data, source, chance.choice(TRACE_COMMANDS) if kind == "traces" else QUERY_COMMAND


def arguments_of(command, path, data):
    """The command line: a file stands behind the command, a query is itself an argument."""
    if command is QUERY_COMMAND:
        # An argument is text without a NUL, and this one is no option.
        return [*command, "--", data.decode(errors="replace").replace("\0", "")[:30_000]]
    return [command[0], str(path), *command[1:]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--seconds", type=float, help="ends after so many seconds")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", type=int, metavar="INDEX", help="this input alone, printed")
    parser.add_argument("--refusals", action="store_true", help="prints a refusal of each kind")
    parser.add_argument("--skyspan", type=Path, default=ROOT / "target" / "release" / "skyspan")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    if not options.skyspan.is_file():
        sys.exit(f"there is no {options.skyspan}; cargo build --release makes it")
    seeds = Seeds()
    KEPT.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + options.seconds if options.seconds else float("inf")

    def examine(index):
        if time.monotonic() > until:
            return None
        data, source, command = one_case(options.seed, index, seeds)
        path = KEPT / f"{options.seed}-{index}{source.suffix}"
        path.write_bytes(data)
        ended = run([options.skyspan, *arguments_of(command, path, data)])
        judgement = Judgement.of(ended, path, prints_bytes="otlp-proto" in command)
        if not judgement.wrongs and options.only is None:
            path.unlink()
        return index, source, command, path, ended, judgement

    indices = range(options.count) if options.only is None else [options.only]
    with ThreadPoolExecutor(options.jobs) as threads:
        done = [case for case in threads.map(examine, indices) if case is not None]
    codes, refusals, wrong = Counter(), {}, 0
    for index, source, command, path, ended, judgement in done:
        codes[judgement.ended] += 1
        if judgement.refusal:
            refusals.setdefault(kind_of_refusal(judgement.refusal, path), (index, judgement.refusal))
        if judgement.wrongs or options.only is not None:
            wrong += bool(judgement.wrongs)
            print(f"{index}: {source.relative_to(ROOT)}, skyspan {' '.join(command)}: {'; '.join(judgement.wrongs) or judgement.ended}")
            print(f"    {path}; again with --seed {options.seed} --only {index}")
            print("".join(f"    {line}\n" for line in ended.stderr.decode(errors="replace").splitlines()[:12]), end="")
    if options.refusals:
        for index, refusal in sorted(refusals.values(), key=lambda it: it[1]):
            print(f"{index}: {refusal}")
    if len(done) < len(indices):
        print(f"the time is over: {len(indices) - len(done)} of {len(indices)} were not looked at")
    counted = ", ".join(f"{count} {how}" for how, count in sorted(codes.items()))
    heaviest = max((ended.memory_mb for *_, ended, _ in done), default=0)
    slowest = max((ended.seconds for *_, ended, _ in done), default=0)
    print(f"seed {options.seed}: {len(done)} inputs: {counted}; {len(refusals)} kinds of refusals; "
          f"at most {heaviest:.0f} MB and {slowest:.1f} s; {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
