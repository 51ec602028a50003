"""Compares two recordings of one plan file item by item, for fuzz.py: so that what is explained in one item explains nothing
in the others, nor what came before it in its own.
"""

import json
import re
import shutil
from datetime import datetime
from fnmatch import fnmatch

from compare import compare, concatenated, differences, documents, lines, messages, span_forest

USES = ("set", "read", "trigger", "kickoff")

# The documents that may be there or not, or hold something else, where a fault of bluesky was caught and the plan went on: those
# of the streams that the fault is about. A bundle that is open and should not be swallows what is read into any other.
TOUCHED = {
    "configure from the wrong cache": {"descriptor"},
    "readings lost in the bundle": {"event", "descriptor"},
    "readings forgotten in the bundle": {"event", "descriptor"},
    "a nested flyer is declared": {"descriptor", "event", "event_page"},
    "a nested flyer is declared for a stream that is": {"descriptor", "event", "event_page"},
    "a refused bundle is open": {"event", "descriptor"},
    "interruptions not counted": {"event"},
    "monitors in a suspension": {"event"},
    "a wait watches nothing": set(),
    "a suspension in an end": set(),
    "a wait watches what has failed": set(),
    "a monitor is cut in two": {"descriptor", "event"},
    "a first read is cut in two": {"descriptor", "event"},
    "a declaration is cut in two": {"descriptor"},
    "a collection is cut in two": {"descriptor", "event", "event_page", "resource", "datum", "stream_resource", "stream_datum"},
}
ANY_STREAM = {"a refused bundle is open", "a collection is cut in two"}
# What an item hands on to those behind it: the number of the next scan, where devices are, and so whether one that is monitored has
# something to tell at once. Where a fault of bluesky has made the plan go on otherwise, that is another, and `blind` leaves it out.
LEFT_BEHIND = {"scan_id", "start_pos", "finish_pos", "target", "object_repr", "positioner"}
MONITOR = re.compile(r"_monitor$|^monitor-")
# Where the engine itself was cancelled, the spans of what it waited for end otherwise.
# Where the pause itself fails, the run ends otherwise.
TOUCHED_ENDS = {"interruptions not counted"}
TOUCHED_SPANS = {"a wait watches nothing", "a wait watches what has failed", "interruptions not counted"}


def split(recording, folder):
    """A recording for each item, in folders 0, 1, ...; gives how many there are."""
    rows = json.loads((recording / "outcomes.json").read_text())
    all_lines = {name: (recording / name).read_text().splitlines(keepends=True) for name in ("messages.jsonl", "documents.jsonl")}
    spans = concatenated(recording / "spans.json")
    began = [when(row["began"]) for row in rows]
    spans_of = spans_by_item(spans, began, commands_by_item(rows, all_lines["messages.jsonl"]))
    for at, row in enumerate(rows):
        item = folder / str(at)
        item.mkdir(parents=True)
        (item / "outcomes.json").write_text(json.dumps([row]))
        for name, rows_of_all in all_lines.items():
            count = row[name.removesuffix(".jsonl")]
            (item / name).write_text("".join(rows_of_all[:count]))
            del rows_of_all[:count]
        (item / "spans.json").write_text("\n".join(json.dumps(span) for span in spans_of[at]))
    return len(rows)


def when(text):
    return text and datetime.fromisoformat(text.replace("Z", "+00:00"))


def commands_by_item(rows, messages_of_all):
    left, commands = iter(messages_of_all), []
    for row in rows:
        commands.append({json.loads(next(left))["command"] for _ in range(row["messages"])})
    return commands


def spans_by_item(spans, began, commands):
    """The spans of each item. On the simulated clock an item may take no time: of several that a span may be of, it is of the first
    that has a message which leaves one."""
    items = [[] for _ in began]
    for span in spans:
        time = when(span["start_time"])
        latest = max((at for at, begin in enumerate(began) if begin is not None and begin <= time), default=None)
        if latest is None:
            continue
        # An item that began before, and was not over before this moment.
        candidates = [at for at in range(latest) if began[at] is not None and ended_at(began, at) == time] + [latest]
        spanned = [at for at in candidates if commands[at] - {"sleep", "null"}]
        items[spanned[0] if spanned else latest].append(span)
    return items


def ended_at(began, at):
    return next((time for time in began[at + 1 :] if time is not None), None)


def compare_items(oracle, ours, scratch, faults, is_excused=lambda item: False):
    """The differences of two recordings, a line each, that none of the faults of bluesky explains.

    `faults` are {"name", "item", "message", "document"}: how many messages and documents of its item there were when it
    happened. What came before must be equal. If the plan went on as if nothing had happened, so must all be after it but the
    documents that the fault touches.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    counts = [split(recording, scratch / side) for recording, side in ((oracle, "oracle"), (ours, "ours"))]
    found, went_otherwise = [], False
    for item in range(min(counts)):
        sides = scratch / "oracle" / str(item), scratch / "ours" / str(item)
        if went_otherwise:
            for side in sides:
                blind(side)
        of_item = [fault for fault in faults if fault["item"] == item]
        if is_excused(item):
            lines_of_item = before_nothing(*sides)
        else:
            lines_of_item = beside(*sides, of_item) if of_item else compare(*sides)
        went_otherwise |= bool(of_item) and commands(sides[0]) != commands(sides[1])
        found += [f"item {item}: {line}" for line in lines_of_item]
    return found


def blind(side):
    """Takes out of the recording of an item what depends on where the items before it have left devices."""
    spans = concatenated(side / "spans.json")
    for span in spans:
        attributes = {key: value for key, value in (span["attributes"] or {}).items() if key.strip() not in LEFT_BEHIND}
        span["attributes"] = {key: without_numbers(value) if key == "msg.args" else value for key, value in attributes.items()}
    (side / "spans.json").write_text("\n".join(json.dumps(span) for span in spans))
    rows = [{**row, "args": without_numbers(row["args"])} for row in lines(side / "messages.jsonl")]
    (side / "messages.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monitors, kept = set(), []
    for name, doc in lines(side / "documents.jsonl"):
        if name == "descriptor" and MONITOR.search(doc["name"]):
            monitors.add(doc["uid"])
        if name == "event" and doc["descriptor"] in monitors:
            continue
        doc = {key: without_numbers(value) if key == "data" else value for key, value in doc.items() if key not in LEFT_BEHIND}
        if "num_events" in doc:
            doc["num_events"] = {stream: count for stream, count in doc["num_events"].items() if not MONITOR.search(stream)}
        kept.append([name, doc])
    (side / "documents.jsonl").write_text("".join(json.dumps(row) + "\n" for row in kept))


def without_numbers(value):
    if isinstance(value, dict):
        return {key: without_numbers(part) for key, part in value.items()}
    if isinstance(value, list):
        return [without_numbers(part) for part in value]
    return 0 if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def beside(oracle, ours, faults):
    """The differences in an item in which bluesky had faults."""
    first = min(faults, key=lambda fault: fault["message"])
    before = list(differences(*[messages(side, most=first["message"]) for side in (oracle, ours)], "messages"))
    document = min(fault["document"] for fault in faults)
    before += differences(documents(oracle)[:document], documents(ours)[:document], "documents")
    if before or commands(oracle) != commands(ours):
        # The plan heard of the error, and did something else than one that heard of none.
        return before
    found = list(differences(messages(oracle), messages(ours), "messages"))
    # A `catch` around the message tells its error.
    told = {f"messages[{fault['message'] + later}].args[0]" for fault in faults for later in (0, 1)}
    found = [line for line in found if not (line.split(":")[0] in told and line.endswith("skyspan null"))]
    untouched = [[row for row in plain_documents(side) if not is_touched(row, faults)] for side in (oracle, ours)]
    found += differences(*[[row[:2] for row in rows] for rows in untouched], "documents besides")
    if not any(fault["name"] in TOUCHED_SPANS for fault in faults):
        found += differences(span_forest(oracle), span_forest(ours), "span_forest")
    return found


def before_nothing(oracle, ours):
    """The differences of an item before its first message about no device, to which preprocessors answer each in its way."""
    rows = [messages(side) for side in (oracle, ours)]
    def is_nothing(row):
        return row["command"] in USES and not row["obj"]

    ends = [next((at for at, row in enumerate(side) if is_nothing(row)), len(side)) for side in rows]
    # Where bluesky's preprocessor fails, the message does not come; what came until then is the same.
    common = min(ends)
    return list(differences(rows[0][:common], rows[1][:common], "messages"))


def commands(side):
    return [each["command"] for each in lines(side / "messages.jsonl")]


def is_touched(row, faults):
    """Whether a fault of bluesky explains that a document is there or not, or holds something else."""
    name, _, stream = row

    if name == "stop" and any(fault["name"] in TOUCHED_ENDS for fault in faults):
        return True

    def touches(fault):
        of_stream = fault["name"] in ANY_STREAM or any(fnmatch(stream or "", pattern) for pattern in fault["streams"])
        return name in TOUCHED.get(fault["name"], ()) and of_stream

    return any(touches(fault) for fault in faults)


UIDS = {"uid", "descriptor", "run_start", "seq_num", "num_events"}


def plain_documents(side):
    """The documents without what depends on how many came before, each with the stream that it is of."""
    streams, rows = {}, []
    for name, doc in documents(side):
        if name == "descriptor":
            streams[doc["uid"]] = doc.get("name")
        stream = doc.get("name") if name == "descriptor" else streams.get(doc.get("descriptor"))
        rows.append([name, {key: value for key, value in doc.items() if key not in UIDS}, stream])
    return rows
