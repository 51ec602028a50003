#!/usr/bin/env python3
"""Hold what fuzz_plans.py writes against what skyspan knows: `skyspan list --json` is the one list of words.

usage: vocabulary.py SKYSPAN [--files N]

Writes N random plan files, without running them, and gathers the plans, stubs, wrappers, classes and kinds of fault in them. A word
that skyspan does not know is an error. Those that skyspan knows and no file has are told, with the reason where there is one: any other
is something that the fuzzer could learn. Exits 0 where all words are known, and all are written that have no reason, 1 otherwise.
"""

import argparse
import json
import random
import subprocess
import sys

from fuzz_plans import plan_file

ONLY_SKYSPAN = "bluesky_oracle.py has no such thing"
# Why a word is never written, by how it begins.
REASONS = {
    "devices": {
        "ophyd_async.": "has recordings of its own, on a virtual clock: fixtures/ophyd-async",
        **dict.fromkeys(("Sim", "CannedReadings", "FrameDetector", "PagingFlyer"), ONLY_SKYSPAN),
        "SynPeriodicSignal": "changes in a thread of its own, at times that are drawn",
        "SynSignalWithRegistry": "writes files in Python",
    },
    "faults": dict.fromkeys(("disconnect", "late", "read", "slow"), ONLY_SKYSPAN),
    "plans": {"ramp_plan": "does as many rounds as the machine's time allows"},
}


def reason(key, word):
    return next((why for begin, why in REASONS.get(key, {}).items() if word.startswith(begin)), None)



def words_in(tree, found):
    """Notes the words of a plan file, by the list that has them."""
    if isinstance(tree, list):
        for part in tree:
            words_in(part, found)
    if not isinstance(tree, dict):
        return
    if "wrap" in tree:
        found["wrappers"].add(tree["wrap"])
    if "class" in tree and "name" in tree:
        found["suspenders" if "signal" in tree else "devices"].add(tree["class"])
    if tree.get("item_type") == "plan":
        found["plans"].add(tree["name"])
    if "plan" in tree:
        found["plans"].add(tree["plan"]["name"])
    if isinstance(tree.get("fault"), dict) and "kind" in tree["fault"]:
        found["faults"].add(tree["fault"]["kind"])
    for fault in tree.get("faults", []):
        found["faults"].add(fault["kind"])
    for part in tree.values():
        words_in(part, found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("skyspan")
    parser.add_argument("--files", type=int, default=1500)
    options = parser.parse_args()
    listed = json.loads(subprocess.run([options.skyspan, "list", "--json"], capture_output=True, check=True).stdout)
    names = {key: {entry["name"] for entry in entries} for key, entries in listed.items() if key != "version"}
    known = {
        "plans": names["plans"] | names["stubs"],
        "wrappers": names["wrappers"],
        "devices": names["devices"],
        "faults": names["faults"],
        "suspenders": names["suspenders"],
    }
    written = {key: set() for key in known}
    for index in range(options.files):
        words_in(plan_file(random.Random(index), (10, 60)), written)
    wrong = 0
    for key, words in known.items():
        unknown = sorted(written[key] - words)
        wrong += len(unknown)
        if unknown:
            print(f"{key} that skyspan does not know: {', '.join(unknown)}")
        lacking = sorted(word for word in words - written[key] if not reason(key, word))
        wrong += len(lacking)
        print(f"{key}: {len(written[key])} of {len(words)} are written" + (f"; it could learn {', '.join(lacking)}" if lacking else ""))
        for why in sorted({reason(key, word) for word in words - written[key]} - {None}):
            left_out = sorted(word for word in words - written[key] if reason(key, word) == why)
            print(f"  not {', '.join(left_out)}: {why}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
