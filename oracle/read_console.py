#!/usr/bin/env python3
"""Read console JSON with Python's json, and check that it is the documentation's example.

usage: read_console.py FILE
"""

import json
import sys

NAMES = ["Ophyd Status", "Bluesky RunEngine set", "demo plan", "Bluesky RunEngine run"]


def values(text):
    decoder, at = json.JSONDecoder(), 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        yield value


with open(sys.argv[1]) as file:
    text = file.read()
spans = list(values(text))
assert [span["name"] for span in spans] == NAMES, spans
status, set_, plan, run = spans
assert status["parent_id"] == set_["context"]["span_id"] and set_["parent_id"] == plan["context"]["span_id"]
assert plan["parent_id"] is None and run["parent_id"] is None
assert plan["context"]["trace_id"] != run["context"]["trace_id"]
assert (run["attributes"]["exit_status"], run["attributes"]["reason"]) == ("success", "")
assert "".join(json.dumps(span, indent=4) + "\n" for span in spans) == text, "json.dumps gives the same bytes"
