"""Compares two recordings of one plan file item by item, for fuzz.py: so that what is explained in one item explains nothing
in the others, nor what came before it in its own.
"""

import json
import shutil
from datetime import datetime

from compare import compare, concatenated, differences, documents, lines, messages

# The documents that may be there or not, or hold something else, where a fault of bluesky was caught and the plan went on.
TOUCHED = {
    "configure from the wrong cache": {"descriptor"},
    "readings lost in the bundle": {"event", "stop", "descriptor"},
    "readings forgotten in the bundle": {"event", "stop", "descriptor"},
    "a nested flyer is declared": {"descriptor", "event", "event_page", "stop"},
    "a refused bundle is open": {"event", "stop", "descriptor"},
    "interruptions not counted": {"event", "stop"},
    "a wait watches nothing": set(),
    "a monitor is cut in two": {"descriptor", "event", "stop"},
    "a first read is cut in two": {"descriptor", "event", "stop"},
}


def split(recording, folder):
    """A recording for each item, in folders 0, 1, ...; gives how many there are."""
    rows = json.loads((recording / "outcomes.json").read_text())
    all_lines = {name: (recording / name).read_text().splitlines(keepends=True) for name in ("messages.jsonl", "documents.jsonl")}
    spans = concatenated(recording / "spans.json")
    began = [when(row["began"]) for row in rows]
    for at, row in enumerate(rows):
        item = folder / str(at)
        item.mkdir(parents=True)
        (item / "outcomes.json").write_text(json.dumps([row]))
        for name, rows_of_all in all_lines.items():
            count = row[name.removesuffix(".jsonl")]
            (item / name).write_text("".join(rows_of_all[:count]))
            del rows_of_all[:count]
        later = [time for time in began[at + 1 :] if time is not None]
        mine = [span for span in spans if is_within(when(span["start_time"]), began[at], later[0] if later else None)]
        (item / "spans.json").write_text("\n".join(json.dumps(span) for span in mine))
    return len(rows)


def when(text):
    return text and datetime.fromisoformat(text.replace("Z", "+00:00"))


def is_within(time, begin, end):
    return begin is not None and begin <= time and (end is None or time < end)


def compare_items(oracle, ours, scratch, faults, is_excused=lambda item: False):
    """The differences of two recordings, a line each, that none of the faults of bluesky explains.

    `faults` are {"name", "item", "message", "document"}: how many messages and documents of its item there were when it
    happened. What came before must be equal. If the plan went on as if nothing had happened, so must all be after it but the
    documents that the fault touches.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    counts = [split(recording, scratch / side) for recording, side in ((oracle, "oracle"), (ours, "ours"))]
    found = []
    for item in range(min(counts)):
        sides = scratch / "oracle" / str(item), scratch / "ours" / str(item)
        of_item = [fault for fault in faults if fault["item"] == item]
        if is_excused(item):
            continue
        lines_of_item = beside(*sides, of_item) if of_item else compare(*sides)
        found += [f"item {item}: {line}" for line in lines_of_item]
    return found


def beside(oracle, ours, faults):
    """The differences in an item in which bluesky had faults."""
    first = min(faults, key=lambda fault: fault["message"])
    before = list(differences(messages(oracle)[: first["message"]], messages(ours)[: first["message"]], "messages"))
    document = min(fault["document"] for fault in faults)
    before += differences(documents(oracle)[:document], documents(ours)[:document], "documents")
    if before or [each["command"] for each in lines(oracle / "messages.jsonl")] != [
        each["command"] for each in lines(ours / "messages.jsonl")
    ]:
        return before
    touched = set().union(*(TOUCHED.get(fault["name"], set()) for fault in faults))
    untouched = [[named for named in plain_documents(side) if named[0] not in touched] for side in (oracle, ours)]
    return list(differences(*untouched, "documents besides"))


UIDS = {"uid", "descriptor", "run_start", "seq_num", "num_events"}


def plain_documents(side):
    """The documents without what hangs on how many came before."""
    return [[name, {key: value for key, value in doc.items() if key not in UIDS}] for name, doc in documents(side)]
