"""Compares two files of console JSON: the same spans, in whatever order.

    python same_spans.py PRINTED RECEIVED
"""

import json
import sys


def spans(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(text):
        if text[at] != "{":
            at += 1
            continue
        span, at = decoder.raw_decode(text, at)
        found.append(json.dumps(span, sort_keys=True))
    return sorted(found)


printed, received = spans(sys.argv[1]), spans(sys.argv[2])
if not printed:
    sys.exit("the program printed no span")
if printed != received:
    print(f"{len(printed)} spans printed, {len(received)} received")
    for here, there in zip(printed, received):
        if here != there:
            sys.exit(f"printed:  {here}\nreceived: {there}")
    sys.exit(1)
