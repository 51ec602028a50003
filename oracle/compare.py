#!/usr/bin/env python3
"""Compare two recordings of one plan file, one by bluesky_oracle.py and one by skyspan.

usage: compare.py ORACLE_DIR SKYSPAN_DIR

Both directories hold spans.json, documents.jsonl, messages.jsonl and outcomes.json. What cannot be equal
is normalised on both sides: uids and group names become their order of first appearance, times and
versions are dropped (and how long a plan slept), whole-number floats equal integers, paths, addresses and injected
faults in reprs are dropped, of exceptions only the class counts, a map among the attributes, and what is among the arguments of a message, equals its
JSON, spans are compared as
trees whose siblings have no order (the messages have one), and neighbouring messages that bluesky takes from a set are
sorted. What a message carries that is neither a
device nor data (a plan, a future, a class) is `<object>`, whatever it is called, and the tokens of subscriptions are
not looked at. Of keys that have an order, that of the data of an event is compared, and that of the objects of a
descriptor, unless the stream was declared with several objects, which bluesky puts in a set. Whether a move that a flyer
makes tells where it ended is a race of bluesky's threads, and not looked at.

Where bluesky 1.15.1 has a known fault, skyspan does what is documented, and the comparison allows it:
a run span carries the exit_status and reason of its RunStop document, and is ended however the run ends (an open_run
that is refused opens no run, so it leaves no run span);
an aborted run keeps its reason in the RunStop document; the interruptions stream counts its events;
the text of a failure is each implementation's own, in documents as in `close_run` messages.

Prints each difference; exits 0 where there is none, 1 otherwise.
"""

import json
import re
import sys
from itertools import groupby
from pathlib import Path

UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
VOLATILE = re.compile(r"( at 0x[0-9a-f]+)|((?<=timestamp=)[0-9.]+)|((?<=elapsed=)[0-9.]+)|((, | with )faults=\[.*?\](?=\)|$))")
SHORT = re.compile(r"\b([a-zA-Z_]+)-[0-9a-f]{6}\b")
OBJECT = re.compile(r"^<\w+>$")
TIMES = {"time", "start_time", "finish_time", "end_time", "start_ts", "finish_ts"}
RUN = "Bluesky RunEngine run"


class Names:
    """Gives each uid or generated group name the number of its first appearance."""

    def __init__(self):
        self.seen = {}

    def __call__(self, text):
        def number(match):
            return "#%d" % self.seen.setdefault(match.group(0), len(self.seen))

        return SHORT.sub(number, UID.sub(number, VOLATILE.sub("", text)))


def normal(value, names):
    if isinstance(value, str):
        return names(OBJECT.sub("<object>", value))
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        return float("%.9g" % value)
    if isinstance(value, list):
        return [normal(v, names) for v in value]
    return {names(k): normal(sorted(v) if k == "motors" else v, names) for k, v in value.items()}


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def concatenated(path):
    """JSON values that follow one another, as the console exporter prints them."""
    text, decoder, at, found = path.read_text(), json.JSONDecoder(), 0, []
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return found
        value, at = decoder.raw_decode(text, at)
        found.append(value)


def documents(directory):
    names, out, interruptions = Names(), [], set()
    declared = {
        message["kwargs"].get("name")
        for message in lines(directory / "messages.jsonl")
        if message["command"] == "declare_stream" and len(message["args"]) > 1
    }
    for name, doc in lines(directory / "documents.jsonl"):
        doc = {k: v for k, v in doc.items() if k not in TIMES | {"versions", "plan_type"}}
        for section in ("timestamps",):
            if section in doc:
                doc[section] = sorted(doc[section])
        for config in doc.get("configuration", {}).values():
            config["timestamps"] = sorted(config["timestamps"])
        if name == "descriptor" and doc.get("name") not in declared:
            doc["(objects)"] = list(doc.get("object_keys", {}))
        if name in ("event", "event_page"):
            doc["(data)"] = list(doc["data"])
        if name == "resource":
            doc["root"], doc["resource_path"] = "root", "path"
        if name == "descriptor" and doc.get("name") == "interruptions":
            interruptions.add(doc["uid"])
        if name == "event" and doc.get("descriptor") in interruptions:
            doc.pop("seq_num", None)
        if name == "stop":
            doc.pop("uid", None)
            doc.get("num_events", {}).pop("interruptions", None)
            if doc.get("exit_status") != "success":
                doc.pop("reason", None)
        out.append([name, normal(doc, names)])
    return out


def messages(directory, names=None, most=None):
    """The messages, or so many of them at most."""
    names, rows = names or Names(), []
    for message in lines(directory / "messages.jsonl")[:most]:
        if message["command"] == "sleep":
            message["args"] = []
        if message["command"] == "close_run" and message["kwargs"].get("exit_status") not in (None, "success"):
            message["kwargs"].pop("reason", None)
        if message["command"] == "unsubscribe":
            message["args"], message["kwargs"] = len(message["args"]), sorted(message["kwargs"])
        rows.append(normal(message, names))
    stretches = groupby(rows, lambda row: row["command"])
    return [row for _, stretch in stretches for row in sorted(stretch, key=json.dumps)]


def as_json(arg):
    """What an argument is of which OpenTelemetry may have the JSON text: a list or a map, or something beside such."""
    try:
        return json.loads(arg) if isinstance(arg, str) else arg
    except ValueError:
        return arg


def span_forest(directory):
    """Every span but the run spans, as [name, attributes and status, children], sorted."""
    spans = concatenated(directory / "spans.json")
    order = sorted(range(len(spans)), key=lambda i: spans[i]["start_time"])
    names, nodes, roots = Names(), {}, []
    messages(directory, names)  # numbers the groups as the messages do
    for i in order:
        span = spans[i]
        if span["name"] == RUN:
            continue
        attributes = {k.strip(): v for k, v in (span["attributes"] or {}).items() if k.strip() not in TIMES}
        if "obj" in attributes:
            attributes["obj"] = "given"  # its repr is taken while another thread changes it
        if span["parent_id"] is None:
            attributes.pop("finish_pos", None)  # a flyer moves in a thread of its own, and two threads race for this
        if isinstance(attributes.get("msg.args"), list):
            attributes["msg.args"] = [as_json(arg) for arg in attributes["msg.args"]]
        for key in ("msg.kwargs", "kwargs", "left", "right"):
            if isinstance(attributes.get(key), str):
                attributes[key] = json.loads(attributes[key])
        attributes["(status)"] = span["status"]["status_code"]
        exceptions = [event["attributes"].get("exception.type") for event in span["events"]]
        attributes["(exceptions)"] = [name and name.rsplit(".", 1)[-1] for name in exceptions]  # without the module
        nodes[span["context"]["span_id"]] = [span["name"], normal(attributes, names), []]
    for i in order:
        span = spans[i]
        if span["name"] != RUN:
            node = nodes[span["context"]["span_id"]]
            (nodes[span["parent_id"]][2] if span["parent_id"] in nodes else roots).append(node)
    for _, _, children in reversed(nodes.values()):  # children before their parents
        children.sort(key=json.dumps)
    return sorted(roots, key=json.dumps)


def run_spans_agree(directory):
    """Each run span carries what its RunStop document says, and no run lacks a span."""
    stops = [doc for name, doc in lines(directory / "documents.jsonl") if name == "stop"]
    said = sorted((s["exit_status"], s.get("reason") or "") for s in stops)
    spans = [s for s in concatenated(directory / "spans.json") if s["name"] == RUN]
    seen = sorted((s["attributes"].get("exit_status"), s["attributes"].get("reason") or "") for s in spans)
    return [] if said == seen else [f"run spans {seen} do not agree with RunStop documents {said}"]


def outcomes(directory):
    rows = json.loads((directory / "outcomes.json").read_text())
    return [{k: row.get(k) for k in ("exit_status", "exception")} for row in rows]


def differences(oracle, ours, path=""):
    if isinstance(oracle, dict) and isinstance(ours, dict):
        for key in sorted(set(oracle) | set(ours)):
            if key not in ours:
                yield f"{path}.{key}: missing (bluesky has {json.dumps(oracle[key])[:200]})"
            elif key not in oracle:
                yield f"{path}.{key}: extra ({json.dumps(ours[key])[:200]})"
            else:
                yield from differences(oracle[key], ours[key], f"{path}.{key}")
    elif isinstance(oracle, list) and isinstance(ours, list):
        if len(oracle) != len(ours):
            yield f"{path}: {len(oracle)} entries in bluesky, {len(ours)} in skyspan"
        for i, (a, b) in enumerate(zip(oracle, ours)):
            yield from differences(a, b, f"{path}[{i}]")
    elif oracle != ours:
        yield f"{path}: bluesky {json.dumps(oracle)[:200]}, skyspan {json.dumps(ours)[:200]}"


def compare(oracle, ours):
    """The differences of two recordings, a line each."""
    return [
        f"{part.__name__}{line}"
        for part in (outcomes, messages, documents, span_forest)
        for line in differences(part(oracle), part(ours))
    ]


def main(oracle_dir, our_dir):
    oracle, ours = Path(oracle_dir), Path(our_dir)
    found = compare(oracle, ours) + run_spans_agree(ours)
    for row in found[:40]:
        print(row)
    if len(found) > 40:
        print(f"... and {len(found) - 40} more")
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
