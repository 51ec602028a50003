#!/usr/bin/env python3
"""Run random plan files on real bluesky and on skyspan, and report where they differ.

usage: fuzz.py [--seed N] [--count M] [--messages LEAST..MOST] [--shard I/N] [--only INDEX] ...

Each plan file comes from the seed and its index, so that the same seed gives the same files, whatever the shard; what a
file may have in it is told in fuzz_plans.py. It is run on both sides and compared as compare.py does. A file that
differs is run on bluesky once more; if bluesky differs from itself, it is unstable and says nothing. What is different on
purpose stands in fuzz_explained.py. Any other difference is reduced to the shortest plan file that shows it, printed, and
kept in a folder with both recordings:

  plan.yaml, original.yaml   the plan file, reduced and as it was
  bluesky/, skyspan/         the recordings of the reduced one
  differences.txt            what compare.py says of them

Replay one with --only INDEX and the same --seed, --messages and --without, or run plan.yaml on either side.
Exits 0 where nothing is different, 1 otherwise. Ctrl-C and SIGTERM end it: what was judged until then is told, and it exits 130.
FUZZ_SLOWER=N in the environment makes all times N times as long, for a busy machine.
Needs: pip install bluesky ophyd opentelemetry-sdk pyyaml
"""

import argparse
import json
import random
import shutil
import signal
import sys
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from compare import compare, run_spans_agree
from compare_items import compare_items
from fuzz_explained import faults_of, is_about_nothing, meant_in, mend
from fuzz_plans import plan_file
from fuzz_reduce import kind, reduce
from fuzz_runners import Bluesky, Crashed, Hung, Refused, Skyspan, run_fresh
from fuzz_wraps import WRAPS

REPOSITORY = Path(__file__).resolve().parent.parent
SHOWN_LINES = 12


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--seed", type=int, default=0, help="the seed of all files (default 0)")
    add("--count", type=int, default=100, help="how many files (default 100)")
    add("--messages", type=least_and_most, default=(20, 60), metavar="LEAST..MOST", help="of a file (default 20..60)")
    add("--shard", type=shard, default=(0, 1), metavar="I/N", help="only the files whose index is I modulo N")
    add("--only", type=int, metavar="INDEX", help="only the file of this index, which is also printed")
    add("--without", type=words, default=[], metavar="WORD,...", help="no such commands, plans, devices, classes, ...")
    add("--without-wraps", type=words, nargs="?", const=WRAPS, default=[], metavar="NAME,...", help="all, or those")
    add("--keep", type=Path, default=REPOSITORY / "target" / "fuzz", metavar="DIR", help="where differences are kept")
    add("--jobs", type=int, default=2, help="how many files are run at once (default 2)")
    add("--timeout", type=float, default=30, metavar="SECONDS", help="after which a file hangs (default 30)")
    add("--tries", type=int, default=300, help="how often a file may be run to reduce it (default 300)")
    add("--skyspan", default=REPOSITORY / "target" / "release" / "skyspan", metavar="PROGRAM")
    add("--self-test", action="store_true", help="bluesky against itself in a new process, for each file")
    return parser.parse_args()


def least_and_most(text):
    least, most = (int(part) for part in text.split(".."))
    return least, most


def shard(text):
    index, count = (int(part) for part in text.split("/"))
    return index, count


def words(text):
    return text.split(",")


class Fuzzer:
    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        self.without = {*options.without, *("wrap " + name for name in options.without_wraps)}
        self.skyspan = Skyspan(options.skyspan, options.timeout)
        self.mine, self.workers = threading.local(), []
        self.lock, self.is_left = threading.Lock(), False
        self.counts, self.reasons, self.outcomes = Counter(), Counter(), Counter()

    def spec(self, index):
        chance = random.Random(f"{self.options.seed}/{index}")
        return plan_file(chance, self.options.messages, self.without)

    def bluesky(self):
        """The process of this thread."""
        if not hasattr(self.mine, "bluesky"):
            self.mine.bluesky = Bluesky(self.options.timeout, self.scratch)
            self.workers.append(self.mine.bluesky)
        return self.mine.bluesky

    def stop(self):
        for worker in self.workers:
            worker.stop()

    def one(self, index):
        """Judges one file and counts it; gives the report on a difference."""
        spec, folder = self.spec(index), self.scratch / str(index)
        if self.options.only is not None:
            print(written(spec))
        verdict, detail = self.judge(spec, folder)
        if self.is_left:
            return  # bluesky was ended while it ran this file
        report = None
        if verdict == "different":
            report = self.keep(index, spec, detail)
        with self.lock:
            self.counts[verdict] += 1
            self.tally(folder / "bluesky")
            if verdict != "equal":
                self.reasons[verdict, self.brief(index, verdict, detail)] += 1
            if report:
                print(report, flush=True)
        shutil.rmtree(folder, ignore_errors=True)

    def brief(self, index, verdict, detail):
        """What the summary says of a file; those that say the same are counted together."""
        if verdict in ("refused", "explained"):
            return detail
        return f"file {index}: {detail if isinstance(detail, str) else detail[0]}"

    def tally(self, recording):
        if (recording / "outcomes.json").exists():
            for row in json.loads((recording / "outcomes.json").read_text()):
                self.outcomes[row["exception"] or row["exit_status"]] += 1

    def judge(self, spec, folder, twice=True):
        """What a plan file shows: a word for it, and the reason or the lines of the difference.

        Unless `twice` is false, one that is different is run on bluesky twice.
        """
        plan = write(spec, folder)
        try:
            if self.options.self_test:
                return self.judge_bluesky(plan, folder)
            self.skyspan.run(plan, folder / "skyspan")
        except Refused as error:
            return "refused", str(error)
        except Hung as error:
            return "hung", str(error)
        except Crashed as error:
            return "different", [str(error)]
        try:
            self.bluesky().run(plan, folder / "bluesky")
            return self.judge_both(plan, folder, twice)
        except Hung as error:
            return "hung", str(error)

    def judge_bluesky(self, plan, folder):
        self.bluesky().run(plan, folder / "bluesky")
        run_fresh(plan, folder / "fresh", self.options.timeout)
        lines = compare(folder / "bluesky", folder / "fresh")
        return ("unstable", lines) if lines else ("equal", None)

    def judge_both(self, plan, folder, twice):
        mends = mend(folder / "bluesky", folder / "mended")
        lines = compare(folder / "mended", folder / "skyspan") + run_spans_agree(folder / "skyspan")
        if not lines:
            equal = not compare(folder / "bluesky", folder / "skyspan")
            return ("equal", None) if equal else ("explained", ", ".join(mends))
        items, faults = yaml.safe_load(Path(plan).read_text())["items"], faults_of(folder / "bluesky")
        excused = [number for number, item in enumerate(items) if is_about_nothing(item)]
        lines = compare_items(folder / "mended", folder / "skyspan", folder / "items", faults, excused.__contains__)
        meant, lines = meant_in(items, lines + run_spans_agree(folder / "skyspan"))
        if not lines:
            reasons = {fault["name"] for fault in faults} | set(meant)
            reasons |= {"a preprocessor meets no device"} if excused else set()
            # Uids that are counted over the whole file differ where an item before has one more.
            return "explained", ", ".join(sorted(reasons)) or "numbers of what an item before has"
        if twice:
            self.bluesky().run(plan, folder / "again")
            unstable = compare(folder / "bluesky", folder / "again")
            if unstable:
                return "unstable", unstable
        return "different", lines

    def keep(self, index, spec, lines):
        """Reduces a difference, keeps it in a folder, and gives the report on it."""
        wanted, folder = kind(lines[0]), self.scratch / f"{index}-smaller"

        def still_shows(smaller):
            verdict, found = self.judge(smaller, folder, twice=False)
            shutil.rmtree(folder, ignore_errors=True)
            return verdict == "different" and kind(found[0]) == wanted

        small = reduce(spec, still_shows, self.options.tries) if self.options.tries else spec
        kept = self.options.keep / f"{self.options.seed}-{index}"
        shutil.rmtree(kept, ignore_errors=True)
        verdict, found = self.judge(small, kept)
        # One that shows now and then only is better shown as it was.
        lines = found if verdict == "different" else lines
        (kept / "original.yaml").write_text(written(spec))
        (kept / "differences.txt").write_text("\n".join(lines) + "\n")
        more = [f"... and {len(lines) - SHOWN_LINES} more"] if len(lines) > SHOWN_LINES else []
        title = f"--- different: file {index} of seed {self.options.seed}, kept in {kept}"
        return "\n".join([title, written(small), *lines[:SHOWN_LINES], *more, ""])

    def summary(self, count):
        options = self.options
        verdicts = ("equal", "explained", "unstable", "hung", "refused", "different")
        numbers = ", ".join(f"{self.counts[verdict]} {verdict}" for verdict in verdicts)
        lines = [f"seed {options.seed}: {count} files, {numbers}"]
        for verdict in verdicts[1:]:
            found = [(detail, number) for (word, detail), number in self.reasons.most_common() if word == verdict]
            lines += [f"  {number} {verdict}: {detail}" for detail, number in found[:SHOWN_LINES]]
        ends = ", ".join(f"{number} {name}" for name, number in self.outcomes.most_common())
        return "\n".join([*lines, f"  items of bluesky ended with: {ends}"])


class Plain(yaml.SafeDumper):
    """Writes what stands twice twice, without aliases."""

    def ignore_aliases(self, data):
        return True


def written(spec):
    return yaml.dump(spec, Dumper=Plain, sort_keys=False, width=120, default_flow_style=None)


def write(spec, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.yaml").write_text(written(spec))
    return folder / "plan.yaml"


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    shard_index, shards = options.shard
    indices = [index for index in range(options.count) if index % shards == shard_index]
    if options.only is not None:
        indices = [options.only]
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
        fuzzer, pool = Fuzzer(options, Path(scratch)), ThreadPoolExecutor(options.jobs)
        try:
            for done in [pool.submit(fuzzer.one, index) for index in indices]:
                done.result()
        except KeyboardInterrupt:
            print("left before the end", file=sys.stderr)
            fuzzer.is_left = True
        finally:
            # What was judged until then is told all the same.
            pool.shutdown(wait=False, cancel_futures=True)
            fuzzer.stop()
            pool.shutdown()
        print(fuzzer.summary(sum(fuzzer.counts.values())))
    if fuzzer.is_left:
        return 130
    return 1 if fuzzer.counts["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
